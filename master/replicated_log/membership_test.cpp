#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "master/replicated_log/ensemble_test_kit.h"

// The recorded ensemble, over whole replicas of the log (protocol.md 4 and 5). The messages by
// themselves: paxos/membership_stories_test.cpp.

namespace quorate::replicated_log {
namespace {

using testing::HasSubstr;
using Recorded = Ensemble::Recorded;

bool appended(Ensemble& ensemble, std::size_t n, const Bytes& payload) {
  ensemble.append(n, payload);
  return ensemble.run_until([&] { return ensemble.acknowledged().count(payload) == 1; });
}

bool all_at(Ensemble& ensemble, std::uint64_t epoch, const std::vector<std::size_t>& nodes) {
  return ensemble.run_until([&] {
    return std::all_of(nodes.begin(), nodes.end(),
                       [&](std::size_t n) { return ensemble.epoch(n) == epoch; });
  });
}

bool ends(Ensemble& ensemble, std::size_t n, Exit exit) {
  return ensemble.run_until([&] { return ensemble.refusal(n).has_value(); }) &&
         ensemble.refusal(n)->exit == exit;
}

TEST(Membership, FoundersRecordThemselvesAndKnowItAfterARestart) {
  Ensemble ensemble(3, Recorded{3}, 1);
  ASSERT_TRUE(ensemble.lead(0)) << ensemble.why(0);
  ASSERT_TRUE(all_at(ensemble, 1, {0, 1, 2}));
  for (std::size_t n = 0; n < 3; ++n) ensemble.kill(n);
  for (std::size_t n = 0; n < 3; ++n) ensemble.start(n);
  ASSERT_TRUE(ensemble.lead(2)) << ensemble.why(2);
  EXPECT_EQ(ensemble.log(2).configuration()->members.size(), 3u);
  EXPECT_EQ(ensemble.log(2).metadata().ensemble, (EnsembleId{7, 7}));
}

// An extra master, as in the Operational Guide's warning: it learns, and never counts.
TEST(Membership, AStrangerLearnsAndDoesNotVote) {
  Ensemble ensemble(4, Recorded{3}, 2);
  ASSERT_TRUE(ensemble.lead(0));
  ASSERT_TRUE(appended(ensemble, 0, "a"));
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.handed_out(3).size() == 1; }));
  EXPECT_FALSE(ensemble.log(3).voting());
  EXPECT_FALSE(ensemble.log(3).ready_to_lead(ensemble.now()));
  ensemble.kill(1);
  ensemble.kill(2);
  ensemble.append(0, "b");
  ensemble.run(Duration::seconds(1));
  EXPECT_EQ(ensemble.acknowledged().count("b"), 0u) << "0 and the stranger are no quorum";
}

TEST(Membership, AMemberIsReplacedUnderLoadAndTheOldOneEndsWithSeventySeven) {
  Ensemble ensemble(4, Recorded{3}, 3);
  ASSERT_TRUE(ensemble.lead(0));
  for (int i = 0; i < 50; ++i) ensemble.append(0, "before " + std::to_string(i));
  ASSERT_TRUE(ensemble.change({0, 1, 3})) << ensemble.why_not;
  for (int i = 0; i < 50; ++i) ensemble.append(0, "during " + std::to_string(i));
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.acknowledged().size() == 100; }));
  EXPECT_EQ(ensemble.told(Outcome::Unknown), 0);
  EXPECT_TRUE(all_at(ensemble, 2, {0, 1, 3}));
  EXPECT_TRUE(ensemble.log(3).voting());
  EXPECT_TRUE(ends(ensemble, 2, Exit::NotMember));
  EXPECT_THAT(ensemble.refusal(2)->why, HasSubstr("retired by epoch 2"));

  ensemble.kill(1);
  EXPECT_TRUE(appended(ensemble, 0, "after")) << "0 and 3 are a quorum";
  ensemble.kill(0);
  ensemble.start(1);
  EXPECT_TRUE(ensemble.lead(3)) << ensemble.why(3);
}

TEST(Membership, OneGrowsToThreeWithoutWiping) {
  Ensemble ensemble(3, Recorded{1}, 4);
  ASSERT_TRUE(ensemble.lead(0));
  ASSERT_TRUE(appended(ensemble, 0, "a"));
  ASSERT_TRUE(ensemble.change({0, 1, 2})) << ensemble.why_not;
  ASSERT_TRUE(appended(ensemble, 0, "b"));
  ensemble.kill(0);
  ASSERT_TRUE(ensemble.lead(1));
  EXPECT_EQ(ensemble.handed_out(1), (std::vector<Bytes>{"a", "b"}));
}

