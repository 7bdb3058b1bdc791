#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/replicated_log/storage_test_kit.h"

// What a disk says of itself, and what it keeps of the others (protocol.md 12).

namespace quorate::replicated_log {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<paxos::MemberWatermark> members(std::uint64_t batch) {
  return {{ReplicaId{7}, {1, batch, {batch, 1}}}, {ReplicaId{8}, {3, batch + 1, {batch, 2}}}};
}

TEST(StorageWatermark, RisesWithTheSyncAndNotBefore) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  EXPECT_EQ(host.storage.watermark(), (paxos::Watermark{1, 0, {}}));
  EXPECT_TRUE(host.storage.found_watermark().none());

  host.append(slot_record(1));
  host.step();  // the write
  EXPECT_EQ(host.storage.watermark().batch, 0u);
  host.step();  // the sync

  EXPECT_EQ(host.storage.watermark().batch, 1u);
  EXPECT_EQ(host.storage.digest_of_batch(1), host.storage.watermark().digest);
  EXPECT_EQ(host.storage.digest_of_batch(2), std::nullopt);
}

TEST(StorageWatermark, OfTheRunBeforeIsFoundAgain) {
  MemoryDisk disk;
  paxos::Watermark before;
  std::vector<std::optional<Digest>> digests;
  {
    Host host(disk);
    host.run();
    for (std::uint64_t p = 1; p <= 60; ++p) {
      host.append(slot_record(p, 3000));
      host.run();
    }
    before = host.storage.watermark();
    for (std::uint64_t b = 1; b <= before.batch; ++b)
      digests.push_back(host.storage.digest_of_batch(b));
  }

  Host again(disk, 2);
  again.run();

  EXPECT_EQ(again.storage.found_watermark(), before);
  EXPECT_EQ(again.storage.watermark(), (paxos::Watermark{2, before.batch, before.digest}));
  for (std::uint64_t b = 1; b <= before.batch; ++b) {
    ASSERT_TRUE(digests[b - 1]);
    EXPECT_EQ(again.storage.digest_of_batch(b), digests[b - 1]);
  }
  // The number that a torn batch may have had is left out.
  again.append(slot_record(61));
  again.run();
  EXPECT_EQ(again.storage.watermark().batch, before.batch + 2);
  EXPECT_EQ(again.storage.digest_of_batch(before.batch + 1), std::nullopt);
}

TEST(StorageWatermark, DigestsOfTheLastThousandBatchesAreKnown) {
  MemoryDisk disk;
  Host host(disk, 1, {.segment_bytes = 1ull << 20});
  host.run();
  for (std::uint64_t p = 1; p <= 1200; ++p) {
    host.append(slot_record(p));
    host.run();
  }

  for (std::uint64_t b = 1; b <= 1200; ++b) ASSERT_TRUE(host.storage.digest_of_batch(b)) << b;
}

TEST(StorageMembers, RideWithTheNextBatchAndAreFoundAgain) {
  MemoryDisk disk;
  {
    Host host(disk);
    host.run();
    host.storage.remember(members(5));
    host.storage.flush();
    EXPECT_TRUE(disk.idle());
    host.append(slot_record(1));
    host.run();
    host.storage.remember(members(6));
    host.storage.seal();
    host.run();
    host.storage.remember(members(7));  // in no batch any more
  }

  Host again(disk, 2);
  again.run();

  EXPECT_THAT(again.storage.remembered(), ElementsAreArray(members(6)));
  EXPECT_THAT(slots_of(again.storage.take_recovered()), SizeIs(1));
}

TEST(StorageMembers, OutliveTheSegmentsInWhichTheyWereStoredFirst) {
  MemoryDisk disk;
  {
    Host host(disk);
    host.run();
    host.storage.remember(members(5));
    for (std::uint64_t p = 1; p <= 40; ++p) {
      host.append(slot_record(p, 5000));
      host.run();
    }
    host.storage.install(snapshot_at(40));
    host.run();
    ASSERT_FALSE(disk.image().contains(segment_file(SegmentNumber{1})));
  }

  for (std::uint64_t start = 2; start <= 4; ++start) {
    Host again(disk, start);
    again.run();
    EXPECT_THAT(again.storage.remembered(), ElementsAreArray(members(5)));
    again.storage.seal();
    again.run();
  }
}

TEST(StorageMembers, LeaveTheLargestRecordItsRoom) {
  MemoryDisk disk;
  {
    Host host(disk);
    host.run();
    host.storage.remember(members(5));
    host.append(slot_record(1, host.storage.record_bytes_max()));
    host.run();
    EXPECT_EQ(host.storage.durable(), host.storage.last());
    host.append(slot_record(2));
    host.run();
  }

  Host again(disk, 2);
  again.run();

  EXPECT_THAT(again.storage.remembered(), ElementsAreArray(members(5)));
}

TEST(StorageReport, LiesBesideTheLogAndIsNotPartOfIt) {
  MemoryDisk disk;
  {
    Host host(disk);
    host.run();
    host.storage.report("chain", "first");
    host.storage.report("chain", "replica 7 says otherwise\n");
    host.storage.report("other", Bytes(1024, 'x'));
    host.run();
  }
  EXPECT_EQ(disk.image().at("report-chain"), "replica 7 says otherwise\n");
  EXPECT_EQ(disk.image().at("report-other"), Bytes(1024, 'x'));

  Host again(disk, 2);
  again.run();

  EXPECT_TRUE(again.storage.opened()) << why(again.storage);
  EXPECT_THAT(again.storage.take_notes(), IsEmpty());
  EXPECT_TRUE(disk.image().contains("report-chain"));
}

TEST(StorageReport, ThatFindsNoRoomHarmsNothing) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  disk.full = true;

  host.storage.report("chain", "text");
  const Mark mark = host.append(slot_record(1));
  host.run();

  EXPECT_GE(host.storage.durable(), mark);
  EXPECT_THAT(host.storage.take_notes(), testing::Contains(HasSubstr("report-chain")));
}

}  // namespace
}  // namespace quorate::replicated_log
