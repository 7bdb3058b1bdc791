#include "master/paxos/proposer.h"

#include <gtest/gtest.h>

#include "master/paxos/build_test.h"

namespace quorate::paxos::test {
namespace {

const Genesis kEnsemble{{1, 2}, {}};

// Replica 1's proposer among 1, 2, 3 with quorum 2; the test plays the acceptors.
struct Bench {
  Proposer proposer{replica(1), 2};
  std::vector<Outgoing> sent;

  Bench() {
    proposer.set_members({replica(1), replica(2), replica(3)});
    proposer.set_voters({replica(1), replica(2), replica(3)});
  }
  void take() { sent = proposer.take_outgoing(); }
  // What was taken last for `to` of kind T.
  template <typename T>
  std::vector<T> to(std::uint64_t who) const {
    std::vector<T> found;
    for (const Outgoing& out : sent)
      if (out.to == replica(who) && std::holds_alternative<T>(out.message))
        found.push_back(std::get<T>(out.message));
    return found;
  }
  // The request number of the last message taken for `who`.
  RequestNumber last_request(std::uint64_t who) const {
    RequestNumber last;
    for (const Outgoing& out : sent)
      if (out.to == replica(who)) last = out.request;
    return last;
  }
  template <typename T>
  void answer(std::uint64_t who, const T& message) {
    proposer.on(replica(who), last_request(who), message);
  }
  Promise promise(Position learned = {}, Digest chain = {}, std::vector<Slot> slots = {}) const {
    return {proposer.ballot(), learned, chain, std::move(slots)};
  }
  Accepted accepted(std::uint64_t up_to) const { return {proposer.ballot(), pos(up_to)}; }

