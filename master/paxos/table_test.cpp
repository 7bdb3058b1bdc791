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

TEST(Table, ForgetsWhatASnapshotCoversAndKnowsItsChainStill) {
  Table table = table_of({"a", "b", "c", "d"}, ballot(5), 3);
  const Table whole = table;
  table.truncate(pos(2));

  EXPECT_EQ(table.begin(), pos(3));
  EXPECT_EQ(table.find(pos(2)), std::nullopt);
  for (std::uint64_t p = 2; p <= 4; ++p)
    EXPECT_EQ(table.held_chain(pos(p)), whole.held_chain(pos(p))) << p;
  for (std::uint64_t p = 3; p <= 4; ++p) EXPECT_EQ(table.find(pos(p)), whole.find(pos(p))) << p;
  EXPECT_EQ(table.chain(pos(1)), std::nullopt);
}

TEST(Table, ASnapshotOfAnotherReplicaKeepsWhatIsHeldAboveIt) {
  const Table whole = table_of({"a", "b", "c", "d"}, ballot(5), 3);
  Table table = table_of({"a", "b", "c", "d"}, ballot(5), 1);
  table.install(pos(3), *whole.chain(pos(3)));

  EXPECT_EQ(table.learned(), pos(3));
  EXPECT_EQ(table.find(pos(4)), whole.find(pos(4)));  // it may be a vote
  EXPECT_EQ(table.held_chain(pos(4)), whole.held_chain(pos(4)));
  table.learn(pos(4));
  EXPECT_EQ(table.chain(pos(4)), whole.held_chain(pos(4)));

  Table behind = table_of({"a"}, ballot(5), 1);
  behind.install(pos(3), *whole.chain(pos(3)));
  EXPECT_EQ(behind.end(), pos(3));
  behind.put(*whole.find(pos(4)));
  EXPECT_EQ(behind.held_chain(pos(4)), whole.held_chain(pos(4)));
}

TEST(Table, TheChainOfWhatIsHeldFollowsEveryReplacement) {
  Table table = table_of({"a", "b", "c"}, ballot(5), 1);
  table.put(slot(2, ballot(6), "B"));
  Table fresh = table_of({"a", "B", "c"}, ballot(5), 1);
  EXPECT_EQ(table.held_chain(pos(3)), fresh.held_chain(pos(3)));
  table.put(slot(3, ballot(6), "C"));
  fresh = table_of({"a", "B", "C"}, ballot(5), 1);
  EXPECT_EQ(table.held_chain(pos(3)), fresh.held_chain(pos(3)));
  table.learn(pos(3));
  EXPECT_EQ(table.chain(pos(3)), fresh.held_chain(pos(3)));
}

// Besides the payloads (issue 3): ballot, assumed chain, kind and pointer, and the chain value.
TEST(Table, ASlotTakesAtMost64BytesBesidesItsPayload) { EXPECT_LE(Table::bytes_per_slot(), 64U); }

TEST(TableDeathTest, NeverChangesALearnedEntryNorLeavesAHole) {
  Table table = table_of({"a"}, ballot(5), 1);

  EXPECT_DEATH(table.put(slot(1, ballot(9), "x")), "same_entry");
  EXPECT_DEATH(table.put(slot(3, ballot(9), "c")), "slot.position");
  EXPECT_DEATH(table.drop_above(pos(0)), "learned");
  EXPECT_DEATH(table.learn(pos(2)), "position <= end");
}

}  // namespace
}  // namespace quorate::paxos::test
