#include <gtest/gtest.h>

#include "master/paxos/acceptor.h"
#include "master/paxos/build_test.h"
#include "master/paxos/learner.h"
#include "master/paxos/proposer.h"

// The hazards of facts/mesos-hazards.md section 2 that this room must not have, step by step. Each
// fails on the rule that Mesos has there. N3 and N6 are the log's and the disk's.

namespace quorate::paxos::test {
namespace {

struct Voter {
  Acceptor acceptor;
  Table table;
  template <typename T>
  Message on(const T& request) {
    const Answer answer = acceptor.on(request, table);
    return answer.messages.at(0);
  }
};

Accept write(Ballot at, std::uint64_t position, const Table& below, std::string payload) {
  return {at,
          pos(position),
          below.learned_chain(),
          {data(std::move(payload))},
          below.learned(),
          below.learned_chain()};
}

template <typename T>
bool is(const Message& message) {
  return std::holds_alternative<T>(message);
}

// Mesos stores the promise that a replica had when it accepts, not the number of the write, so that
// the old leader may still overwrite the new one's value.
TEST(Hazard, N1AcceptingAWritePromisesItsNumber) {
  const Table one = table_of({"first"}, ballot(1, 1), 1);
  Voter a{Acceptor(ballot(1, 1)), one};
  Voter b = a;
  Voter c = a;
  a.on(Prepare{ballot(2, 3), pos(2)});
  c.on(Prepare{ballot(2, 3), pos(2)});  // the one to b is lost
  ASSERT_TRUE(is<Accepted>(c.on(write(ballot(2, 3), 2, one, "NEW"))));
  ASSERT_TRUE(is<Accepted>(b.on(write(ballot(2, 3), 2, one, "NEW"))));  // chosen by b and c

  EXPECT_TRUE(is<Rejected>(a.on(write(ballot(1, 1), 2, one, "OLD"))));
  EXPECT_TRUE(is<Rejected>(b.on(write(ballot(1, 1), 2, one, "OLD"))));

  // c is down; a and b elect.
  const Message promise = b.on(Prepare{ballot(3, 1), pos(2)});
  ASSERT_TRUE(is<Promise>(promise));
  EXPECT_EQ(std::get<Promise>(promise).slots.at(0).entry, data("NEW"));
}

// In Mesos a rejected coordinator takes over its rival's number, stays elected and goes on writing,
// so that two leaders write under one number.
TEST(Hazard, N2ARejectedProposerWritesNothingMore) {
  const Table table = table_of({"first"}, ballot(1, 2), 1);
  Proposer proposer(replica(1), 2);
  proposer.set_members({replica(1), replica(2), replica(3)});
  proposer.set_voters({replica(1), replica(2), replica(3)});
  proposer.lead(ballot(2), table, {});
  const Promise promise{ballot(2), pos(1), table.learned_chain(), {}};
  proposer.on(replica(1), proposer.take_outgoing().at(0).request, promise);
  proposer.on(replica(2), proposer.take_outgoing().at(0).request, promise);
  proposer.append("truncate");
  const std::vector<Outgoing> sent = proposer.take_outgoing();
  ASSERT_EQ(proposer.phase(), Proposer::Phase::Leading);

  proposer.on(replica(2), sent.back().request, Rejected{ballot(2), ballot(3, 3)});

  EXPECT_EQ(proposer.phase(), Proposer::Phase::Idle);
  EXPECT_EQ(proposer.ballot(), ballot(2)) << "never the rival's";
  proposer.repeat();
  EXPECT_TRUE(proposer.take_outgoing().empty());
  for (const Outgoing& out : sent)  // late answers wake nothing
    proposer.on(out.to, out.request, Accepted{ballot(2), pos(3)});
  EXPECT_EQ(proposer.chosen(), pos(1));
}

TEST(Hazard, N2NoSecondValueIsAcceptedAtOneBallotAndPosition) {
  Voter voter;
  ASSERT_TRUE(is<Accepted>(voter.on(write(ballot(2), 1, Table{}, "OLD"))));

  EXPECT_TRUE(is<Rejected>(voter.on(write(ballot(2), 1, Table{}, "NEW"))));
  EXPECT_EQ(voter.table.find(pos(1))->entry, data("OLD"));
}

// In Mesos a learned message overwrites a learned entry without a look at it.
TEST(Hazard, N4ASecondLearnedValueIsReportedAndChangesNothing) {
  Table table = table_of({"first", "OLD"}, ballot(2), 2);
  const Table other = table_of({"first", "NEW"}, ballot(3), 2);
  const Table before = table;

  const Lesson by_watermark = learn({ballot(3), pos(2), other.learned_chain()}, table);
  const Lesson by_fetch = learn(fetch({pos(1), pos(2)}, other, 1000), table);

  EXPECT_EQ(by_watermark.contradiction, pos(2));
  EXPECT_EQ(by_fetch.contradiction, pos(2));
  EXPECT_EQ(table, before);
}

// In Mesos an answer is matched by the name of an actor, and names start again with the process.
TEST(Hazard, N5AnAnswerToAnEarlierRunIsNoVote) {
  const auto started = [](Ballot at) {
    Proposer proposer(replica(1), 2);
    proposer.set_members({replica(1), replica(2), replica(3)});
    proposer.set_voters({replica(1), replica(2), replica(3)});
    proposer.lead(at, Table{}, {});
    const RequestNumber own = proposer.take_outgoing().at(0).request;
    proposer.on(replica(1), own, Promise{at, {}, {}, {}});
    return proposer;
  };
  Proposer before = started(ballot(5));
  const RequestNumber asked = before.take_outgoing().at(0).request;
  Proposer after = started(ballot(6));
  ASSERT_EQ(after.take_outgoing().at(0).request, asked) << "the numbers start again";

  after.on(replica(2), asked, Promise{ballot(5), {}, {}, {}});

  EXPECT_EQ(after.phase(), Proposer::Phase::Preparing);
}

// In Mesos the new coordinator fills each position by two rounds of its own.
TEST(Hazard, N7OneRoundOfPromisesTellsAllOfALongAbsence) {
  Voter voter{Acceptor(ballot(1)), Table{}};
  for (std::uint64_t p = 1; p <= 10000; ++p) voter.table.put(slot(p, ballot(1), "x"));

  const Message promise = voter.on(Prepare{ballot(2), pos(1)});

  EXPECT_EQ(std::get<Promise>(promise).slots.size(), 10000u);
}

// protocol.md 6: 11 and 12 were proposed in order; a new leader must never find only 12.
TEST(InOrder, NoReplicaHoldsTwelveWithoutEleven) {
  Voter voter;
  const Table ten = table_of({"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}, ballot(1), 10);
  voter.table = ten;
  Accept twelve = write(ballot(2), 12, ten, "mark a");
  twelve.chain_before = chain_after(ten.learned_chain(), pos(11), data("admit a"));

  const Message answer = voter.on(twelve);

  ASSERT_TRUE(is<Missing>(answer));
  EXPECT_EQ(std::get<Missing>(answer).have, pos(10));
  EXPECT_EQ(voter.table.end(), pos(10));
}

// And where an older 12 stays above a new 11, its assumed chain tells that it never followed that
// one.
TEST(InOrder, AnEntryAboveAnotherPredecessorIsRecognisedByItsAssumedChain) {
  const Entry admit = data("admit a");
  const Entry mark = data("mark a", chain_after(kChainOrigin, pos(1), admit));
  Voter voter;
  voter.on(Accept{ballot(1), pos(1), {}, {admit, mark}, {}, {}});
  voter.on(Accept{ballot(2, 2), pos(1), {}, {Entry::no_op()}, {}, {}});

  const Message promise = voter.on(Prepare{ballot(3), pos(1)});
  const std::vector<Slot> slots = std::get<Promise>(promise).slots;

  ASSERT_EQ(slots.size(), 2u);
  EXPECT_EQ(slots[0].entry, Entry::no_op());
  EXPECT_EQ(slots[1].entry, mark);
  EXPECT_NE(slots[1].entry.assumed_chain, chain_after(kChainOrigin, pos(1), slots[0].entry));
}

// protocol.md 7 from end to end: OLD is accepted late at 4, the watermark of 10 passes by, the
// value is fetched.
TEST(Watermark, ALateOldAtFourEndsAsTheChosenNew) {
  const std::vector<std::string> values = {"1", "2", "3", "NEW", "5", "6", "7", "8", "9", "10"};
  const Table leader = table_of(values, ballot(5, 2), 10);
  Voter voter{Acceptor(ballot(2)), table_of({"1", "2", "3"}, ballot(2), 3)};
  voter.on(write(ballot(2), 4, voter.table, "OLD"));

  const Lesson lesson = learn({ballot(5, 2), pos(10), leader.learned_chain()}, voter.table);
  ASSERT_EQ(lesson.fetch, (Fetch{pos(4), pos(10)}));
  learn(fetch(*lesson.fetch, leader, 1000), voter.table);

  EXPECT_EQ(voter.table.find(pos(4))->entry, data("NEW"));
  EXPECT_EQ(voter.table.learned_chain(), leader.learned_chain());
}

}  // namespace
}  // namespace quorate::paxos::test
