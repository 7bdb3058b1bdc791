#include "master/paxos/acceptor.h"

#include <gtest/gtest.h>

#include "master/paxos/build_test.h"
#include "master/paxos/invariants.h"
#include "master/paxos/learner.h"

namespace quorate::paxos::test {
namespace {

Accept accept(Ballot at, std::uint64_t position, Digest before, std::vector<std::string> payloads) {
  Accept accept{at, pos(position), before, {}, pos(0), kChainOrigin};
  for (std::string& payload : payloads) accept.entries.push_back(data(std::move(payload)));
  return accept;
}

template <typename T>
T only(const Answer& answer) {
  EXPECT_EQ(answer.messages.size(), 1u);
  if (answer.messages.size() != 1 || !std::holds_alternative<T>(answer.messages[0])) {
    ADD_FAILURE() << "another answer";
    return {};
  }
  return std::get<T>(answer.messages[0]);
}

TEST(Acceptor, PromisesAHigherBallotAndRecordsIt) {
  Acceptor acceptor(ballot(3));
  const Table table;

  const Answer answer = acceptor.on(Prepare{ballot(5), pos(1)}, table);

  EXPECT_EQ(only<Promise>(answer), (Promise{ballot(5), pos(0), kChainOrigin, {}}));
  EXPECT_EQ(answer.records, std::vector<Record>{PromiseRecord{ballot(5)}});
  EXPECT_EQ(acceptor.promised(), ballot(5));
}

TEST(Acceptor, RejectsALowerBallotWithoutARecord) {
  Acceptor acceptor(ballot(5));
  const Table table;

  const Answer answer = acceptor.on(Prepare{ballot(4, 9), pos(1)}, table);

  EXPECT_EQ(only<Rejected>(answer), (Rejected{ballot(4, 9), ballot(5)}));
  EXPECT_TRUE(answer.records.empty());
}

TEST(Acceptor, BallotsOfOneRoundAreOrderedByTheirReplica) {
  Acceptor acceptor(ballot(5, 2));
  const Table table;

  EXPECT_EQ(only<Rejected>(acceptor.on(Prepare{ballot(5, 1), pos(1)}, table)).promised,
            ballot(5, 2));
  EXPECT_EQ(only<Promise>(acceptor.on(Prepare{ballot(5, 3), pos(1)}, table)).ballot, ballot(5, 3));
}

TEST(Acceptor, RepeatsItsPromiseToTheSameBallotWithoutARecord) {
  Acceptor acceptor;
  const Table table;
  const Answer first = acceptor.on(Prepare{ballot(5), pos(1)}, table);

  const Answer again = acceptor.on(Prepare{ballot(5), pos(1)}, table);

  EXPECT_EQ(again.messages, first.messages);
  EXPECT_TRUE(again.records.empty());
}

TEST(Acceptor, DropsARoundThatLeapsTooFar) {
  Acceptor acceptor(ballot(7));
  Table table;

  EXPECT_EQ(acceptor.on(Prepare{ballot(8 + kRoundLeapMax), pos(1)}, table), Answer{});
  EXPECT_EQ(acceptor.on(accept(ballot(8 + kRoundLeapMax), 1, kChainOrigin, {"x"}), table),
            Answer{});
  EXPECT_EQ(acceptor.promised(), ballot(7));
  only<Promise>(acceptor.on(Prepare{ballot(7 + kRoundLeapMax), pos(1)}, table));
}

TEST(Acceptor, ReportsAllThatItHoldsFromTheAskedPosition) {
  Acceptor acceptor(ballot(2));
  const Table table = table_of({"a", "b", "c", "d"}, ballot(2), 3);

  const Promise promise = only<Promise>(acceptor.on(Prepare{ballot(5), pos(3)}, table));

  EXPECT_EQ(promise.learned, pos(3));
  EXPECT_EQ(promise.chain, chain_of({"a", "b", "c"}));
  EXPECT_EQ(promise.slots, (std::vector<Slot>{slot(3, ballot(2), "c"), slot(4, ballot(2), "d")}));
}

TEST(Acceptor, PositionsNearTheEndOfTheNumbersChangeNothing) {
  constexpr std::uint64_t kLast = ~std::uint64_t{0};
  for (std::uint64_t position : {kLast, kLast - 1, kLast - 2}) {
    Table table = table_of({"a", "b"}, ballot(1), 2);
    const Table before = table;
    Acceptor acceptor(ballot(1));
    const Answer answer = acceptor.on(accept(ballot(1), position, {}, {"x", "y"}), table);
    EXPECT_TRUE(answer.records.empty());
    EXPECT_EQ(table, before);
    EXPECT_TRUE(acceptor.on(Prepare{ballot(1), pos(position)}, table).records.empty());
    EXPECT_TRUE(learn(Learned{ballot(1), pos(position), {}}, table).records.empty());
    EXPECT_TRUE(fetch({pos(position), pos(kLast)}, table, 100).slots.empty());
    const Fetched hostile{pos(position), {}, {slot(position, ballot(1), "x")}, pos(kLast)};
    EXPECT_TRUE(learn(hostile, table).records.empty());
    EXPECT_EQ(table, before);
  }
}

// protocol.md 16: never "nothing accepted".
TEST(Acceptor, AskedBelowItsSnapshotAnswersWithItAndPromisesNothing) {
  Table table = table_of({"a", "b", "c"}, ballot(1), 3);
  const Digest chain = *table.chain(pos(2));
  table.truncate(pos(2));
  Acceptor acceptor(ballot(1));
  const Answer answer = acceptor.on(Prepare{ballot(2), pos(2)}, table);
  EXPECT_TRUE(answer.records.empty());
  ASSERT_EQ(answer.messages.size(), 1u);
  EXPECT_EQ(answer.messages.front(), Message(Truncated{ballot(2), pos(2), chain}));
  EXPECT_EQ(acceptor.promised(), ballot(1));
}

TEST(Acceptor, NeverSaysNothingAcceptedAboutPositionZero) {
  Acceptor acceptor;
  const Table table;

  EXPECT_EQ(acceptor.on(Prepare{ballot(5), pos(0)}, table), Answer{});
}

TEST(Acceptor, AcceptsInOrderAndRecordsEachSlotAfterThePromise) {
  Acceptor acceptor;
  Table table;

  const Answer answer = acceptor.on(accept(ballot(5), 1, kChainOrigin, {"a", "b"}), table);

  EXPECT_EQ(only<Accepted>(answer), (Accepted{ballot(5), pos(2)}));
  EXPECT_EQ(answer.records, (std::vector<Record>{PromiseRecord{ballot(5)},
                                                 SlotRecord{slot(1, ballot(5), "a"), false},
                                                 SlotRecord{slot(2, ballot(5), "b"), false}}));
}

TEST(Acceptor, AcceptingIsAPromise) {
  Acceptor acceptor(ballot(1));
  Table table;
  acceptor.on(accept(ballot(5), 1, kChainOrigin, {"new"}), table);

  const Answer late = acceptor.on(accept(ballot(4), 1, kChainOrigin, {"old"}), table);

  EXPECT_EQ(only<Rejected>(late), (Rejected{ballot(4), ballot(5)}));
  EXPECT_EQ(table.find(pos(1))->entry, data("new"));
}

TEST(Acceptor, AnswersARepeatedAcceptWithoutRecords) {
  Acceptor acceptor;
  Table table;
  acceptor.on(accept(ballot(5), 1, kChainOrigin, {"a", "b", "c"}), table);

  const Answer again = acceptor.on(accept(ballot(5), 1, kChainOrigin, {"a"}), table);

  EXPECT_EQ(only<Accepted>(again), (Accepted{ballot(5), pos(3)}));
  EXPECT_TRUE(again.records.empty());
}

TEST(Acceptor, MissesWhatLiesBelowAnAcceptOutOfOrder) {
  Acceptor acceptor;
  Table table;
  acceptor.on(accept(ballot(5), 1, kChainOrigin, {"a"}), table);

  const Answer answer = acceptor.on(accept(ballot(5), 3, chain_of({"a", "b"}), {"c"}), table);

  EXPECT_EQ(only<Missing>(answer), (Missing{ballot(5), pos(1)}));
  EXPECT_TRUE(answer.records.empty());
  EXPECT_EQ(table.end(), pos(1));
}

TEST(Acceptor, APredecessorOfAnotherBallotDoesNotCountEvenWithAnEqualChain) {
  Acceptor acceptor(ballot(5));
  Table table = table_of({"a"}, ballot(5), 0);

  const Answer answer = acceptor.on(accept(ballot(6), 2, chain_of({"a"}), {"b"}), table);

  EXPECT_EQ(only<Missing>(answer), (Missing{ballot(6), pos(0)}));
  EXPECT_EQ(acceptor.promised(), ballot(5));
}

TEST(Acceptor, ALearnedPredecessorCountsByTheSendersChain) {
  Acceptor acceptor(ballot(5));
  Table table = table_of({"a", "b"}, ballot(5), 2);

  const Answer fits = acceptor.on(accept(ballot(6), 3, chain_of({"a", "b"}), {"c"}), table);

  EXPECT_EQ(only<Accepted>(fits), (Accepted{ballot(6), pos(3)}));
}

TEST(Acceptor, RejectsAHistoryThatContradictsWhatIsLearnedAndDeposesNobody) {
  Acceptor acceptor(ballot(5));
  Table table = table_of({"a", "b"}, ballot(5), 2);
  const Table before = table;

  const Answer answer = acceptor.on(accept(ballot(6), 3, chain_of({"a", "x"}), {"c"}), table);

  EXPECT_EQ(only<Rejected>(answer), (Rejected{ballot(6), ballot(5)}));
  EXPECT_TRUE(answer.records.empty());
  EXPECT_EQ(table, before);
}

TEST(Acceptor, RejectsAProposalThatContradictsALearnedValue) {
  Acceptor acceptor(ballot(5));
  Table table = table_of({"a", "b"}, ballot(5), 2);

  const Answer answer = acceptor.on(accept(ballot(6), 2, chain_of({"a"}), {"x", "y"}), table);

  EXPECT_EQ(only<Rejected>(answer), (Rejected{ballot(6), ballot(5)}));
  EXPECT_EQ(table.end(), pos(2));
  EXPECT_EQ(table.find(pos(2))->entry, data("b"));
}

TEST(Acceptor, TakesEqualEntriesAtLearnedPositionsAsAccepted) {
  Acceptor acceptor(ballot(5));
  Table table = table_of({"a", "b"}, ballot(5), 2);

  const Answer answer = acceptor.on(accept(ballot(6), 1, kChainOrigin, {"a", "b", "c"}), table);

  EXPECT_EQ(only<Accepted>(answer), (Accepted{ballot(6), pos(3)}));
  EXPECT_EQ(answer.records, (std::vector<Record>{PromiseRecord{ballot(6)},
                                                 SlotRecord{slot(3, ballot(6), "c"), false}}));
}

// The story in acceptor.cpp: the slot below has the sender's ballot, but it was fetched.
TEST(Acceptor, AFetchedPredecessorDoesNotCountByItsBallot) {
  Acceptor acceptor(ballot(2));
  Table table;
  table.put(slot(1, ballot(7), "u"));
  table.put(slot(2, ballot(2), "x"));
  table.learn(pos(2));

  const Answer answer = acceptor.on(accept(ballot(2), 3, chain_of({"t", "x"}), {"y"}), table);

  only<Rejected>(answer);
  EXPECT_EQ(table.end(), pos(2));
}

TEST(Acceptor, KeepsOlderSlotsAboveAnOverwrittenOneButDoesNotCountThem) {
  Acceptor acceptor(ballot(5));
  Table table = table_of({"a", "b", "c"}, ballot(5), 0);

  const Answer answer = acceptor.on(accept(ballot(6), 1, kChainOrigin, {"x"}), table);

  EXPECT_EQ(only<Accepted>(answer), (Accepted{ballot(6), pos(1)}));
  ASSERT_EQ(table.end(), pos(3));
  EXPECT_EQ(table.find(pos(2))->ballot, ballot(5));
  EXPECT_EQ(broken(acceptor, table), std::nullopt);
}

TEST(Acceptor, RefusesASecondValueAtOneBallot) {
  Acceptor acceptor;
  Table table;
  acceptor.on(accept(ballot(5), 1, kChainOrigin, {"a"}), table);

  const Answer answer = acceptor.on(accept(ballot(5), 1, kChainOrigin, {"b"}), table);

  EXPECT_EQ(only<Rejected>(answer), (Rejected{ballot(5), ballot(5)}));
  EXPECT_EQ(table.find(pos(1))->entry, data("a"));
}

TEST(Acceptor, DropsAnAcceptThatNoProposerWouldSend) {
  Acceptor acceptor;
  Table table;

  EXPECT_EQ(acceptor.on(accept(ballot(5), 1, kChainOrigin, {}), table), Answer{});
  EXPECT_EQ(acceptor.on(accept(ballot(5), 0, kChainOrigin, {"a"}), table), Answer{});
  EXPECT_EQ(acceptor.on(accept(ballot(5), ~0ull, kChainOrigin, {"a"}), table), Answer{});
  EXPECT_EQ(acceptor.on(accept(Ballot{}, 1, kChainOrigin, {"a"}), table), Answer{});
  EXPECT_EQ(acceptor.on(Prepare{Ballot{}, pos(1)}, table), Answer{});
  EXPECT_EQ(acceptor, Acceptor{});
}

TEST(Acceptor, ConfirmsUntilAHigherBallotIsPromised) {
  Acceptor acceptor(ballot(5));

  EXPECT_EQ(only<Confirmed>(acceptor.on(Confirm{ballot(5)}, Table())), Confirmed{ballot(5)});
  EXPECT_EQ(only<Confirmed>(acceptor.on(Confirm{ballot(6)}, Table())), Confirmed{ballot(6)});
  EXPECT_EQ(only<Rejected>(acceptor.on(Confirm{ballot(4)}, Table())),
            (Rejected{ballot(4), ballot(5)}));
}

}  // namespace
}  // namespace quorate::paxos::test
