#include <gtest/gtest.h>

#include <map>
#include <string>

#include "master/replicated_log/ensemble_test_kit.h"
#include "master/replicated_log/storage_test_kit.h"

// Disks that are not what they were: protocol.md 12, 17 and 19, over several replicas.

namespace quorate::replicated_log {
namespace {

struct LostDisks : testing::Test {
  void write(std::size_t leader, int count) {
    const std::size_t before = ensemble.acknowledged().size();
    for (int i = 0; i < count; ++i) {
      wanted.push_back("entry " + std::to_string(wanted.size()));
      ensemble.append(leader, wanted.back());
      ensemble.run(Duration::milliseconds(3));
    }
    ASSERT_TRUE(ensemble.run_until([&] {
      return ensemble.acknowledged().size() == before + static_cast<std::size_t>(count);
    })) << ensemble.why(leader);
  }
  using Image = std::map<std::string, Bytes>;
  // Replica 0 leads. What lay on the disk of 2 before the last 20 entries.
  Image copy_of_2_before_20_entries() {
    EXPECT_TRUE(ensemble.lead(0));
    write(0, 5);
    ensemble.kill(2, false);
    Image copy = ensemble.image(2);
    ensemble.start(2);
    EXPECT_TRUE(ensemble.all_voting());
    write(0, 20);
    return copy;
  }
  void restore(std::size_t n, const Image& copy) {
    ensemble.kill(n, false);
    ensemble.set_image(n, copy);
    ensemble.start(n);
  }
  // Until the run that found the loss has ended, and the next one has joined.
  bool rejoins(std::size_t n, ReplicaId old) {
    if (!ensemble.run_until([&] { return ensemble.refusal(n).has_value(); })) return false;
    EXPECT_EQ(ensemble.refusal(n)->exit, Exit::QuorumSilent) << ensemble.refusal(n)->why;
    ensemble.start(n);
    if (!ensemble.run_until([&] { return ensemble.up(n) && ensemble.log(n).voting(); }))
      return false;
    EXPECT_NE(ensemble.log(n).metadata().replica, old);
    return ensemble.run_until([&] { return ensemble.handed_out(n) == wanted; });
  }

  Ensemble ensemble{3, 2, 77};
  std::vector<Bytes> wanted;
};

// R6 of the hazards. Under the rule of Mesos it votes with what it has.
TEST_F(LostDisks, AnOldCopyIsFoundOutByItsPeersAndNeverVotesUnderItsOldId) {
  const Image copy = copy_of_2_before_20_entries();
  const ReplicaId old = ensemble.log(2).metadata().replica;
  restore(2, copy);
  EXPECT_TRUE(rejoins(2, old)) << ensemble.why(2);
}

// The same, where one of the two that saw it newer is silent: the other one is enough.
TEST_F(LostDisks, OnePeerThatSawNewerIsEnough) {
  const Image copy = copy_of_2_before_20_entries();
  ensemble.run(Duration::seconds(1));
  ensemble.kill(0);
  restore(2, copy);
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.refusal(2).has_value(); }))
      << ensemble.why(2);
  EXPECT_EQ(ensemble.refusal(2)->exit, Exit::QuorumSilent);
}

TEST_F(LostDisks, NobodyIsPromisedAnythingBeforeThePeersToldWhatTheySaw) {
  const Image copy = copy_of_2_before_20_entries();
  ensemble.kill(0);  // the leader; 1 and the old copy of 2 remain
  restore(2, copy);
  // 1 may not win with a vote of the old copy: what 0 and 2 had may be missing in 1.
  ensemble.elect(1);
  for (int i = 0; i < 3000; ++i) {
    ensemble.run(Duration::milliseconds(1));
    ASSERT_FALSE(ensemble.up(1) && ensemble.log(1).established());
  }
  for (std::size_t n = 0; n < 3; ++n)
    if (!ensemble.up(n)) ensemble.start(n);
  ASSERT_TRUE(ensemble.lead(0)) << ensemble.why(0) << ensemble.why(1) << ensemble.why(2);
  EXPECT_TRUE(ensemble.run_until([&] { return ensemble.handed_out(2) == wanted; }));
}

TEST_F(LostDisks, ARestartWithItsOwnDiskVotesAgainAtOnce) {
  ASSERT_TRUE(ensemble.lead(0));
  write(0, 20);
  const ReplicaId old = ensemble.log(2).metadata().replica;
  for (int round = 0; round < 5; ++round) {
    ensemble.kill(2);
    ensemble.start(2);
    ASSERT_TRUE(ensemble.all_voting());
    write(0, 3);
    EXPECT_EQ(ensemble.log(2).metadata().replica, old);
  }
}

