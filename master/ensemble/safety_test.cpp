#include "master/ensemble/safety.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorate::ensemble {
namespace {

using testing::HasSubstr;

paxos::Configuration of(const std::vector<std::uint64_t>& ids, std::uint64_t epoch = 1) {
  paxos::Configuration configuration;
  configuration.epoch = epoch;
  for (std::uint64_t id : ids)
    configuration.members.push_back({ReplicaId(id), "10.0.0." + std::to_string(id) + ":5050"});
  return configuration;
}

EnsembleState sound(const std::vector<std::uint64_t>& ids) {
  EnsembleState state;
  state.configuration = of(ids);
  for (std::uint64_t id = 1; id <= 9; ++id)
    state.members.push_back({ReplicaId(id), true, true, true});
  state.leader = ReplicaId(1);
  return state;
}

MemberState& member(EnsembleState& state, std::uint64_t id) { return state.members[id - 1]; }

StopAnswer stop(const EnsembleState& state, std::uint64_t id) {
  return safe_to_stop(state, ReplicaId(id));
}

TEST(Safety, AnEnsembleSurvivesTheLossOfLessThanHalf) {
  const struct {
    std::vector<std::uint64_t> ids;
    std::uint32_t losses;
  } cases[] = {{{1}, 0},          {{1, 2}, 0},          {{1, 2, 3}, 1},
               {{1, 2, 3, 4}, 1}, {{1, 2, 3, 4, 5}, 2}, {{1, 2, 3, 4, 5, 6, 7}, 3}};
  for (const auto& c : cases) EXPECT_EQ(losses_survivable(sound(c.ids)), c.losses);
}

TEST(Safety, WhoIsSilentOrBehindOrDifferentIsLostAlready) {
  EnsembleState state = sound({1, 2, 3, 4, 5});
  member(state, 5).answering = false;
  EXPECT_EQ(losses_survivable(state), 1u);
  member(state, 4).caught_up = false;
  EXPECT_EQ(losses_survivable(state), 0u);
  member(state, 3).chain_agrees = false;
  EXPECT_EQ(losses_survivable(state), std::nullopt);
  EXPECT_EQ(state_sentence(state),
            "2 of 5 members are sound; the quorum is 3; NO WRITE CAN BE ACKNOWLEDGED "
            "(10.0.0.3:5050 has a log that differs from the others', 10.0.0.4:5050 is not caught "
            "up yet, 10.0.0.5:5050 does not answer).");
}

TEST(Safety, AMemberThatWasNeverHeardIsLost) {
  EnsembleState state = sound({1, 2, 3});
  state.members.resize(2);
  EXPECT_EQ(losses_survivable(state), 0u);
}

TEST(Safety, OneOfThreeMayBeStopped) {
  const EnsembleState state = sound({1, 2, 3});
  EXPECT_EQ(state_sentence(state),
            "3 of 3 members are sound; the quorum is 2; 1 more can be lost.");
  EXPECT_TRUE(stop(state, 2).safe);
  EXPECT_EQ(
      stop(state, 2).why,
      "The others hold a quorum without 10.0.0.2:5050; while it is down, 0 more can be lost.");
}

TEST(Safety, TheLeaderMayBeStoppedButLeadershipMoves) {
  const StopAnswer answer = stop(sound({1, 2, 3}), 1);
  EXPECT_TRUE(answer.safe);
  EXPECT_THAT(answer.why, HasSubstr("It leads: another master takes over"));
}

TEST(Safety, ASingleMasterMayNotBeStopped) {
  const StopAnswer answer = stop(sound({1}), 1);
  EXPECT_FALSE(answer.safe);
  EXPECT_EQ(answer.why,
            "Without 10.0.0.1:5050, 0 sound members would be left in the ensemble, whose "
            "quorum is 1: it has none to spare.");
}

// The incident: masters replaced one after the other, the next before the last had caught up.
TEST(Safety, TheNextOneWaitsUntilTheLastHasCaughtUp) {
  EnsembleState state = sound({1, 2, 3});
  member(state, 3).caught_up = false;
  const StopAnswer answer = stop(state, 2);
  EXPECT_FALSE(answer.safe);
  EXPECT_THAT(answer.why, HasSubstr("1 sound member would be left in the ensemble, whose quorum is "
                                    "2; 10.0.0.3:5050 is not caught up yet"));
  EXPECT_TRUE(stop(state, 3).safe);
  EXPECT_THAT(stop(state, 3).why, HasSubstr("nothing leans on it now"));
}

TEST(Safety, NothingMayBeStoppedWithoutAQuorum) {
  EnsembleState state = sound({1, 2, 3});
  member(state, 2).answering = member(state, 3).answering = false;
  for (std::uint64_t id : {1u, 2u, 3u, 8u}) EXPECT_FALSE(stop(state, id).safe) << id;
  EXPECT_THAT(stop(state, 1).why, HasSubstr("No quorum is sound now (10.0.0.2:5050 does not"));
}

TEST(Safety, WhoIsNoMemberDoesNotVote) {
  const StopAnswer answer = stop(sound({1, 2, 3}), 4);
  EXPECT_TRUE(answer.safe);
  EXPECT_THAT(answer.why, HasSubstr("is not a member"));
}

TEST(Safety, WhileAChangeIsOpenBothConfigurationsNeedAMajority) {
  EnsembleState state = sound({1, 2, 3});
  state.change = of({1, 4, 5}, 2);
  EXPECT_EQ(losses_survivable(state), 1u);
  member(state, 5).caught_up = false;
  EXPECT_EQ(losses_survivable(state), 0u);
  EXPECT_TRUE(stop(state, 2).safe) << "the old one has two left, the new one does not need it";
  const StopAnswer answer = stop(state, 4);
  EXPECT_FALSE(answer.safe);
  EXPECT_THAT(answer.why, HasSubstr("in the new configuration, whose quorum is 2"));
  EXPECT_THAT(state_sentence(state), HasSubstr("a change to 3 members is open"));
}

// Whatever the states: after a stop that was called safe, a quorum is left in each configuration.
TEST(Safety, SafeMeansThatAQuorumIsLeft) {
  for (std::uint32_t bits = 0; bits < 1u << 5; ++bits)
    for (const bool open : {false, true}) {
      EnsembleState state = sound({1, 2, 3});
      if (open) state.change = of({1, 2, 3, 4, 5}, 2);
      for (std::uint64_t id = 1; id <= 5; ++id)
        member(state, id).answering = (bits >> (id - 1)) & 1;
      for (std::uint64_t id = 1; id <= 5; ++id) {
        const StopAnswer answer = stop(state, id);
        EnsembleState after = state;
        member(after, id).answering = false;
        EXPECT_EQ(answer.safe, losses_survivable(after).has_value()) << bits << " " << id;
        EXPECT_FALSE(answer.why.empty());
      }
    }
}

TEST(Safety, PrintsTheToleranceOfThisEnsemble) {
  EXPECT_EQ(tolerance_table(of({1, 2, 3})),
            "  masters  quorum  can lose\n"
            "        1       1         0\n"
            ">       3       2         1  this ensemble\n"
            "        5       3         2\n"
            "        7       4         3\n");
  EXPECT_THAT(tolerance_table(of({1, 2, 3, 4})),
              HasSubstr(">       4       3         1  this ensemble\n"));
  EXPECT_THAT(tolerance_table(of({1, 2, 3, 4})),
              HasSubstr("  4 masters survive no more losses than 3 do.\n"));
}

}  // namespace
}  // namespace quorate::ensemble
