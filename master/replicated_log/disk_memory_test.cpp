#include "master/replicated_log/disk_memory.h"

#include <gtest/gtest.h>

namespace quorate::replicated_log {
namespace {

using paxos::Watermark;

const ReplicaId kA{1}, kB{2};

Digest content(std::uint64_t batch) { return {batch, 1}; }
Watermark at(std::uint64_t start, std::uint64_t batch) { return {start, batch, content(batch)}; }

TEST(DiskMemory, KeepsTheLaterOfTwoSightings) {
  DiskMemory memory;
  EXPECT_TRUE(memory.note(kA, at(3, 10)));
  EXPECT_FALSE(memory.note(kA, at(3, 9)));
  EXPECT_FALSE(memory.note(kA, at(3, 10)));
  EXPECT_TRUE(memory.note(kA, at(4, 10)));  // the next run, before it wrote
  EXPECT_EQ(memory.of(kA), at(4, 10));
  EXPECT_TRUE(memory.of(kB).none());
}

TEST(DiskMemory, NothingIsLearnedFromASightingOfNothing) {
  DiskMemory memory;
  EXPECT_FALSE(memory.note(kA, {}));
  EXPECT_TRUE(memory.all().empty());
}

TEST(DiskMemory, RemembersWhoIsDownAndForgetsOnlyWhenThereAreTooMany) {
  DiskMemory memory;
  memory.note(kA, at(1, 1));
  memory.note(kB, at(1, 1));
  memory.bound({kB});
  EXPECT_EQ(memory.of(kA), at(1, 1));

  for (std::uint64_t id = 10; id < 10 + kRememberedMax; ++id) memory.note(ReplicaId{id}, at(1, 1));
  memory.bound({kB});
  EXPECT_EQ(memory.all(), (std::vector<paxos::MemberWatermark>{{kB, at(1, 1)}}));
}

// This disk was found with batch 10 and is in run 5; since then it wrote 12 and 13 (11 is skipped).
struct LostVotes : testing::Test {
  OwnDisk own{at(4, 10), at(5, 13), [](std::uint64_t batch) -> std::optional<Digest> {
                if (batch < 8 || batch == 11 || batch > 13) return std::nullopt;
                return content(batch);
              }};
};

TEST_F(LostVotes, NoneWhereTheOthersSawWhatIsHere) {
  EXPECT_FALSE(lost_since({}, own));
  EXPECT_FALSE(lost_since(at(4, 10), own));
  EXPECT_FALSE(lost_since(at(3, 8), own));
  EXPECT_FALSE(lost_since(at(5, 13), own));
}

TEST_F(LostVotes, SeenFurtherThanItWasFound) {
  EXPECT_TRUE(lost_since(at(4, 11), own));
  // Though this run has numbers beyond it by now.
  EXPECT_TRUE(lost_since(at(4, 12), own));
  EXPECT_TRUE(lost_since(at(5, 14), own));
}

TEST_F(LostVotes, SeenInALaterRun) { EXPECT_TRUE(lost_since(at(6, 10), own)); }

TEST_F(LostVotes, SeenElsewhereAtTheSameNumber) {
  EXPECT_TRUE(lost_since({4, 9, {77, 77}}, own));
  EXPECT_TRUE(lost_since({5, 12, {77, 77}}, own));
}

TEST_F(LostVotes, WhatIsNotKnownAnyMoreIsNeverDifferent) {
  EXPECT_FALSE(lost_since({2, 5, {77, 77}}, own));
}

}  // namespace
}  // namespace quorate::replicated_log
