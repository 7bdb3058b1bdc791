#include "master/paxos/table.h"

#include <gtest/gtest.h>

#include "master/paxos/build_test.h"

namespace quorate::paxos::test {
namespace {

TEST(Table, IsBornWithNothingHeldAndPositionZeroLearned) {
  const Table table;

  EXPECT_EQ(table.begin(), pos(1));
  EXPECT_EQ(table.end(), pos(0));
  EXPECT_EQ(table.learned(), pos(0));
  EXPECT_EQ(table.learned_chain(), kChainOrigin);
  EXPECT_EQ(table.chain(pos(1)), std::nullopt);
  EXPECT_EQ(table.held_chain(pos(1)), std::nullopt);
  EXPECT_EQ(table.find(pos(0)), std::nullopt);
  EXPECT_EQ(table.find(pos(1)), std::nullopt);
}

TEST(Table, KnowsTheChainOfWhatIsLearnedAndComputesThatOfWhatIsHeld) {
  const Table table = table_of({"a", "b", "c"}, ballot(1), 2);

  EXPECT_EQ(table.chain(pos(2)), chain_of({"a", "b"}));
  EXPECT_EQ(table.chain(pos(3)), std::nullopt);
  EXPECT_EQ(table.held_chain(pos(3)), chain_of({"a", "b", "c"}));
  EXPECT_EQ(table.held_chain(pos(1)), chain_of({"a"}));
  EXPECT_EQ(table.held_chain(pos(4)), std::nullopt);
}

TEST(Table, TheChainDependsOnEveryFieldButTheBallot) {
  const Digest base = chain_after(kChainOrigin, pos(1), data("a"));

  EXPECT_NE(chain_after(Digest{1, 0}, pos(1), data("a")), base);
  EXPECT_NE(chain_after(kChainOrigin, pos(2), data("a")), base);
  EXPECT_NE(chain_after(kChainOrigin, pos(1), data("b")), base);
  EXPECT_NE(chain_after(kChainOrigin, pos(1), data("a", Digest{0, 1})), base);
  EXPECT_NE(chain_after(kChainOrigin, pos(1), Entry{EntryKind::Genesis, {}, "a"}), base);
  EXPECT_EQ(table_of({"a"}, ballot(1), 1).learned_chain(),
            table_of({"a"}, ballot(9), 1).learned_chain());
}

TEST(Table, ReplacesAnUnlearnedSlotAndKeepsThoseAbove) {
  Table table = table_of({"a", "b", "c"}, ballot(1), 1);

  table.put(slot(2, ballot(2), "x"));

  EXPECT_EQ(table.find(pos(2))->entry, data("x"));
  EXPECT_EQ(table.end(), pos(3));
}

TEST(Table, KeepsTheHigherBallotOfALearnedSlot) {
  Table table = table_of({"a"}, ballot(5), 1);

  table.put(slot(1, ballot(3), "a"));
  EXPECT_EQ(table.find(pos(1))->ballot, ballot(5));
  table.put(slot(1, ballot(7), "a"));
  EXPECT_EQ(table.find(pos(1))->ballot, ballot(7));
}

TEST(Table, DropsWhatIsAbove) {
  Table table = table_of({"a", "b", "c"}, ballot(1), 1);

  table.drop_above(pos(1));

  EXPECT_EQ(table.end(), pos(1));
  EXPECT_EQ(table.learned(), pos(1));
}

TEST(TableDeathTest, NeverChangesALearnedEntryNorLeavesAHole) {
  Table table = table_of({"a"}, ballot(5), 1);

  EXPECT_DEATH(table.put(slot(1, ballot(9), "x")), "same_entry");
  EXPECT_DEATH(table.put(slot(3, ballot(9), "c")), "slot.position");
  EXPECT_DEATH(table.drop_above(pos(0)), "learned");
  EXPECT_DEATH(table.learn(pos(2)), "position <= end");
}

}  // namespace
}  // namespace quorate::paxos::test