  // Up to and including the own promise; then the Prepares for 2 and 3 are in `sent`.
  void prepare(Ballot at = ballot(1), const Table& table = {}, const Promise* own = nullptr) {
    proposer.lead(at, table, kEnsemble);
    take();
    answer(1, own ? *own : promise(table.learned(), table.learned_chain()));
    take();
  }
  // Leading an empty log; the Accepts of the Genesis are in `sent`.
  void lead() {
    prepare();
    answer(2, promise());
    take();
  }
  void establish() {
    lead();
    answer(1, accepted(1));
    answer(2, accepted(1));
    take();
  }
};

TEST(Proposer, AsksItselfBeforeAnybodyElse) {
  Bench bench;
  bench.proposer.lead(ballot(1), Table{}, kEnsemble);
  bench.take();

  EXPECT_EQ(bench.sent.size(), 1u);
  EXPECT_EQ(bench.to<Prepare>(1), std::vector{(Prepare{ballot(1), pos(1)})});

  bench.proposer.on(replica(2), bench.last_request(1), bench.promise());
  bench.take();
  EXPECT_TRUE(bench.sent.empty());
  EXPECT_EQ(bench.proposer.phase(), Proposer::Phase::OwnPromise);
}

TEST(Proposer, PreparesTheOthersAfterItsOwnPromise) {
  Bench bench;
  bench.prepare();

  EXPECT_EQ(bench.proposer.phase(), Proposer::Phase::Preparing);
  EXPECT_EQ(bench.to<Prepare>(2).size(), 1u);
  EXPECT_EQ(bench.to<Prepare>(3).size(), 1u);
  EXPECT_TRUE(bench.to<Prepare>(1).empty());
}

TEST(Proposer, WritesGenesisIntoAnEmptyLog) {
  Bench bench;
  bench.lead();

  const Accept accept{ballot(1), pos(1), {}, {genesis_entry(kEnsemble)}, pos(0), kChainOrigin};
  for (std::uint64_t who : {1u, 2u, 3u}) EXPECT_EQ(bench.to<Accept>(who), std::vector{accept});
  EXPECT_FALSE(bench.proposer.established());
  EXPECT_EQ(genesis_ensemble(accept.entries[0]), kEnsemble.ensemble);
}

TEST(Proposer, LeadsAloneWithAQuorumOfOne) {
  Proposer proposer(replica(1), 1);
  proposer.set_members({replica(1)});
  proposer.set_voters({replica(1)});
  proposer.lead(ballot(1), Table{}, kEnsemble);
  const auto prepare = proposer.take_outgoing();
  proposer.on(replica(1), prepare[0].request, Promise{ballot(1), {}, {}, {}});
  const auto accept = proposer.take_outgoing();
  ASSERT_EQ(accept.size(), 1u);
  proposer.on(replica(1), accept[0].request, Accepted{ballot(1), pos(1)});

  EXPECT_TRUE(proposer.established());
}

TEST(Proposer, CountsAReplicaOnce) {
  Bench bench;
  bench.proposer.set_members({replica(1), replica(2), replica(3), replica(4), replica(5)});
  bench.proposer = Proposer(replica(1), 3);
  bench.proposer.set_members({replica(1), replica(2), replica(3), replica(4), replica(5)});
  bench.proposer.set_voters({replica(1), replica(2), replica(3), replica(4), replica(5)});
  bench.prepare();

  bench.answer(2, bench.promise());
  bench.answer(2, bench.promise());
  EXPECT_EQ(bench.proposer.phase(), Proposer::Phase::Preparing);

  bench.answer(3, bench.promise());
  EXPECT_EQ(bench.proposer.phase(), Proposer::Phase::Leading);
}

TEST(Proposer, CountsOnlyVoters) {
  Bench bench;
  bench.proposer.set_voters({replica(1), replica(3)});
  bench.prepare();

  bench.answer(2, bench.promise());
  EXPECT_EQ(bench.proposer.phase(), Proposer::Phase::Preparing);
  bench.answer(3, bench.promise());
  bench.take();
  bench.answer(1, bench.accepted(1));
  bench.answer(2, bench.accepted(1));
  EXPECT_EQ(bench.proposer.chosen(), pos(0));
  bench.answer(3, bench.accepted(1));
  EXPECT_EQ(bench.proposer.chosen(), pos(1));
}

TEST(Proposer, AMemberThatBecomesAVoterIsAskedAgain) {
  Bench bench;
  bench.proposer.set_voters({replica(1), replica(3)});
  bench.prepare();
  bench.answer(2, bench.promise(pos(0), {}, {slot(1, ballot(0, 9), "unheard")}));

  bench.proposer.set_voters({replica(1), replica(2), replica(3)});
  EXPECT_EQ(bench.proposer.phase(), Proposer::Phase::Preparing);
  bench.proposer.repeat();
  bench.take();

  EXPECT_EQ(bench.to<Prepare>(2).size(), 1u);
}

TEST(Proposer, ProposesTheHighestBallotsValuesAgainThenANoOpOfItsOwn) {
  Bench bench;
  const Promise own{ballot(9), {}, {}, {slot(1, ballot(3), "low"), slot(2, ballot(3), "two")}};
  bench.prepare(ballot(9), {}, &own);

  bench.answer(2, bench.promise({}, {}, {slot(1, ballot(5, 2), "high")}));
  bench.take();

  const Accept accept = bench.to<Accept>(2).at(0);
  EXPECT_EQ(accept.entries, (std::vector<Entry>{data("high"), data("two"), Entry::no_op()}));
  EXPECT_EQ(accept.chain_before, kChainOrigin);
  EXPECT_EQ(bench.proposer.first_own(), pos(3));
}

TEST(Proposer, ALearnedValueBindsWhateverItsBallot) {
  Bench bench;
  const Promise own{ballot(9), {}, {}, {slot(1, ballot(7), "accepted")}};
  bench.prepare(ballot(9), {}, &own);

  bench.answer(2, bench.promise(pos(1), chain_of({"chosen"}), {slot(1, ballot(2), "chosen")}));
  bench.take();

  EXPECT_EQ(bench.to<Accept>(2).at(0).entries.at(0), data("chosen"));
}

TEST(Proposer, FillsHolesWithNoOps) {
  Bench bench;
  bench.prepare(ballot(9));

  bench.answer(2, bench.promise({}, {}, {slot(3, ballot(2), "three")}));
  bench.take();

  EXPECT_EQ(bench.to<Accept>(2).at(0).entries,
            (std::vector<Entry>{Entry::no_op(), Entry::no_op(), data("three"), Entry::no_op()}));
}

TEST(Proposer, IgnoresPromisesThatNoAcceptorWouldMake) {
  Bench bench;
  bench.prepare(ballot(9));

  bench.answer(2, bench.promise({}, {}, {slot(1ull << 60, ballot(2), "far")}));
  bench.answer(2, bench.promise({}, {}, {slot(2, ballot(2), "b"), slot(1, ballot(2), "a")}));
  bench.answer(2, bench.promise({}, {}, {slot(1, ballot(10), "above its own promise")}));
  bench.answer(2, bench.promise(pos(4), {}, {slot(1, ballot(2), "and where are the others?")}));
  bench.answer(2, bench.promise(pos(2), {}, {slot(2, ballot(2), "a learned hole")}));
  EXPECT_EQ(bench.proposer.phase(), Proposer::Phase::Preparing);

  bench.answer(2, bench.promise());
  EXPECT_EQ(bench.proposer.phase(), Proposer::Phase::Leading);
}

TEST(Proposer, StartsAboveWhatItHasLearned) {
  Bench bench;
  bench.prepare(ballot(9), table_of({"a", "b"}, ballot(1), 2));
  EXPECT_EQ(bench.to<Prepare>(2).at(0).from, pos(3));

  bench.answer(2, bench.promise(pos(2), chain_of({"a", "b"})));
  bench.take();

  const Accept accept = bench.to<Accept>(2).at(0);
  EXPECT_EQ(accept.position, pos(3));
  EXPECT_EQ(accept.chain_before, chain_of({"a", "b"}));
  EXPECT_EQ(accept.entries, std::vector<Entry>{Entry::no_op()});
  EXPECT_EQ(accept.chosen, pos(2));
}

TEST(Proposer, AnAppendedEntryAssumesTheChainBelowIt) {
  Bench bench;
  bench.establish();
  const Digest genesis = chain_after(kChainOrigin, pos(1), genesis_entry(kEnsemble));

  EXPECT_EQ(bench.proposer.append("one"), pos(2));
  EXPECT_EQ(bench.proposer.append("two"), pos(3));
  bench.take();

  const Accept accept = bench.to<Accept>(3).at(0);
  EXPECT_EQ(accept.entries.at(0), data("one", genesis));
  EXPECT_EQ(accept.entries.at(1), data("two", chain_after(genesis, pos(2), data("one", genesis))));
  EXPECT_EQ(accept.chain_before, genesis);
}

TEST(Proposer, TellsTheWatermarkAtOnceByLearnedOrByTheNextAccept) {
  Bench bench;
  bench.establish();
  EXPECT_EQ(bench.to<Learned>(3).at(0).chosen, pos(1));

  bench.proposer.append("two");
  bench.take();
  bench.answer(1, bench.accepted(2));
  bench.answer(3, bench.accepted(2));
  bench.proposer.append("three");
  bench.take();

  EXPECT_TRUE(bench.to<Learned>(2).empty());
  EXPECT_EQ(bench.to<Accept>(2).at(0).chosen, pos(2));
}

TEST(Proposer, ChosenNeedsAQuorumThatHoldsEverythingUpToIt) {
  Bench bench;
  bench.establish();
  bench.proposer.append("two");
  bench.proposer.append("three");
  bench.take();

  bench.answer(3, bench.accepted(3));
  EXPECT_EQ(bench.proposer.chosen(), pos(1));
  bench.answer(2, bench.accepted(2));
  EXPECT_EQ(bench.proposer.chosen(), pos(2));
  bench.answer(1, bench.accepted(3));
  EXPECT_EQ(bench.proposer.chosen(), pos(3));
  EXPECT_EQ(bench.proposer.in_flight(), 0u);
}

TEST(Proposer, IgnoresAnAcceptedBeyondWhatItSent) {
  Bench bench;
  bench.lead();

  bench.answer(2, bench.accepted(99));
  bench.answer(3, bench.accepted(99));

  EXPECT_EQ(bench.proposer.chosen(), pos(0));
}

TEST(Proposer, AHigherPromiseDeposesItAtOnceAndForGood) {
  Bench bench;
  bench.establish();
  bench.proposer.append("lost");
  bench.answer(2, Rejected{ballot(1), ballot(4, 3)});

  EXPECT_EQ(bench.proposer.phase(), Proposer::Phase::Idle);
  EXPECT_EQ(bench.proposer.take_deposed(), ballot(4, 3));
  EXPECT_EQ(bench.proposer.take_deposed(), std::nullopt);
  bench.proposer.repeat();
  bench.take();
  EXPECT_TRUE(bench.sent.empty());
}

TEST(Proposer, IsNotDeposedByAContradictionNorByARefusalOfAnotherBallot) {
  Bench bench;
  bench.establish();

  bench.answer(2, Rejected{ballot(1), ballot(1)});
  bench.answer(2, Rejected{ballot(7), ballot(9)});
  bench.proposer.on(replica(8), bench.last_request(2), Rejected{ballot(1), ballot(9)});

  EXPECT_EQ(bench.proposer.phase(), Proposer::Phase::Leading);
}

TEST(Proposer, IgnoresAnswersToEarlierTermsAndToRequestsThatItNeverSent) {
  Bench bench;
  bench.prepare(ballot(1));
  const RequestNumber old = bench.last_request(2);
  bench.proposer.step_down();
  bench.prepare(ballot(2));

  bench.proposer.on(replica(2), old, bench.promise());
  bench.proposer.on(replica(2), request(999), bench.promise());
  EXPECT_EQ(bench.proposer.phase(), Proposer::Phase::Preparing);
}

TEST(Proposer, SendsWhatIsMissingOnceForAllAcceptsBehindTheGap) {
  Bench bench;
  bench.establish();
  bench.proposer.append("two");
  bench.take();
  const RequestNumber first = bench.last_request(3);
  bench.proposer.append("three");
  bench.take();
  const RequestNumber second = bench.last_request(3);

  bench.proposer.on(replica(3), first, Missing{ballot(1), pos(1)});
  bench.take();
  EXPECT_EQ(bench.to<Accept>(3).at(0).entries.size(), 2u);
  bench.proposer.on(replica(3), second, Missing{ballot(1), pos(1)});
  bench.take();
  EXPECT_TRUE(bench.to<Accept>(3).empty());
}

TEST(Proposer, LetsAFollowerBehindWhatIsKeptFetchFirst) {
  Bench bench;
  bench.establish();
  for (int i = 0; i < 2000; ++i) bench.proposer.append("entry");
  bench.take();
  bench.answer(1, bench.accepted(2001));
  bench.answer(2, bench.accepted(2001));
  ASSERT_EQ(bench.proposer.chosen(), pos(2001));
  bench.proposer.append("last");
  bench.take();

  bench.answer(3, Missing{ballot(1), pos(1)});
  bench.take();
  EXPECT_TRUE(bench.to<Accept>(3).empty());
  bench.proposer.repeat();
  bench.take();
  bench.answer(3, Missing{ballot(1), pos(2001)});
  bench.take();
  ASSERT_EQ(bench.to<Accept>(3).size(), 1u);
  EXPECT_EQ(bench.to<Accept>(3).at(0).position, pos(2002));
}

TEST(Proposer, RepeatsPreparesOnlyToThoseThatDidNotPromise) {
  Bench bench;
  bench.proposer = Proposer(replica(1), 3);
  bench.proposer.set_members({replica(1), replica(2), replica(3)});
  bench.proposer.set_voters({replica(1), replica(2), replica(3)});
  bench.prepare();
  bench.answer(2, bench.promise());

  bench.proposer.repeat();
  bench.take();

  EXPECT_EQ(bench.sent.size(), 1u);
  EXPECT_EQ(bench.to<Prepare>(3).size(), 1u);
}

TEST(Proposer, RepeatsTheWindowToThoseWhoAnsweredNothingMeanwhileAndTheWatermarkToAll) {
  Bench bench;
  bench.establish();
  bench.proposer.append("two");
  bench.take();
  bench.proposer.repeat();
  bench.take();
  EXPECT_TRUE(bench.to<Accept>(2).empty());  // what was sent may be on its way
  bench.answer(1, bench.accepted(2));

  bench.proposer.repeat();
  bench.take();

  EXPECT_TRUE(bench.to<Accept>(1).empty());
  EXPECT_EQ(bench.to<Accept>(2).at(0).position, pos(2));
  EXPECT_EQ(bench.to<Accept>(3).at(0).position, pos(2));
  for (std::uint64_t who : {1u, 2u, 3u}) EXPECT_EQ(bench.to<Learned>(who).size(), 1u);
}

// Else it fetches what it lacks, by then lacks the next entry, and accepts nothing under load.
TEST(Proposer, SendsAFollowerThatMissesALittleWhatIsChosenAlready) {
  Bench bench;
  bench.establish();
  for (const char* payload : {"two", "three", "four"}) bench.proposer.append(payload);
  bench.take();
  bench.answer(1, bench.accepted(4));
  bench.answer(2, bench.accepted(4));
  ASSERT_EQ(bench.proposer.chosen(), pos(4));

  bench.answer(3, Missing{bench.proposer.ballot(), pos(1)});
  bench.take();
  ASSERT_EQ(bench.to<Accept>(3).size(), 1u);
  EXPECT_EQ(bench.to<Accept>(3).at(0).position, pos(2));
  EXPECT_EQ(bench.to<Accept>(3).at(0).entries.size(), 3u);
}

TEST(Proposer, AMemberOfMidTermGetsWhatTheOthersGot) {
  Bench bench;
  bench.establish();
  bench.proposer.append("two");
  bench.take();
  bench.proposer.set_members({replica(1), replica(2), replica(3), replica(4)});
  bench.take();

  EXPECT_EQ(bench.sent.size(), 1u);
  EXPECT_EQ(bench.to<Accept>(4).at(0).position, pos(2));

  Bench preparing;
  preparing.prepare();
  preparing.proposer.set_members({replica(1), replica(2), replica(3), replica(4)});
  preparing.take();
  EXPECT_EQ(preparing.to<Prepare>(4).size(), 1u);
}

TEST(Proposer, SplitsALongWindowIntoSeveralAccepts) {
  Bench bench;
  bench.establish();
  for (int i = 0; i < 300; ++i) bench.proposer.append("x");
  bench.take();
  const auto by_count = bench.to<Accept>(2);
  ASSERT_EQ(by_count.size(), 2u);
  EXPECT_EQ(by_count[0].entries.size(), 256u);
  EXPECT_EQ(by_count[1].position, pos(258));

  for (int i = 0; i < 3; ++i) bench.proposer.append(Bytes(400'000, 'x'));
  bench.proposer.append(Bytes(2'000'000, 'x'));
  bench.take();
  const auto by_bytes = bench.to<Accept>(2);
  ASSERT_EQ(by_bytes.size(), 3u);
  EXPECT_EQ(by_bytes[0].entries.size(), 2u);
  EXPECT_EQ(by_bytes[2].entries.size(), 1u);
}

// More would pile up in front of a slow follower and be dropped on the way.
TEST(Proposer, SendsAFollowerSomeMebibytesBeyondItsWordAndMoreWhenItAnswers) {
  Bench bench;
  bench.establish();
  for (int i = 0; i < 30; ++i) bench.proposer.append(Bytes(1 << 20, 'x'));
  bench.take();
  EXPECT_EQ(bench.to<Accept>(2).size(), 12u);
  const RequestNumber request = bench.last_request(2);
  bench.take();
  EXPECT_TRUE(bench.sent.empty());

  bench.proposer.on(replica(2), request, bench.accepted(3));
  bench.take();
  EXPECT_EQ(bench.to<Accept>(2).size(), 2u);
  EXPECT_TRUE(bench.to<Accept>(3).empty()) << "it has not answered";
}

TEST(Proposer, AReadBarrierNeedsAQuorumThatWasAskedAfterItBegan) {
  Bench bench;
  bench.establish();
  const RequestNumber first = bench.proposer.confirm();
  bench.take();
  EXPECT_EQ(bench.to<Confirm>(2).size(), 1u);
  const RequestNumber second = bench.proposer.confirm();

  bench.proposer.on(replica(1), first, Confirmed{ballot(1)});
  bench.proposer.on(replica(1), first, Confirmed{ballot(1)});
  EXPECT_TRUE(bench.proposer.take_confirmed().empty());
  bench.proposer.on(replica(2), first, Confirmed{ballot(1)});
  EXPECT_EQ(bench.proposer.take_confirmed(), std::vector{first});

  bench.proposer.repeat();
  bench.take();
  for (const Outgoing& out : bench.sent)
    if (std::holds_alternative<Confirm>(out.message))
      bench.proposer.on(out.to, out.request, Confirmed{ballot(1)});
  EXPECT_EQ(bench.proposer.take_confirmed(), std::vector{second});
}

TEST(ProposerDeathTest, WritesOnlyWhileItLeadsAndNeverTwiceUnderOneBallot) {
  Bench bench;
  EXPECT_DEATH(bench.proposer.append("x"), "takes_entries");
  EXPECT_DEATH(bench.proposer.confirm(), "Leading");
  bench.lead();
  EXPECT_DEATH(bench.proposer.lead(ballot(1), Table{}, kEnsemble), "ballot > ballot_");
  EXPECT_DEATH(bench.proposer.lead(ballot(5, 2), Table{}, kEnsemble), "self_");
}

}  // namespace
}  // namespace quorate::paxos::test
