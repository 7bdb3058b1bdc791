#include "master/ensemble/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorate::ensemble {
namespace {

using testing::HasSubstr;

const EnsembleId kX{1, 1};
const EnsembleId kY{2, 2};

Identity someone(std::uint64_t replica, Incarnation incarnation = {3, 7}) {
  return {kX, ReplicaId(replica), incarnation, Mode::Recorded,
          "10.0.0." + std::to_string(replica) + ":5050"};
}

IdentityView seen_by_1(std::optional<Identity> acknowledged = {}) {
  return {someone(1), std::move(acknowledged), {}};
}

// Every refusal names who is refused and who refuses.
void expect_both_views(const IdentityVerdict& verdict, const Identity& peer) {
  EXPECT_THAT(verdict.message, HasSubstr(to_text(peer)));
  EXPECT_THAT(verdict.message, HasSubstr("10.0.0.1:5050"));
}

TEST(Identity, IsTheSameWhenFirstMetAndAsLongAsItRuns) {
  EXPECT_EQ(judge_identity(someone(2), seen_by_1()).judgement, Judgement::Same);
  const IdentityVerdict verdict = judge_identity(someone(2), seen_by_1(someone(2)));
  EXPECT_EQ(verdict.judgement, Judgement::Same);
  EXPECT_TRUE(verdict.counts());
  EXPECT_EQ(verdict.message, "");
}

TEST(Identity, MayMoveToAnotherAddress) {
  Identity moved = someone(2);
  moved.address = "10.9.9.9:5050";
  EXPECT_EQ(judge_identity(moved, seen_by_1(someone(2))).judgement, Judgement::Same);
}

TEST(Identity, OfAHigherStartCounterIsARestart) {
  const IdentityVerdict verdict = judge_identity(someone(2, {4, 9}), seen_by_1(someone(2)));
  EXPECT_EQ(verdict.judgement, Judgement::Restarted);
  EXPECT_TRUE(verdict.counts());
  EXPECT_FALSE(verdict.peer_ends.has_value());
}

// A late message of the run before, or a directory restored from an old copy: its bytes alone end
// nobody, and it does not count.
TEST(Identity, OfALowerStartCounterCountsForNothing) {
  const IdentityVerdict verdict = judge_identity(someone(2, {2, 9}), seen_by_1(someone(2)));
  EXPECT_EQ(verdict.judgement, Judgement::Outdated);
  EXPECT_FALSE(verdict.counts());
  EXPECT_FALSE(verdict.peer_ends.has_value());
  expect_both_views(verdict, someone(2, {2, 9}));
}

TEST(Identity, OfTheSameStartCounterAndAnotherNonceIsACloneAndTheNewcomerEnds) {
  const Identity newcomer = someone(2, {3, 8});
  const IdentityVerdict verdict = judge_identity(newcomer, seen_by_1(someone(2)));
  EXPECT_EQ(verdict.judgement, Judgement::Clone);
  EXPECT_FALSE(verdict.counts());
  ASSERT_TRUE(verdict.peer_ends.has_value());
  EXPECT_EQ(verdict.peer_ends->exit, ExitCode::NotMember);
  EXPECT_FALSE(verdict.self_ends.has_value());
  expect_both_views(verdict, newcomer);
  EXPECT_THAT(verdict.message, HasSubstr(to_text(someone(2))));
}

TEST(Identity, SeenAtASecondAddressIsStillOneself) {
  Identity elsewhere = someone(1);
  elsewhere.address = "192.168.0.1:5050";
  EXPECT_EQ(judge_identity(elsewhere, seen_by_1()).judgement, Judgement::Same);
}

TEST(Identity, OfTwoWithOurIdTheOneThatAQuorumKnowsStays) {
  const Identity other = someone(1, {3, 8});

  const IdentityVerdict we_stay = judge_identity(other, seen_by_1(someone(1)));
  EXPECT_EQ(we_stay.judgement, Judgement::Clone);
  EXPECT_TRUE(we_stay.peer_ends.has_value());
  EXPECT_FALSE(we_stay.self_ends.has_value());

  const IdentityVerdict it_stays = judge_identity(other, seen_by_1(other));
  EXPECT_FALSE(it_stays.peer_ends.has_value());
  ASSERT_TRUE(it_stays.self_ends.has_value());
  EXPECT_EQ(it_stays.self_ends->exit, ExitCode::NotMember);
  expect_both_views(it_stays, other);
}

// A copy that was started once more has a higher counter, and is a double of a live process all the
// same.
TEST(Identity, OfTwoWithOurIdAHigherCounterIsNoRestart) {
  const Identity copy = someone(1, {4, 8});
  const IdentityVerdict verdict = judge_identity(copy, seen_by_1(someone(1)));
  EXPECT_EQ(verdict.judgement, Judgement::Clone);
  EXPECT_TRUE(verdict.peer_ends.has_value());
  EXPECT_FALSE(verdict.self_ends.has_value());
}

TEST(Identity, OfTwoThatNoQuorumKnowsNobodyEndsAndNobodyVotes) {
  const IdentityVerdict verdict = judge_identity(someone(1, {3, 8}), seen_by_1());
  EXPECT_EQ(verdict.judgement, Judgement::Clone);
  EXPECT_FALSE(verdict.counts());
  EXPECT_FALSE(verdict.peer_ends.has_value());
  EXPECT_FALSE(verdict.self_ends.has_value());
  EXPECT_THAT(verdict.message, HasSubstr("none of them votes"));
}

TEST(Identity, OfAnotherEnsembleIsForeign) {
  Identity foreign = someone(2);
  foreign.ensemble = kY;
  const IdentityVerdict verdict = judge_identity(foreign, seen_by_1());
  EXPECT_EQ(verdict.judgement, Judgement::Foreign);
  EXPECT_EQ(verdict.peer_ends->exit, ExitCode::NotMember);
  expect_both_views(verdict, foreign);
  EXPECT_THAT(verdict.message, HasSubstr("00000000000000020000000000000002"));
  EXPECT_THAT(verdict.message, HasSubstr("00000000000000010000000000000001"));
  // An empty disk belongs nowhere yet.
  foreign.ensemble = {};
  EXPECT_EQ(judge_identity(foreign, seen_by_1()).judgement, Judgement::Same);
}

TEST(Identity, OfARemovedReplicaIsRetired) {
  IdentityView view = seen_by_1(someone(2));
  view.retired = {ReplicaId(5), ReplicaId(2)};
  const IdentityVerdict verdict = judge_identity(someone(2), view);
  EXPECT_EQ(verdict.judgement, Judgement::Retired);
  EXPECT_EQ(verdict.peer_ends->exit, ExitCode::NotMember);
  expect_both_views(verdict, someone(2));
}

TEST(Identity, OfTheOtherModeNeverCounts) {
  Identity discovered = someone(2);
  discovered.mode = Mode::Discovered;
  const IdentityVerdict verdict = judge_identity(discovered, seen_by_1());
  EXPECT_EQ(verdict.judgement, Judgement::WrongMode);
  EXPECT_FALSE(verdict.counts());
  EXPECT_EQ(verdict.peer_ends->exit, ExitCode::Configuration);
  expect_both_views(verdict, discovered);
}

}  // namespace
}  // namespace quorate::ensemble
