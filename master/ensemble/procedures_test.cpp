#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/ensemble/admission.h"
#include "master/ensemble/view_test_kit.h"
#include "master/ensemble/wishes.h"

// The procedures of the Operational Guide, step by step: what each step does, and that no step in
// another order does harm.

namespace quorate::ensemble {
namespace {

using namespace kit;
using Ids = std::vector<std::uint64_t>;

const Flags kOne{1, {}}, kThree{2, {}}, kFive{3, {}}, kSeven{4, {}};

Ids ids(const EnsembleView& view) {
  Ids all;
  for (const paxos::Member& member : view.configuration.members)
    all.push_back(member.replica.value);
  return all;
}

// What happens by itself: who may learn learns, what is decided is chosen. The members then.
Ids settle(EnsembleView& view, const std::optional<Request>& request = {}) {
  for (int step = 0; step < 5; ++step) {
    for (Node& node : view.nodes)
      if (view.alive(node.replica) && std::holds_alternative<MayLearn>(admit(view, node, request)))
        let_learn(view, node.replica.value);
    const Decision decision = decide(view, request);
    const auto* change = std::get_if<Change>(&decision);
    if (change == nullptr) break;
    view.configuration = change->successor;
  }
  return ids(view);
}

void start(EnsembleView& view, std::uint64_t id, const Flags& flags) {
  view.nodes.push_back(newcomer(id, flags));
}

int exit_of(EnsembleView& view, std::uint64_t id) {
  const Admission admission = admit(view, at(view, id));
  const auto* refusal = std::get_if<Refusal>(&admission);
  return refusal != nullptr ? code(refusal->exit) : 0;
}

TEST(Procedures, ThreeToFive) {
  EnsembleView view = ensemble_of({1, 2, 3});
  for (std::uint64_t id : {1u, 2u, 3u}) {
    give_flags(view, {id}, kFive);
    EXPECT_EQ(settle(view), (Ids{1, 2, 3}));
  }
  start(view, 4, kFive);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3}));
  start(view, 5, kFive);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3, 4, 5}));
  EXPECT_THAT(warnings(view), testing::IsEmpty());
}

// Hazards I1 and I2: an original that was not restarted, newcomers that come first.
TEST(Procedures, ThreeToFiveInTheWrongOrderEndsTheSame) {
  EnsembleView view = ensemble_of({1, 2, 3});
  start(view, 4, kFive);
  start(view, 5, kFive);
  for (std::uint64_t id : {3u, 1u}) {
    give_flags(view, {id}, kFive);
    EXPECT_EQ(settle(view), (Ids{1, 2, 3}));
    EXPECT_EQ(exit_of(view, 4), 0) << "too early is no reason to end";
  }
  give_flags(view, {2}, kFive);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3, 4, 5}));
}

// Hazards D1, D6: the quorum is lowered first, the masters are removed later.
TEST(Procedures, FiveToThree) {
  EnsembleView view = ensemble_of({1, 2, 3, 4, 5});
  for (std::uint64_t id : {1u, 2u, 3u}) {
    give_flags(view, {id}, kThree);
    EXPECT_EQ(settle(view), (Ids{1, 2, 3, 4, 5}));
  }
  silence(view, 4, 60);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3, 4, 5})) << "one is not two";
  silence(view, 5, 60);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3}));
  // Hazard D4: the removed ones come back.
  silence(view, 4, 0);
  EXPECT_EQ(exit_of(view, 4), 77);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3}));
  // Not even a wish for five lets it in again under its old id, though it holds the whole log.
  silence(view, 5, 0);
  give_flags(view, {1, 2, 3, 4, 5}, kFive);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3}));
  start(view, 44, kFive);
  at(view, 44).address = address(4);
  start(view, 6, kFive);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3, 6, 44}));
}

TEST(Procedures, FiveToSevenToFive) {
  EnsembleView view = ensemble_of({1, 2, 3, 4, 5});
  start(view, 6, kSeven);
  start(view, 7, kSeven);
  give_flags(view, {1, 2, 3, 4, 5}, kSeven);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(settle(view, Request{7, RemoveMembers{{address(2), address(6)}}}),
            (Ids{1, 3, 4, 5, 7}));
  EXPECT_EQ(exit_of(view, 6), 77);
}