TEST(Membership, ThreeGrowToFiveAndShrinkToThree) {
  Ensemble ensemble(5, Recorded{3}, 5);
  ASSERT_TRUE(ensemble.lead(0));
  ASSERT_TRUE(ensemble.change({0, 1, 2, 3, 4})) << ensemble.why_not;
  ASSERT_TRUE(all_at(ensemble, 2, {0, 1, 2, 3, 4}));
  ensemble.kill(1);
  ensemble.kill(2);
  ASSERT_TRUE(appended(ensemble, 0, "five tolerate two"));
  ensemble.start(1);
  ensemble.start(2);
  ASSERT_TRUE(ensemble.change({0, 3, 4})) << ensemble.why_not;
  ASSERT_TRUE(all_at(ensemble, 3, {0, 3, 4}));
  EXPECT_TRUE(ends(ensemble, 1, Exit::NotMember));
  EXPECT_TRUE(ends(ensemble, 2, Exit::NotMember));
  EXPECT_TRUE(appended(ensemble, 0, "three"));
}

TEST(Membership, ALeaderThatIsLeftOutHandsOverAndEnds) {
  Ensemble ensemble(4, Recorded{3}, 6);
  ASSERT_TRUE(ensemble.lead(0));
  ASSERT_TRUE(ensemble.change({1, 2, 3})) << ensemble.why_not;
  EXPECT_TRUE(ends(ensemble, 0, Exit::NotMember));
  EXPECT_TRUE(ensemble.lead(3)) << ensemble.why(3);
  EXPECT_TRUE(appended(ensemble, 3, "a"));
}

// Rule 24.
TEST(Membership, AChangeWaitsForItsMembersAndSaysSo) {
  Ensemble ensemble(3, Recorded{1}, 7);
  ASSERT_TRUE(ensemble.lead(0));
  ensemble.kill(2);
  ensemble.run(Duration::seconds(3));
  const ReplicaId there = ensemble.log(1).metadata().replica;
  std::vector<paxos::Member> members{
      {ensemble.log(0).metadata().replica, ""}, {there, ""}, {ReplicaId{12345}, ""}};
  const Result<void> refused = ensemble.log(0).change(ensemble.now(), members, 0);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr("only 2 of the 3"));
  EXPECT_EQ(ensemble.epoch(0), 1u);
}

TEST(Membership, ARetiredIdIsNeverAdmittedAgain) {
  Ensemble ensemble(4, Recorded{3}, 8);
  ASSERT_TRUE(ensemble.lead(0));
  const ReplicaId retired = ensemble.log(2).metadata().replica;
  ASSERT_TRUE(ensemble.change({0, 1, 3}));
  ASSERT_TRUE(ends(ensemble, 2, Exit::NotMember));
  std::vector<paxos::Member> members{{ensemble.log(0).metadata().replica, ""}, {retired, ""}};
  const Result<void> refused = ensemble.log(0).change(ensemble.now(), members, 0);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr("was retired"));
  ensemble.start(2);
  EXPECT_TRUE(ends(ensemble, 2, Exit::NotMember)) << "its disk says so still";
}

// Step 19, and "one holder, dead newcomers".
TEST(Membership, AChangeWhoseNewMembersDieEndsTheLeaderAndTheOldOnesGoOn) {
  Ensemble ensemble(5, Recorded{3}, 9);
  ASSERT_TRUE(ensemble.lead(0));
  ensemble.run(Duration::milliseconds(500));
  for (std::size_t old : {0u, 1u, 2u})
    for (std::size_t fresh : {3u, 4u}) {
      ensemble.cut(old, fresh);
      ensemble.cut(fresh, old);
    }
  ASSERT_TRUE(ensemble.change({0, 3, 4})) << ensemble.why_not;
  ensemble.kill(3);
  ensemble.kill(4);
  EXPECT_TRUE(ends(ensemble, 0, Exit::QuorumSilent));
  ensemble.start(0);
  ASSERT_TRUE(ensemble.lead(1)) << ensemble.why(1);
  EXPECT_TRUE(appended(ensemble, 1, "a"));
  EXPECT_EQ(ensemble.epoch(1), 1u);
}

// "Unseen promise" cannot happen: who lost its disk votes under a new id, once that is recorded.
TEST(Membership, AWipedMemberComesBackAsALearnerUntilItIsRecorded) {
  Ensemble ensemble(3, Recorded{3}, 10);
  ASSERT_TRUE(ensemble.lead(0));
  ASSERT_TRUE(appended(ensemble, 0, "a"));
  const ReplicaId lost = ensemble.log(2).metadata().replica;
  ensemble.kill(2);
  ensemble.wipe(2);
  ensemble.start(2);
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.handed_out(2).size() == 1; }));
  EXPECT_FALSE(ensemble.log(2).voting());
  EXPECT_NE(ensemble.log(2).metadata().replica, lost);
  ASSERT_TRUE(ensemble.change({0, 1, 2})) << ensemble.why_not;
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.log(2).voting(); }));
  EXPECT_THAT(ensemble.log(0).configuration()->retired, testing::ElementsAre(lost));
}

