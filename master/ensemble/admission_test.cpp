#include "master/ensemble/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/ensemble/view_test_kit.h"

namespace quorate::ensemble {
namespace {

using namespace kit;
using testing::HasSubstr;

const Flags kThree{2, {}}, kFive{3, {}};

Admission admit_replica(EnsembleView& view, std::uint64_t id,
                        const std::optional<Request>& request = {}) {
  return admit(view, at(view, id), request);
}

void expect_end(const Admission& admission, int exit, const std::string& says) {
  const auto* refusal = std::get_if<Refusal>(&admission);
  ASSERT_NE(refusal, nullptr) << says;
  EXPECT_EQ(code(refusal->exit), exit);
  EXPECT_THAT(refusal->text, HasSubstr(says));
}

StaysOutside outside(const Admission& admission) {
  const auto* stays = std::get_if<StaysOutside>(&admission);
  EXPECT_NE(stays, nullptr);
  return stays != nullptr ? *stays : StaysOutside{};
}

bool may_learn(const Admission& admission) { return std::holds_alternative<MayLearn>(admission); }

// Replica 4 at the door of {1, 2, 3}, with the same flags as the members.
EnsembleView with_stray() {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {4}, kThree);
  return view;
}

TEST(Admission, AMemberIsAMemberWhateverItsFlags) {
  EnsembleView view = ensemble_of({1, 2, 3});
  for (const Flags& flags : {kThree, kFive, Flags{{}, masters({1, 3})}, Flags{}}) {
    give_flags(view, {2}, flags);
    EXPECT_TRUE(std::holds_alternative<IsMember>(admit_replica(view, 2))) << to_text(flags);
  }
  give_flags(view, {2}, {0, {}});
  expect_end(admit_replica(view, 2), 78, "--quorum=0: must be at least 1");
}

// The very case that operators asked about for ten years: one master too many.
TEST(Admission, AnExtraMasterEnds) {
  EnsembleView view = with_stray();
  expect_end(admit_replica(view, 4), 77, "the ensemble is full: 10.0.0.4:5050 (replica 00");
  expect_end(admit_replica(view, 4), 77,
             "(epoch 4, members 10.0.0.1:5050, 10.0.0.2:5050, 10.0.0.3");
}

TEST(Admission, AForeignDiskEnds) {
  EnsembleView view = with_stray();
  at(view, 4) = node(4, kThree);
  at(view, 4).ensemble = kY;
  expect_end(admit_replica(view, 4), 77,
             "holds a log of ensemble 00000000000000020000000000000002");
}

TEST(Admission, ARetiredMemberEnds) {
  EnsembleView view = with_stray();
  at(view, 4) = node(4, kThree);
  view.configuration.retired = {ReplicaId(4)};
  expect_end(admit_replica(view, 4), 77, "was removed from ensemble");
}

TEST(Admission, ACloneEndsThoughItsIdIsAMember) {
  EnsembleView view = ensemble_of({1, 2, 3});
  Node clone = at(view, 2);
  clone.clone = true;
  expect_end(admit(view, clone), 77, "runs under the id of another process");
}

TEST(Admission, ANodeOfTheOtherModeEnds) {
  EnsembleView view = with_stray();
  at(view, 4).mode = Mode::Discovered;
  expect_end(admit_replica(view, 4), 78, "runs with --ensemble=discovered");
}

TEST(Admission, WhoIsNotInMastersEnds) {
  EnsembleView view = with_stray();
  give_flags(view, {1, 2, 3}, {{}, masters({1, 2, 3})});
  expect_end(admit_replica(view, 4), 77, "is not in the --masters=10.0.0.1:5050,");
  give_flags(view, {1}, kThree);
  give_flags(view, {4}, {{}, masters({1, 2, 3})});
  expect_end(admit_replica(view, 4), 77, "is not in its own --masters=");
  // Nor does it help that a member is gone.
  silence(view, 3, 100);
  expect_end(admit_replica(view, 4), 77, "is not in its own --masters=");
}

TEST(Admission, AnEmptyDiskInAMembersPlaceWaitsUntilThatOneIsGone) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {33}, kThree);
  at(view, 33).address = address(3);
  silence(view, 3, 12);
  EXPECT_THAT(outside(admit_replica(view, 33)).why,
              HasSubstr("at the address of member 0000000000000003, which was last heard 12 s ago. "
                        "It takes its place when that one has been silent for 60 s"));
  silence(view, 3, 60);
  EXPECT_TRUE(may_learn(admit_replica(view, 33)));
  silence(view, 2, 10);
  EXPECT_FALSE(may_learn(admit_replica(view, 33))) << "the rest holds no quorum";
}