TEST(Procedures, OneToThreeWithoutWiping) {
  EnsembleView view = ensemble_of({1});
  start(view, 2, kThree);
  start(view, 3, kThree);
  EXPECT_EQ(settle(view), (Ids{1}));
  give_flags(view, {1}, kThree);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3}));
}

TEST(Procedures, ReplaceAMasterAtTheSameAddress) {
  EnsembleView view = ensemble_of({1, 2, 3});
  silence(view, 3, 20);
  start(view, 33, kThree);
  at(view, 33).address = address(3);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3}));
  silence(view, 3, 60);
  EXPECT_EQ(settle(view), (Ids{1, 2, 33}));
  // Hazards R2, R8: the old disk returns, here or on another host.
  silence(view, 3, 0);
  at(view, 3).address = "10.7.7.7:5050";
  EXPECT_EQ(exit_of(view, 3), 77);
  EXPECT_EQ(settle(view), (Ids{1, 2, 33}));
}

TEST(Procedures, ReplaceAMasterAtANewAddress) {
  EnsembleView view = ensemble_of({1, 2, 3});
  silence(view, 3, 600);
  start(view, 4, kThree);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3})) << "nobody takes a place at an unknown address by itself";
  const Admission admission = admit(view, at(view, 4));
  EXPECT_THAT(std::get<StaysOutside>(admission).command,
              testing::StartsWith("quorate-log replace 0000000000000003 --with=10.0.0.4:5050"));
  EXPECT_EQ(settle(view, Request{9, ReplaceMember{"0000000000000003", address(4)}}),
            (Ids{1, 2, 4}));
}

// Masters replaced one after the other: the gate is "safe to stop", not "the process is up".
TEST(Procedures, RollingReplacementWaitsForEachNewcomer) {
  EnsembleView view = ensemble_of({1, 2, 3});
  view.limits.gone = Duration::seconds(10);
  for (std::uint64_t old : {3u, 2u}) {
    ASSERT_TRUE(safe_to_stop(state_of(view), ReplicaId(old)).safe);
    silence(view, old, 10);
    start(view, old * 11, kThree);
    at(view, old * 11).address = address(old);
    EXPECT_FALSE(safe_to_stop(state_of(view), ReplicaId(1)).safe) << "the newcomer is not in yet";
    settle(view);
  }
  EXPECT_EQ(ids(view), (Ids{1, 22, 33}));
  EXPECT_TRUE(safe_to_stop(state_of(view), ReplicaId(1)).safe);
}

TEST(Procedures, AllMastersMayChangeTheirAddressesAtOnce) {
  EnsembleView view = ensemble_of({1, 2, 3});
  for (std::uint64_t id : {1u, 2u, 3u})
    at(view, id).address = "10.1.0." + std::to_string(id) + ":5050";
  EXPECT_EQ(settle(view), (Ids{1, 2, 3}));
  for (std::uint64_t id : {1u, 2u, 3u}) EXPECT_EQ(exit_of(view, id), 0);
  EXPECT_TRUE(safe_to_stop(state_of(view), ReplicaId(2)).safe);
}

// Hazard X1, and the accident that operators told of: a rogue host with the same flags.
TEST(Procedures, OneMasterTooManyDoesNothing) {
  EnsembleView view = ensemble_of({1, 2, 3});
  start(view, 4, kThree);
  EXPECT_EQ(exit_of(view, 4), 77);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3}));
  // Nor later, when a member fails: at another address it waits for a person.
  silence(view, 2, 600);
  EXPECT_EQ(settle(view), (Ids{1, 2, 3}));
}

TEST(Procedures, LosingTwoOfThreeChangesNothingByItself) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {1}, kOne);
  for (std::uint64_t id : {2u, 3u}) {
    silence(view, id, 600);
    start(view, id * 11, kThree);
    at(view, id * 11).address = address(id);
  }
  EXPECT_EQ(settle(view), (Ids{1, 2, 3}));
  EXPECT_TRUE(std::holds_alternative<Declined>(decide(view, Request{7, SetQuorum{1}})));
}

}  // namespace
}  // namespace quorate::ensemble
