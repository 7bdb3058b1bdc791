#include "master/paxos/adoption.h"

#include <gtest/gtest.h>

#include "master/paxos/build_test.h"
#include "master/paxos/codec.h"

namespace quorate::paxos::test {
namespace {

constexpr ReplicaId kA{1}, kB{2}, kC{3}, kD{4}, kE{5};

Configuration of(std::uint64_t epoch, std::vector<ReplicaId> replicas) {
  Configuration configuration{epoch, {}, {}, 0};
  for (ReplicaId replica : replicas) configuration.members.push_back({replica, ""});
  return configuration;
}

// Phase 1 from position 5 on, under {A, B, C} at epoch 3.
class Adoption : public testing::Test {
 protected:
  const Digest below{1, 2};
  const Configuration present = of(3, {kA, kB, kC});
  std::map<ReplicaId, Promise> promises;

  void promise(ReplicaId from, std::vector<Slot> slots = {}, Position learned = pos(4)) {
    promises[from] = {ballot(9), learned, below, std::move(slots)};
  }
  std::map<ReplicaId, const Promise*> heard() const {
    std::map<ReplicaId, const Promise*> heard;
    for (const auto& [replica, promise] : promises) heard.emplace(replica, &promise);
    return heard;
  }
  paxos::Adoption adopted() const { return adopt({pos(5), below, present, 99, heard()}); }
  // At position 5, above what is learned.
  Entry change(std::vector<ReplicaId> members, std::uint64_t epoch = 4) const {
    return configuration_entry(of(epoch, std::move(members)), below);
  }
  static Slot at(std::uint64_t position, std::uint64_t round, Entry entry) {
    return {pos(position), ballot(round), std::move(entry)};
  }
};

TEST_F(Adoption, WaitsForAQuorumOfThePresentMembers) {
  promise(kA);
  promise(kD);
  promise(kE);
  EXPECT_FALSE(adopted().ready);
  promise(kC);
  EXPECT_TRUE(adopted().ready);
  EXPECT_TRUE(adopted().values.empty());
}

TEST_F(Adoption, TakesTheHighestBallotAndFillsHoles) {
  promise(kA, {at(5, 2, data("old")), at(7, 2, data("above"))});
  promise(kB, {at(5, 3, data("new"))});
  EXPECT_EQ(adopted().values, (std::vector{data("new"), Entry::no_op(), data("above")}));
}

TEST_F(Adoption, ALearnedValueBindsMoreThanAnyBallot) {
  promise(kA, {at(5, 2, data("learned"))}, pos(5));
  promise(kB, {at(5, 3, data("accepted"))});
  EXPECT_EQ(adopted().values, (std::vector{data("learned")}));
}

// Who does not vote yet may hold what was never chosen.
TEST_F(Adoption, HearsNobodyButThePresentMembers) {
  promise(kA);
  promise(kB);
  promise(kD, {at(5, 8, data("not theirs to say"))});
  EXPECT_TRUE(adopted().values.empty());
}

// Step 16.
TEST_F(Adoption, AChangeThatAQuorumOfThePresentMembersDoesNotHoldWasNotChosen) {
  promise(kA, {at(5, 2, change({kA, kD, kE}))});
  promise(kB);
  EXPECT_FALSE(adopted().ready) << "the two might be the ones that did not get it in time";
  promise(kC);
  ASSERT_TRUE(adopted().ready);
  EXPECT_EQ(adopted().values, std::vector{Entry::no_op()});
  EXPECT_FALSE(adopted().change.has_value());
}

// Step 17, first half.
TEST_F(Adoption, AChangeIsCompletedOnceAQuorumOfItsMembersPromised) {
  const Entry k = change({kA, kD, kE});
  promise(kA, {at(5, 2, k)});
  promise(kB, {at(5, 2, k)});
  ASSERT_FALSE(adopted().ready);
  ASSERT_TRUE(adopted().change.has_value()) << "its members are asked";
  EXPECT_TRUE(adopted().change->contains(kD));

  promise(kD);
  ASSERT_TRUE(adopted().ready);
  EXPECT_EQ(adopted().values, std::vector{k});
  EXPECT_EQ(adopted().change->epoch, 4u);
}

// The barrier of rule 20: whatever lies above it at the old epoch was not chosen.
TEST_F(Adoption, NothingFollowsAChangeThatIsCompleted) {
  const Entry k = change({kA, kB});
  promise(kA, {at(5, 2, k), at(6, 1, data("stale"))});
  promise(kB, {at(5, 2, k)});
  EXPECT_EQ(adopted().values, std::vector{k});
}

// Step 17, second half: "stale K".
TEST_F(Adoption, AChangeAboveAnotherHistoryBecomesANoOp) {
  const Entry stale = configuration_entry(of(4, {kA, kB, kD}), {7, 7});
  promise(kA, {at(5, 2, stale)});
  promise(kB, {at(5, 2, stale)});
  ASSERT_TRUE(adopted().ready);
  EXPECT_EQ(adopted().values, std::vector{Entry::no_op()});

  // The chain is the one that is completed, not the one that it was proposed on.
  promise(kA, {at(5, 3, data("x")), at(6, 2, change({kA, kB, kD}))});
  promise(kB, {at(5, 3, data("x")), at(6, 2, change({kA, kB, kD}))});
  EXPECT_EQ(adopted().values, (std::vector{data("x"), Entry::no_op()}));
}

TEST_F(Adoption, AChangeThatIsNotTheNextEpochsBecomesANoOp) {
  for (std::uint64_t epoch : {2u, 3u, 5u}) {
    promise(kA, {at(5, 2, change({kA, kB, kD}, epoch))});
    promise(kB, {at(5, 2, change({kA, kB, kD}, epoch))});
    ASSERT_TRUE(adopted().ready) << epoch;
    EXPECT_EQ(adopted().values, std::vector{Entry::no_op()}) << epoch;
  }
}

// Step 18.
TEST_F(Adoption, AChangeThatAQuorumOfItsMembersDoesNotHoldWasNotChosen) {
  const Entry k = change({kB, kD, kE});
  promise(kA, {at(5, 2, k)});
  promise(kB, {at(5, 2, k)});
  promise(kD);
  ASSERT_TRUE(adopted().ready) << "B holds it: a quorum of the new ones may, too";
  EXPECT_EQ(adopted().values, std::vector{k});

  promises.erase(kB);
  promise(kC, {at(5, 2, k)});
  EXPECT_FALSE(adopted().ready) << "D alone is no quorum";
  promise(kE);
  ASSERT_TRUE(adopted().ready);
  EXPECT_EQ(adopted().values, std::vector{Entry::no_op()});
}

// A copy at any ballot counts as a trace: it is what its quorum may have been.
TEST_F(Adoption, ACopyOfAChangeAtAnotherBallotIsATraceOfIt) {
  const Entry k = change({kB, kD, kE});
  promise(kA, {at(5, 2, k)});
  promise(kB, {at(5, 1, k)});
  promise(kC);
  EXPECT_FALSE(adopted().ready) << "A and B hold it";
}

// The founding configuration is the present one.
TEST_F(Adoption, GenesisIsFinishedByTheFoundersOrProposedAnew) {
  const MaybeConfiguration founders = of(1, {kA, kB, kC});
  const Entry genesis = genesis_entry({{7, 7}, founders});
  const auto born = [&] { return adopt({pos(1), kChainOrigin, founders, 99, heard()}); };
  promises[kA] = {ballot(9), pos(0), kChainOrigin, {{pos(1), ballot(2), genesis}}};
  promises[kB] = {ballot(9), pos(0), kChainOrigin, {}};
  ASSERT_TRUE(born().ready);
  EXPECT_EQ(born().values, std::vector{genesis});
  ASSERT_TRUE(born().change.has_value());
  EXPECT_EQ(*born().change, *founders) << "nothing follows before it is chosen";

  promises[kC] = promises[kB];
  EXPECT_TRUE(born().ready);
  EXPECT_TRUE(born().values.empty());
}

// ZooKeeper's group says who votes: configurations have no meaning there.
TEST_F(Adoption, WithoutAConfigurationAnyQuorumCounts) {
  promise(kA, {at(5, 2, change({kA, kD, kE}))});
  promise(kD);
  const auto discovered = [&] { return adopt({pos(5), below, std::nullopt, 2, heard()}); };
  ASSERT_TRUE(discovered().ready);
  EXPECT_EQ(discovered().values, std::vector{change({kA, kD, kE})});
}

}  // namespace
}  // namespace quorate::paxos::test