TEST(Membership, ASnapshotCarriesTheConfiguration) {
  Ensemble ensemble(4, Recorded{3}, 11);
  ensemble.segment_bytes = 64 << 10;
  ensemble.truncate_after_bytes = 0;
  for (std::size_t n = 0; n < 4; ++n) {
    ensemble.kill(n);
    ensemble.start(n);
  }
  ensemble.run_until([&] { return ensemble.log(3).opened(); });
  ensemble.kill(3);
  ASSERT_TRUE(ensemble.lead(0));
  for (int i = 0; i < 60; ++i) {
    ensemble.append(0, Bytes(4096, static_cast<char>('a' + i % 26)) + std::to_string(i));
    ensemble.run(Duration::milliseconds(10));
  }
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.log(0).gauges().begin > 2; }));
  ensemble.wipe(3);
  ensemble.start(3);
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.epoch(3) == 1; }, Duration::seconds(60)));
  EXPECT_GT(ensemble.log(3).gauges().begin, 2u) << "it came by a snapshot";
  ASSERT_TRUE(ensemble.change({0, 1, 3})) << ensemble.why_not;
  EXPECT_TRUE(ensemble.run_until([&] { return ensemble.log(3).voting(); }));
  ensemble.run(Duration::milliseconds(100));  // it is on its disk

  ensemble.kill(3);
  ensemble.start(3);
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.log(3).opened(); }));
  EXPECT_EQ(ensemble.epoch(3), 2u);
}

// Members come and go, leaders and power fail, messages are lost; the kit watches agreement.
void storm(std::uint64_t seed) {
  Ensemble ensemble(5, Recorded{3}, seed);
  RandomStream random(seed, "membership storm");
  ensemble.faults = {20'000, 5'000, Duration::milliseconds(5)};
  for (int round = 0; round < 60; ++round) {
    const std::size_t who = random.below(5);
    const std::uint64_t what = random.below(10);
    if (what < 2 && ensemble.up(who) && ensemble.log(who).ready_to_lead(ensemble.now()))
      ensemble.elect(who);
    if (what == 2 && ensemble.up(who)) {
      ensemble.kill(who);
      ensemble.run(Duration::milliseconds(static_cast<std::int64_t>(random.below(300))));
      ensemble.start(who);
    }
    const std::optional<std::size_t> leader = ensemble.leader();
    const bool leads = leader && ensemble.up(*leader) && ensemble.log(*leader).established();
    if (leads) ensemble.append(*leader, "r" + std::to_string(round));
    if (leads && what > 6) {
      std::vector<paxos::Member> members;
      for (std::size_t n = 0; n < 5; ++n)
        if (ensemble.up(n) && ensemble.log(n).opened() && random.below(3) > 0)
          members.push_back({ensemble.log(n).metadata().replica, ""});
      (void)ensemble.log(*leader).change(ensemble.now(), std::move(members), 0);
    }
    ensemble.run(Duration::milliseconds(static_cast<std::int64_t>(random.below(200))));
    // Who was retired comes back with an empty disk, as its message says.
    for (std::size_t n = 0; n < 5; ++n)
      if (!ensemble.up(n)) {
        if (ensemble.refusal(n) && ensemble.refusal(n)->exit == Exit::NotMember) ensemble.wipe(n);
        ensemble.start(n);
      }
  }
  ensemble.faults = {};
  ASSERT_TRUE(ensemble.run_until(
      [&] {
        for (std::size_t n = 0; n < 5; ++n) {
          if (!ensemble.up(n)) ensemble.start(n);
          if (ensemble.log(n).opened() && ensemble.log(n).ready_to_lead(ensemble.now()) &&
              (!ensemble.leader() || !ensemble.up(*ensemble.leader())))
            ensemble.elect(n);
        }
        const auto leader = ensemble.leader();
        if (!leader || !ensemble.up(*leader) || !ensemble.log(*leader).established()) return false;
        const ReplicatedLog& log = ensemble.log(*leader);
        return !log.changing() && log.configuration()->contains(log.metadata().replica);
      },
      Duration::seconds(60)))
      << "nobody leads after the storm, seed " << seed;
  EXPECT_TRUE(appended(ensemble, *ensemble.leader(), "after the storm")) << "seed " << seed;
}

TEST(Membership, SurvivesStorms) {
  const char* count = std::getenv("QUORATE_STORMS");
  const std::uint64_t seeds = count ? std::strtoull(count, nullptr, 10) : 25;
  for (std::uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) storm(seed);
}

}  // namespace
}  // namespace quorate::replicated_log
