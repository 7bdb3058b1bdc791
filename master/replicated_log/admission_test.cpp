#include "master/replicated_log/admission.h"

#include <gtest/gtest.h>

namespace quorate::replicated_log {
namespace {

using paxos::ReplicaStatus;
using paxos::Standing;

Standing standing(ReplicaStatus status) {
  Standing s;
  s.status = status;
  return s;
}

std::map<ReplicaId, Standing> others(std::initializer_list<ReplicaStatus> statuses) {
  std::map<ReplicaId, Standing> map;
  std::uint64_t id = 100;
  for (ReplicaStatus status : statuses) map.emplace(ReplicaId(++id), standing(status));
  return map;
}

// One of them, the last, has promised something.
std::map<ReplicaId, Standing> born(std::map<ReplicaId, Standing> map) {
  map.rbegin()->second.promised = {1, map.rbegin()->first};
  return map;
}

ReplicaStatus next(ReplicaStatus own, const std::map<ReplicaId, Standing>& rest,
                   std::uint32_t quorum, bool auto_initialize = true) {
  paxos::Table table;
  std::map<ReplicaId, Standing> told = rest;
  for (auto& [id, one] : told)
    if (one.quorum == 0) one.quorum = quorum;
  return next_status({own, quorum, auto_initialize, told, table});
}

constexpr auto kEmpty = ReplicaStatus::Empty;
constexpr auto kStarting = ReplicaStatus::Starting;
constexpr auto kRecovering = ReplicaStatus::Recovering;
constexpr auto kVoting = ReplicaStatus::Voting;

TEST(Admission, StartsOnlyWhenAllIntendedMembersAreEmpty) {
  EXPECT_EQ(next(kEmpty, others({kEmpty}), 2), kEmpty);
  EXPECT_EQ(next(kEmpty, others({kEmpty, kEmpty}), 2), kStarting);
  EXPECT_EQ(next(kEmpty, others({kEmpty, kStarting}), 2), kStarting);
  EXPECT_EQ(next(kEmpty, born(others({kEmpty, kVoting})), 2), kEmpty);
}

// A disk that is lost before anything was promised takes nothing with it.
TEST(Admission, AFounderThatIsWipedBeforeTheBirthStartsAgain) {
  EXPECT_EQ(next(kEmpty, others({kVoting, kVoting}), 2), kStarting);
  EXPECT_EQ(next(kStarting, others({kVoting, kVoting}), 2), kVoting);
}

// Hazard R10: with too small a quorum it would join after hearing too few.
TEST(Admission, NothingChangesWhileAnotherMemberRunsWithAnotherQuorum) {
  std::map<ReplicaId, Standing> rest = born(others({kVoting, kVoting}));
  EXPECT_EQ(next(kEmpty, rest, 2), kRecovering);
  rest.begin()->second.quorum = 3;
  EXPECT_EQ(next(kEmpty, rest, 2), kEmpty);

  std::map<ReplicaId, Standing> unborn = others({kStarting, kStarting});
  unborn.begin()->second.quorum = 3;
  EXPECT_EQ(next(kStarting, unborn, 2), kStarting);
}

TEST(Admission, InitialisesNothingByItselfWithoutTheFlag) {
  EXPECT_EQ(next(kEmpty, others({kEmpty, kEmpty}), 2, false), kEmpty);
}

TEST(Admission, VotesInPhaseTwoWhenNobodyIsEmptyAnyMore) {
  EXPECT_EQ(next(kStarting, others({kEmpty, kStarting}), 2), kStarting);
  EXPECT_EQ(next(kStarting, others({kStarting, kStarting}), 2), kVoting);
  EXPECT_EQ(next(kStarting, others({kStarting, kVoting}), 2), kVoting);
}

// Hazard X3: a disk that was left behind in Starting meets an ensemble that has gone on without it.
TEST(Admission, AStarterThatMeetsAQuorumOfVotersCatchesUpFirst) {
  std::map<ReplicaId, Standing> rest = others({kVoting, kVoting});
  EXPECT_EQ(next(kStarting, rest, 2), kVoting);
  rest.begin()->second.promised = {1, ReplicaId(101)};
  EXPECT_EQ(next(kStarting, rest, 2), kRecovering);
  rest = others({kVoting, kVoting});
  rest.begin()->second.end = paxos::Position(1);
  EXPECT_EQ(next(kStarting, rest, 2), kRecovering);
}

TEST(Admission, AnEmptyReplicaJoinsAQuorumOfVoters) {
  EXPECT_EQ(next(kEmpty, born(others({kVoting, kVoting})), 2), kRecovering);
  EXPECT_EQ(next(kEmpty, born(others({kVoting})), 2), kEmpty);
}

TEST(Admission, AloneWithQuorumOneItStartsAtOnce) {
  EXPECT_EQ(next(kEmpty, {}, 1), kStarting);
  EXPECT_EQ(next(kStarting, {}, 1), kVoting);
}

// Two of three were wiped: one voter cannot speak for a quorum, so nobody may vote (hazard R4).
TEST(Admission, TwoWipedReplicasOfThreeStayOut) {
  EXPECT_EQ(next(kEmpty, born(others({kEmpty, kVoting})), 2), kEmpty);
  EXPECT_EQ(next(kRecovering, born(others({kRecovering, kVoting})), 2), kRecovering);
}

struct Joining : testing::Test {
  std::map<ReplicaId, Standing> rest = others({kVoting, kVoting});
  paxos::Table table;
  paxos::Ballot ballot{7, ReplicaId(101)};

  Joining() {
    Standing& leader = rest.begin()->second;
    leader.leading = leader.promised = ballot;
    leader.leading_end = paxos::Position(2);
    rest.rbegin()->second.promised = ballot;
    put(1, ballot);
    put(2, ballot);
  }
  void put(std::uint64_t position, paxos::Ballot at) {
    table.put({paxos::Position(position), at, paxos::Entry::no_op()});
  }
  paxos::Ballot verdict() { return may_vote({kRecovering, 2, true, rest, table}); }
};

TEST_F(Joining, VotesWithTheLeadersBallotOnceItHoldsTheLeadersLog) { EXPECT_EQ(verdict(), ballot); }

TEST_F(Joining, WaitsForTheWholeLogOfTheLeader) {
  rest.begin()->second.leading_end = paxos::Position(3);
  EXPECT_TRUE(verdict().none());
}

TEST_F(Joining, DoesNotCountWhatItHoldsOfAnOlderBallot) {
  put(2, {6, ReplicaId(102)});
  EXPECT_TRUE(verdict().none());
}

TEST_F(Joining, WaitsWhileNobodyLeads) {
  rest.begin()->second.leading = {};
  EXPECT_TRUE(verdict().none());
}

TEST_F(Joining, WaitsWhileAMemberHasPromisedAHigherBallot) {
  rest.rbegin()->second.promised = {8, ReplicaId(102)};
  EXPECT_TRUE(verdict().none());
}

TEST_F(Joining, WaitsUntilEveryOtherMemberHasAnswered) {
  rest.erase(std::prev(rest.end()));
  EXPECT_TRUE(verdict().none());
}

}  // namespace
}  // namespace quorate::replicated_log