// If the old disk returns before the replacement was chosen, it resumes.
TEST(Admission, TheOldDiskResumesUntilItIsReplaced) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {33}, kThree);
  at(view, 33).address = address(3);
  let_learn(view, 33);
  EXPECT_TRUE(std::holds_alternative<IsMember>(admit_replica(view, 3)));
  EXPECT_FALSE(may_learn(admit_replica(view, 33)));
  view.configuration = paxos::successor(
      view.configuration,
      {{ReplicaId(1), address(1)}, {ReplicaId(2), address(2)}, {ReplicaId(33), address(3)}}, 0);
  expect_end(admit_replica(view, 3), 77, "was removed from ensemble");
}

TEST(Admission, AnUnknownAddressWhileAMemberIsMissingNamesTheOneCommand) {
  EnsembleView view = with_stray();
  silence(view, 3, 100);
  const StaysOutside stays = outside(admit_replica(view, 4));
  EXPECT_THAT(stays.why, HasSubstr("member 10.0.0.3:5050 (0000000000000003) was last heard 100 s"));
  EXPECT_EQ(stays.command,
            "quorate-log replace 0000000000000003 --with=10.0.0.4:5050 --at=10.0.0.1:5050");
  const Request asked{7, ReplaceMember{"0000000000000003", address(4)}};
  EXPECT_TRUE(may_learn(admit_replica(view, 4, asked)));
}

TEST(Admission, IsNotRefusedForGoodWhileAMemberOnlyRestarts) {
  EnsembleView view = with_stray();
  silence(view, 3, 4);
  EXPECT_THAT(outside(admit_replica(view, 4)).why, HasSubstr("a person must say so"));
  view.nodes.erase(view.nodes.begin() + 2);
  EXPECT_THAT(outside(admit_replica(view, 4)).why, HasSubstr("was not heard yet"));
}

TEST(Admission, AVacancyThatAllAnnounceIsFilled) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {1, 2, 3, 4}, kFive);
  EXPECT_TRUE(may_learn(admit_replica(view, 4))) << "it need not wait for the fifth";
  give_flags(view, {5, 6}, kFive);
  EXPECT_TRUE(may_learn(admit_replica(view, 5)));
  EXPECT_FALSE(may_learn(admit_replica(view, 6))) << "there are only two places";
}

TEST(Admission, ANewcomerThatIsTooEarlySaysWhomToRestart) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {1, 4}, kFive);
  const StaysOutside stays = outside(admit_replica(view, 4));
  EXPECT_THAT(stays.why, HasSubstr("restart with the larger wish: 10.0.0.2:5050 (--quorum=2), "
                                   "10.0.0.3:5050 (--quorum=2)"));
  EXPECT_EQ(stays.command, "quorate-log add 10.0.0.4:5050 --at=10.0.0.1:5050");
}

TEST(Admission, WhomMastersNamesMayLearn) {
  EnsembleView view = with_stray();
  give_flags(view, {1}, {{}, masters({1, 2, 3, 4, 5})});
  EXPECT_TRUE(may_learn(admit_replica(view, 4)));
  expect_end(admit_replica(view, 9), 77, "is not in the --masters=");
}

TEST(Admission, AskedForByAnOperatorItMayLearn) {
  EnsembleView view = with_stray();
  EXPECT_TRUE(may_learn(admit_replica(view, 4, Request{7, AddMembers{{address(4)}}})));
  expect_end(admit_replica(view, 4, Request{7, AddMembers{{address(5)}}}), 77, "full");
  view.configuration.wish = 7;
  expect_end(admit_replica(view, 4, Request{7, AddMembers{{address(4)}}}), 77, "full");
}

}  // namespace
}  // namespace quorate::ensemble
