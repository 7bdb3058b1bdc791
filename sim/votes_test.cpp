#include "sim/votes.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

using paxos::Ballot;
using paxos::Position;

constexpr Place kM1{1}, kM2{2}, kM3{3};

Ballot ballot(std::uint64_t round, std::uint64_t replica) { return {round, ReplicaId(replica)}; }

paxos::Entry entry(const std::string& payload) {
  paxos::Entry out;
  out.kind = paxos::EntryKind::Data;
  out.payload = SharedBytes(payload);
  return out;
}

TEST(Votes, AnAcceptedSpeaksForAllPositionsBelowIt) {
  Votes votes;
  votes.proposed(kM1, SimTime{1}, ballot(1, 1), Position(4), entry("a"));
  votes.proposed(kM1, SimTime{2}, ballot(1, 1), Position(5), entry("b"));
  votes.accepted(kM2, SimTime{3}, ballot(1, 1), Position(4));
  votes.accepted(kM2, SimTime{7}, ballot(1, 1), Position(5));

  EXPECT_EQ(votes.at(Position(4))[0].votes, (std::vector<Votes::Vote>{{kM2, SimTime{3}, false}}));
  EXPECT_EQ(votes.at(Position(5))[0].votes, (std::vector<Votes::Vote>{{kM2, SimTime{7}, false}}));
  EXPECT_TRUE(votes.at(Position(6)).empty());
  EXPECT_EQ(votes.newest(Position(4)), ballot(1, 1));
}

TEST(Votes, TwoQuorumsForDifferentEntriesAreAConflict) {
  Votes votes;
  votes.proposed(kM1, SimTime{1}, ballot(1, 1), Position(4), entry("a"));
  votes.accepted(kM1, SimTime{2}, ballot(1, 1), Position(4));
  votes.accepted(kM2, SimTime{3}, ballot(1, 1), Position(4));
  votes.proposed(kM3, SimTime{4}, ballot(2, 3), Position(4), entry("b"));
  votes.accepted(kM2, SimTime{5}, ballot(2, 3), Position(4));
  EXPECT_EQ(votes.conflict(2), std::nullopt) << "one vote is no quorum";

  votes.on_disk(kM3, SimTime{9}, ballot(2, 3), Position(4), entry("b"));

  EXPECT_EQ(votes.conflict(2), Position(4));
  EXPECT_EQ(votes.at(Position(4)).size(), 2u);
  EXPECT_TRUE(votes.at(Position(4))[1].votes[1].on_disk);
}

TEST(Votes, TheSameEntryAtAHigherBallotIsNone) {
  Votes votes;
  for (std::uint64_t round : {1u, 2u}) {
    votes.proposed(kM1, SimTime{1}, ballot(round, 1), Position(4), entry("a"));
    for (Place lane : {kM1, kM2, kM3})
      votes.accepted(lane, SimTime{2}, ballot(round, 1), Position(4));
  }

  EXPECT_EQ(votes.conflict(2), std::nullopt);
  EXPECT_EQ(votes.newest(Position(4)), ballot(2, 1));
}

TEST(Votes, TwoEntriesAtOneBallotAreToldApartByTheDisks) {
  Votes votes;
  for (Place lane : {kM1, kM2}) {
    votes.on_disk(lane, SimTime{1}, ballot(1, 1), Position(4), entry("a"));
  }
  votes.on_disk(kM3, SimTime{1}, ballot(1, 1), Position(4), entry("b"));

  EXPECT_EQ(votes.at(Position(4)).size(), 2u);
  EXPECT_EQ(votes.conflict(2), std::nullopt);
}

}  // namespace
}  // namespace quorate::sim
