#include "master/paxos/learner.h"

#include <gtest/gtest.h>

#include "master/paxos/build_test.h"

namespace quorate::paxos::test {
namespace {

Learned watermark(Ballot at, std::vector<std::string> payloads) {
  return {at, pos(payloads.size()), chain_of(payloads)};
}

TEST(Learner, LearnsWhatWasAcceptedAtTheLeadersBallot) {
  Table table = table_of({"a", "b", "c"}, ballot(5), 1);

  const Lesson lesson = learn(watermark(ballot(5), {"a", "b"}), table);

  EXPECT_EQ(table.learned(), pos(2));
  EXPECT_EQ(lesson.records, (std::vector<Record>{LearnedRecord{pos(2), chain_of({"a", "b"})}}));
  EXPECT_EQ(lesson.fetch, std::nullopt);
}

TEST(Learner, LearnsOlderBallotsByTheChain) {
  Table table = table_of({"a", "b"}, ballot(3), 0);

  const Lesson lesson = learn(watermark(ballot(5), {"a", "b"}), table);

  EXPECT_EQ(table.learned(), pos(2));
  EXPECT_EQ(lesson.fetch, std::nullopt);
}

TEST(Learner, FetchesWhatNeitherBallotNorChainProves) {
  Table table = table_of({"a", "old"}, ballot(3), 1);

  const Lesson lesson = learn(watermark(ballot(5), {"a", "new", "c"}), table);

  EXPECT_EQ(table.learned(), pos(1));
  EXPECT_EQ(lesson.fetch, (Fetch{pos(2), pos(3)}));
  EXPECT_TRUE(lesson.records.empty());
}

TEST(Learner, LearnsTheProvenPartAndFetchesTheRest) {
  Table table = table_of({"a", "b"}, ballot(5), 0);

  const Lesson lesson = learn(watermark(ballot(5), {"a", "b", "c", "d"}), table);

  EXPECT_EQ(table.learned(), pos(2));
  EXPECT_EQ(lesson.fetch, (Fetch{pos(3), pos(4)}));
}

// protocol.md 7: OLD was accepted late at 4; a watermark of 10 must not make it chosen.
TEST(Learner, ALateOldAtFourIsNotLearnedByAWatermarkOfTen) {
  Table table = table_of({"1", "2", "3"}, ballot(5), 3);
  table.put(slot(4, ballot(2), "OLD"));
  const std::vector<std::string> chosen = {"1", "2", "3", "NEW", "5", "6", "7", "8", "9", "10"};

  const Lesson lesson = learn(watermark(ballot(5), chosen), table);

  EXPECT_EQ(table.learned(), pos(3));
  EXPECT_EQ(lesson.fetch, (Fetch{pos(4), pos(10)}));
}

TEST(Learner, ARepeatedWatermarkTeachesNothing) {
  Table table = table_of({"a", "b"}, ballot(5), 2);

  EXPECT_EQ(learn(watermark(ballot(5), {"a", "b"}), table), Lesson{});
  EXPECT_EQ(learn(watermark(ballot(4), {"a"}), table), Lesson{});
  EXPECT_EQ(learn(Learned{ballot(4), pos(0), kChainOrigin}, table), Lesson{});
}

TEST(Learner, ReportsAWatermarkThatContradictsWhatIsLearned) {
  Table table = table_of({"a", "b"}, ballot(5), 2);

  EXPECT_EQ(learn(watermark(ballot(6), {"a", "x"}), table).contradiction, pos(2));
  EXPECT_EQ(table, table_of({"a", "b"}, ballot(5), 2));
}

TEST(Learner, DoesNotLearnByBallotAboveAContradictedHistory) {
  Table table = table_of({"a", "b"}, ballot(5), 1);

  const Lesson lesson = learn(watermark(ballot(5), {"x", "b"}), table);

  EXPECT_EQ(lesson.contradiction, pos(2));
  EXPECT_EQ(table.learned(), pos(1));
}

TEST(Learner, StoresFetchedEntriesAsLearned) {
  const Table source = table_of({"a", "b", "c"}, ballot(5), 3);
  Table table = table_of({"a"}, ballot(5), 1);

  const Lesson lesson = learn(fetch({pos(2), pos(3)}, source, 1000), table);

  EXPECT_EQ(table.learned_chain(), source.learned_chain());
  EXPECT_EQ(lesson.records,
            (std::vector<Record>{SlotRecord{slot(2, ballot(5), "b"), true},
                                 SlotRecord{slot(3, ballot(5), "c"), true},
                                 LearnedRecord{pos(3), chain_of({"a", "b", "c"})}}));
}

TEST(Learner, AFetchedValueReplacesAnUnlearnedOneAndWhatWasAboveIt) {
  const Table source = table_of({"a", "new"}, ballot(6), 2);
  Table table = table_of({"a", "old", "above"}, ballot(5), 1);

  learn(fetch({pos(2), pos(2)}, source, 1000), table);

  EXPECT_EQ(table.find(pos(2))->entry, data("new"));
  EXPECT_EQ(table.end(), pos(2));
}

TEST(Learner, AFetchedValueThatIsHeldKeepsWhatIsAboveIt) {
  const Table source = table_of({"a", "b"}, ballot(6), 2);
  Table table = table_of({"a", "b", "above"}, ballot(5), 1);

  const Lesson lesson = learn(fetch({pos(1), pos(2)}, source, 1000), table);

  EXPECT_EQ(table.learned(), pos(2));
  EXPECT_EQ(table.end(), pos(3));
  EXPECT_EQ(lesson.records, (std::vector<Record>{LearnedRecord{pos(2), chain_of({"a", "b"})}}));
}

TEST(Learner, ReportsAFetchedValueThatContradictsALearnedOneAndKeepsIt) {
  const Table source = table_of({"a", "x", "c"}, ballot(6), 3);
  Table table = table_of({"a", "b"}, ballot(5), 2);
  const Table before = table;

  EXPECT_EQ(learn(fetch({pos(1), pos(3)}, source, 1000), table).contradiction, pos(2));
  EXPECT_EQ(learn(fetch({pos(3), pos(3)}, source, 1000), table).contradiction, pos(2));
  EXPECT_EQ(table, before);
}

TEST(Learner, IgnoresFetchedBytesThatNoReplicaWouldSend) {
  Table table = table_of({"a"}, ballot(5), 1);
  const Table before = table;
  const Slot two = slot(2, ballot(5), "b");
  const Slot three = slot(3, ballot(5), "c");

  EXPECT_EQ(learn(Fetched{pos(0), kChainOrigin, {two}, pos(9)}, table), Lesson{});
  EXPECT_EQ(learn(Fetched{pos(2), chain_of({"a"}), {three}, pos(9)}, table), Lesson{});
  EXPECT_EQ(learn(Fetched{pos(2), chain_of({"a"}), {two, two}, pos(9)}, table), Lesson{});
  EXPECT_EQ(learn(Fetched{pos(2), chain_of({"a"}), {two}, pos(1)}, table), Lesson{});
  EXPECT_EQ(learn(Fetched{pos(3), chain_of({"a", "b"}), {three}, pos(9)}, table), Lesson{});
  EXPECT_EQ(table, before);
}

TEST(Learner, ServesLearnedSlotsOnlyAndAtLeastOne) {
  const Table table = table_of({"aaaa", "bbbb", "cccc", "dddd"}, ballot(5), 3);

  EXPECT_EQ(fetch({pos(1), pos(9)}, table, 1000).slots.size(), 3u);
  EXPECT_EQ(fetch({pos(1), pos(2)}, table, 1000).slots.size(), 2u);
  EXPECT_EQ(fetch({pos(1), pos(9)}, table, 8).slots.size(), 2u);
  EXPECT_EQ(fetch({pos(2), pos(9)}, table, 0).slots.size(), 1u);
  EXPECT_EQ(fetch({pos(2), pos(9)}, table, 0).chain_before, chain_of({"aaaa"}));
  EXPECT_TRUE(fetch({pos(4), pos(9)}, table, 1000).slots.empty());
  EXPECT_TRUE(fetch({pos(0), pos(9)}, table, 1000).slots.empty());
  EXPECT_EQ(fetch({pos(4), pos(9)}, table, 1000).learned, pos(3));
}

}  // namespace
}  // namespace quorate::paxos::test