// A silent member holds a restart up for a second, not longer.
TEST_F(LostDisks, ASilentMemberIsWaitedForASecond) {
  ASSERT_TRUE(ensemble.lead(0));
  write(0, 5);
  ensemble.kill(0);
  ensemble.kill(1);
  ensemble.kill(2);
  ensemble.start(1);
  ensemble.start(2);
  const MonoTime begin = ensemble.now().mono;
  ASSERT_TRUE(ensemble.lead(1));
  EXPECT_GE(ensemble.now().mono - begin, Duration::milliseconds(900));
  EXPECT_LE(ensemble.now().mono - begin, Duration::milliseconds(1500));
}

// X4: three replicas that gave up their ids know that there was a log.
TEST_F(LostDisks, RebornReplicasDoNotBearAnEmptyLogTogether) {
  ensemble.repair = Repair::Always;
  ASSERT_TRUE(ensemble.lead(0));
  write(0, 5);
  for (std::size_t n = 0; n < 3; ++n) {
    ensemble.kill(n, false);
    auto image = ensemble.image(n);
    for (auto& [name, bytes] : image)
      if (name.starts_with("metadata")) bytes.assign(bytes.size(), 'x');
    ensemble.set_image(n, image);
    ensemble.start(n);
  }
  ensemble.run(Duration::seconds(10));
  for (std::size_t n = 0; n < 3; ++n) {
    ASSERT_TRUE(ensemble.up(n)) << ensemble.why(n);
    EXPECT_EQ(ensemble.log(n).metadata().status, paxos::ReplicaStatus::Recovering);
  }
}

TEST_F(LostDisks, ADamagedReplicaIsRepairedFromItsPeersWhenAsked) {
  ASSERT_TRUE(ensemble.lead(0));
  write(0, 30);
  const ReplicaId old = ensemble.log(1).metadata().replica;
  ensemble.kill(1, false);
  auto image = ensemble.image(1);
  for (auto& [name, bytes] : image)
    if (name.starts_with("segment") && bytes.size() > 20'000) bytes[8192 + 700] ^= 1;
  ensemble.set_image(1, image);
  ensemble.start(1);
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.refusal(1).has_value(); }));
  EXPECT_EQ(ensemble.refusal(1)->exit, Exit::LogCorrupt) << ensemble.refusal(1)->why;

  ensemble.repair = Repair::Always;
  ensemble.start(1);
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.up(1) && ensemble.log(1).voting(); }))
      << ensemble.why(1);
  EXPECT_NE(ensemble.log(1).metadata().replica, old);
  EXPECT_TRUE(ensemble.run_until([&] { return ensemble.handed_out(1) == wanted; }));
}

// Whole batches whose records contradict each other: damage as any other.
TEST_F(LostDisks, RecordsThatDoNotFitTogetherAreRefusedOrRepaired) {
  MemoryDisk disk;
  Host host(disk, 5, {.segment_bytes = kTestSegmentBytes});
  host.run_until_open();
  host.append(slot_record(1));
  host.append(paxos::LearnedRecord{paxos::Position{1}, Digest{0xbad, 0xbad}});
  host.append(slot_record(2));
  host.run();

  ASSERT_TRUE(ensemble.lead(0));
  write(0, 5);
  ensemble.kill(2, false);
  ensemble.set_image(2, disk.image());
  ensemble.start(2);
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.refusal(2).has_value(); }));
  EXPECT_EQ(ensemble.refusal(2)->exit, Exit::LogCorrupt) << ensemble.refusal(2)->why;

  ensemble.repair = Repair::Always;
  ensemble.start(2);
  EXPECT_TRUE(rejoins(2, host.storage.metadata().replica)) << ensemble.why(2);
}

// N3 of the hazards: an outcome is applied, not applied, or unknown; never a wrong word.
TEST_F(LostDisks, AnEntryThatAnotherOneTookThePlaceOfIsNotApplied) {
  ASSERT_TRUE(ensemble.lead(0));
  write(0, 2);
  ensemble.cut(0, 1);
  ensemble.cut(0, 2);
  ensemble.append(0, "nobody got it");
  ensemble.run(Duration::milliseconds(100));
  ASSERT_TRUE(ensemble.run_until([&] {
    if (ensemble.log(1).ready_to_lead(ensemble.now()) && !ensemble.log(1).established())
      ensemble.elect(1);
    return ensemble.log(1).established();
  }));
  ensemble.append(1, "chosen in its place");
  ASSERT_TRUE(
      ensemble.run_until([&] { return ensemble.acknowledged().count("chosen in its place"); }));
  ensemble.heal();
  ensemble.run(Duration::seconds(2));
  EXPECT_FALSE(ensemble.acknowledged().count("nobody got it"));
  for (std::size_t n = 0; n < 3; ++n)
    for (const Bytes& entry : ensemble.handed_out(n)) EXPECT_NE(entry, "nobody got it");
  EXPECT_GE(ensemble.told(Outcome::NotApplied) + ensemble.told(Outcome::Unknown), 1);
}

}  // namespace
}  // namespace quorate::replicated_log
