#include "master/replicated_log/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/replicated_log/storage_test_kit.h"

namespace quorate::replicated_log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Storage, IsBornInAnEmptyDirectory) {
  MemoryDisk disk;
  Host host(disk);
  host.run();

  ASSERT_TRUE(host.storage.opened()) << why(host.storage);
  EXPECT_NE(host.storage.metadata().replica, ReplicaId{});
  EXPECT_EQ(host.storage.metadata().status, paxos::ReplicaStatus::Empty);
  EXPECT_EQ(host.storage.metadata().incarnation.start, 1u);
  EXPECT_THAT(host.storage.take_recovered(), IsEmpty());
  EXPECT_THAT(host.storage.take_notes(), IsEmpty());
  EXPECT_THAT(disk.image(), SizeIs(4));  // two of metadata, the segment, the spare
}

TEST(Storage, MakesTheMetadataFilesBeforeAnySegment) {
  MemoryDisk disk;
  Host host(disk);

  while (host.step()) {
    if (disk.image().contains(segment_file(SegmentNumber{1}))) {
      EXPECT_TRUE(disk.image().contains("metadata-a"));
      EXPECT_TRUE(disk.image().contains("metadata-b"));
    }
  }

  EXPECT_TRUE(host.storage.opened());
}

TEST(Storage, FindsItsRecordsAndMetadataAgain) {
  MemoryDisk disk;
  ReplicaId replica;
  {
    Host host(disk);
    host.run();
    replica = host.storage.metadata().replica;
    Metadata metadata = host.storage.metadata();
    metadata.ensemble = {1, 2};
    metadata.status = paxos::ReplicaStatus::Voting;
    metadata.epoch = 5;
    host.storage.save(metadata);
    host.append(slot_record(1));
    host.append(promise(9));
    host.append(slot_record(2, 20'000));
    host.run();
    EXPECT_EQ(host.storage.durable(), host.storage.last());
  }

  Host again(disk, 2);
  again.run();

  ASSERT_TRUE(again.storage.opened()) << why(again.storage);
  EXPECT_THAT(slots_of(again.storage.take_recovered()),
              ElementsAre(slot_record(1), slot_record(2, 20'000)));
  const Metadata& metadata = again.storage.metadata();
  EXPECT_EQ(metadata.replica, replica);
  EXPECT_EQ(metadata.promised, promise(9).promised);
  EXPECT_EQ(metadata.status, paxos::ReplicaStatus::Voting);
  EXPECT_EQ(metadata.epoch, 5u);
  EXPECT_EQ(metadata.ensemble, (EnsembleId{1, 2}));
  EXPECT_EQ(metadata.incarnation.start, 2u);
}

TEST(Storage, TellsNothingDurableBeforeItsSync) {
  MemoryDisk disk;
  Host host(disk);
  host.run();

  Mark mark = host.append(slot_record(1));
  EXPECT_LT(host.storage.durable(), mark);
  host.step();  // the write
  EXPECT_LT(host.storage.durable(), mark);
  host.step();  // the sync

  EXPECT_EQ(host.storage.durable(), mark);
}

TEST(Storage, TellsNoPromiseDurableBeforeBothFilesAreSynced) {
  MemoryDisk disk;
  Host host(disk);
  host.run();

  Mark mark = host.append(promise(4));
  for (int i = 0; i < 3; ++i) {  // two writes, one sync
    host.step();
    EXPECT_LT(host.storage.durable(), mark);
  }
  host.step();

  EXPECT_EQ(host.storage.durable(), mark);
}

TEST(Storage, NeverUsesABatchNumberTwice) {
  MemoryDisk disk;
  RandomStream random(1, "power");
  Host host(disk);
  host.run();
  host.append(slot_record(1));
  host.run();
  host.append(slot_record(2, 3000));  // batch 2
  host.step();
  disk.lose_power(MemoryDisk::Survival::Odd, random);

  Host again(disk, 2);
  again.run();
  EXPECT_THAT(again.storage.take_notes(), ElementsAre(HasSubstr("torn")));
  again.append(slot_record(2));
  again.run();

  const LogRead log = read_log(disk.image());
  ASSERT_THAT(log.records, SizeIs(2));
  EXPECT_EQ(log.records[0].batch, BatchNumber{1});
  EXPECT_EQ(log.records[1].batch, BatchNumber{3});
}

TEST(Storage, WritesNothingTwiceInASpareThatAnOpenBegan) {
  MemoryDisk disk;
  {
    Host host(disk);
    host.run();
    host.append(slot_record(1));
    host.run();
  }
  std::map<std::string, Bytes> image = disk.image();
  const std::string spare = segment_file(SegmentNumber{2});
  image[spare].replace(kBlockBytes, 5, "carry");  // of an open whose header block was lost
  disk.set_image(image);

  Host again(disk, 2);
  again.run();

  ASSERT_TRUE(again.storage.opened()) << why(again.storage);
  EXPECT_FALSE(disk.image().contains(spare));
  EXPECT_THAT(slots_of(again.storage.take_recovered()), SizeIs(1));
}

TEST(Storage, SharesOneSyncAmongAllThatWaits) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  const std::uint64_t batches = host.storage.gauges().batches;

  for (std::uint64_t p = 1; p <= 10; ++p) host.append(slot_record(p));
  host.run();

  EXPECT_EQ(host.storage.gauges().batches, batches + 2);
  EXPECT_EQ(host.storage.durable(), host.storage.last());
}

TEST(Storage, KeepsMarksInOrderOverBothKinds) {
  MemoryDisk disk;
  Host host(disk);
  host.run();

  host.storage.append(slot_record(1));
  Mark saved = host.storage.append(promise(3));
  Mark last = host.storage.append(slot_record(2));
  host.storage.flush();
  Mark before = host.storage.durable();
  std::vector<Mark> seen{before};
  while (host.step())
    if (host.storage.durable() != seen.back()) seen.push_back(host.storage.durable());

  EXPECT_LT(before, saved);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), last);
}

TEST(Storage, LetsAMarkWaitForTheSlowerKind) {
  MemoryDisk disk;
  Host host(disk);
  host.run();

  Mark saved = host.append(promise(3));
  Mark slot = host.append(slot_record(1));
  for (int i = 0; i < 4; ++i) host.step();  // both writes and syncs of the metadata
  EXPECT_EQ(host.storage.durable(), saved);
  host.run();

  EXPECT_EQ(host.storage.durable(), slot);
}

TEST(Storage, LetsLearnedRecordsRideWithTheNextBatch) {
  MemoryDisk disk;
  {
    Host host(disk);
    host.run();
    Mark before = host.append(slot_record(1));
    host.run();
    EXPECT_EQ(host.append(paxos::LearnedRecord{paxos::Position{1}, Digest{1, 1}}), before);
    EXPECT_TRUE(disk.idle());
    EXPECT_EQ(host.storage.durable(), before);
    host.append(slot_record(2));
    host.run();
  }

  Host again(disk, 2);
  again.run();

  EXPECT_THAT(again.storage.take_recovered(),
              ElementsAre(paxos::Record(slot_record(1)),
                          paxos::Record(paxos::LearnedRecord{paxos::Position{1}, Digest{1, 1}}),
                          paxos::Record(slot_record(2))));
}

TEST(Storage, SealsOnceAndWithWhatWasLearned) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  host.append(slot_record(1));
  host.run();
  const std::uint64_t batches = host.storage.gauges().batches;

  host.append(paxos::LearnedRecord{paxos::Position{1}, Digest{1, 1}});
  host.storage.seal();
  host.run();
  host.storage.seal();
  host.run();

  EXPECT_EQ(host.storage.gauges().batches, batches + 1);
  EXPECT_THAT(read_log(disk.image()).records, SizeIs(2));
}

TEST(Storage, GoesOnInFurtherSegments) {
  MemoryDisk disk;
  std::vector<paxos::SlotRecord> expected;
  {
    Host host(disk);
    host.run();
    for (std::uint64_t p = 1; p <= 60; ++p) {
      expected.push_back(slot_record(p, 200 * p));
      host.append(expected.back());
      if (p % 3 == 0) host.run();
    }
    host.run();
    EXPECT_EQ(host.storage.durable(), host.storage.last());
    EXPECT_GE(host.storage.gauges().segments, 4u);
  }

  Host again(disk, 2);
  again.run();

  ASSERT_TRUE(again.storage.opened()) << why(again.storage);
  EXPECT_EQ(slots_of(again.storage.take_recovered()), expected);
  EXPECT_THAT(again.storage.take_notes(), IsEmpty());
}

TEST(Storage, TakesTheLargestRecord) {
  MemoryDisk disk;
  const StorageSettings settings{.segment_bytes = 256ull << 10};
  std::vector<paxos::SlotRecord> expected;
  {
    Host host(disk, 1, settings);
    host.run();
    for (std::uint64_t p = 1; p <= 4; ++p) {
      expected.push_back(slot_record(p, host.storage.record_bytes_max()));
      host.append(expected.back());
    }
    host.run();
    EXPECT_EQ(host.storage.durable(), host.storage.last());
  }

  Host again(disk, 2, settings);
  again.run();
  again.append(slot_record(5, again.storage.record_bytes_max()));
  again.run();

  ASSERT_TRUE(again.storage.opened()) << why(again.storage);
  EXPECT_EQ(slots_of(again.storage.take_recovered()), expected);
  EXPECT_EQ(again.storage.durable(), again.storage.last());
}

TEST(Storage, OpensManyTimesWithoutGrowing) {
  MemoryDisk disk;
  for (std::uint64_t start = 1; start <= 20; ++start) {
    Host host(disk, start);
    host.run();
    ASSERT_TRUE(host.storage.opened()) << why(host.storage);
    EXPECT_EQ(host.storage.metadata().incarnation.start, start);
    if (start == 1) host.append(slot_record(1));
    host.run();
    EXPECT_THAT(host.storage.take_notes(), IsEmpty());
  }

  EXPECT_THAT(slots_of(read_log(disk.image())), ElementsAre(slot_record(1)));
  EXPECT_LE(disk.image().size(), 5u);
}

TEST(Storage, WorksWithAnotherSegmentSizeThanBefore) {
  MemoryDisk disk;
  for (std::uint64_t kib : {64u, 256u, 64u, 128u}) {
    Host host(disk, kib, {.segment_bytes = kib << 10});
    host.run();
    ASSERT_TRUE(host.storage.opened()) << why(host.storage);
    const std::uint64_t p = slots_of(host.storage.take_recovered()).size() + 1;
    host.append(slot_record(p, host.storage.record_bytes_max()));
    host.append(slot_record(p + 1, host.storage.record_bytes_max()));
    host.run();
    EXPECT_EQ(host.storage.durable(), host.storage.last());
  }

  EXPECT_THAT(slots_of(read_log(disk.image())), SizeIs(8));
}

TEST(Storage, ReadsTheSameOfflineAsItOpens) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  host.append(slot_record(1));
  host.append(promise(4));
  host.run();

  LogRead log = read_log(disk.image());

  EXPECT_FALSE(log.refusal);
  EXPECT_EQ(log.metadata->metadata, host.storage.metadata());
  ASSERT_THAT(log.records, SizeIs(1));
  EXPECT_EQ(log.records[0].segment, SegmentNumber{1});
  EXPECT_EQ(log.records[0].offset, kBlockBytes);
  EXPECT_EQ(log.records[0].position(), paxos::Position{1});
  EXPECT_EQ(log.tail.kind, TailKind::Clean);
  EXPECT_EQ(log.tail_file, segment_file(SegmentNumber{1}));
}

// What goes wrong around the log.

TEST(Storage, RefusesTheDirectoryOfAnotherProgram) {
  for (std::string name : {"CURRENT", "MANIFEST-000002", "000003.log", "notes.txt"}) {
    MemoryDisk disk;
    disk.set_image({{name, "x"}});
    Host host(disk);
    host.run();

    ASSERT_TRUE(host.storage.refusal());
    EXPECT_EQ(host.storage.refusal()->exit, Exit::Configuration);
    EXPECT_THAT(why(host.storage), HasSubstr(name));
    EXPECT_THAT(disk.image(), SizeIs(1));
  }
}

TEST(Storage, RefusesMetadataOfAnotherProgram) {
  MemoryDisk disk;
  disk.set_image({{"metadata-a", Bytes(8192, 'x')}});
  Host host(disk);
  host.run();

  ASSERT_TRUE(host.storage.refusal());
  EXPECT_EQ(host.storage.refusal()->exit, Exit::Configuration);
  EXPECT_THAT(why(host.storage), HasSubstr("metadata-a"));
  EXPECT_EQ(disk.image().at("metadata-a"), Bytes(8192, 'x'));
}

TEST(Storage, RefusesADirectoryThatIsLocked) {
  MemoryDisk disk;
  disk.locked = true;
  Host host(disk);
  host.run();

  ASSERT_TRUE(host.storage.refusal());
  EXPECT_EQ(host.storage.refusal()->exit, Exit::Configuration);
  EXPECT_THAT(why(host.storage), HasSubstr("4711"));
}

TEST(Storage, StopsAtAFailedSync) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  disk.syncs_until_failure = 0;

  Mark mark = host.append(slot_record(1));
  host.run();

  EXPECT_LT(host.storage.durable(), mark);
  EXPECT_FALSE(host.storage.opened());
  ASSERT_TRUE(host.storage.refusal());
  EXPECT_EQ(host.storage.refusal()->exit, Exit::Disk);
}

TEST(Storage, DoesNotOpenAfterAFailedSync) {
  for (std::size_t nth = 0; nth < 5; ++nth) {
    MemoryDisk disk;
    disk.syncs_until_failure = nth;
    Host host(disk);
    host.run();

    EXPECT_FALSE(host.storage.opened());
    ASSERT_TRUE(host.storage.refusal());
    EXPECT_EQ(host.storage.refusal()->exit, Exit::Disk);
  }
}

TEST(Storage, RefusesAFullDiskAtBirth) {
  MemoryDisk disk;
  disk.full = true;
  Host host(disk);
  host.run();

  ASSERT_TRUE(host.storage.refusal());
  EXPECT_EQ(host.storage.refusal()->exit, Exit::Disk);
}

TEST(Storage, GoesOnWithoutASpareUntilTheSegmentIsFull) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  disk.full = true;

  std::uint64_t acknowledged = 0;
  for (std::uint64_t p = 1; p <= 30 && host.storage.opened(); ++p) {
    Mark mark = host.append(slot_record(p, 4000));
    host.run();
    if (host.storage.durable() >= mark) acknowledged = p;
  }
  EXPECT_GE(acknowledged, 6u);
  EXPECT_THAT(host.storage.take_notes(), ElementsAre(HasSubstr("ALARM")));
  ASSERT_TRUE(host.storage.refusal());
  EXPECT_EQ(host.storage.refusal()->exit, Exit::Disk);
  disk.kill();

  // The spare that was kept serves the next open, although the disk is still full.
  Host again(disk, 2);
  again.run();
  EXPECT_TRUE(again.storage.opened()) << why(again.storage);
  EXPECT_THAT(slots_of(again.storage.take_recovered()), SizeIs(acknowledged));
}

TEST(Storage, MakesTheSpareLaterWhenThereIsRoomAgain) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  disk.full = true;
  for (std::uint64_t p = 1; p <= 6; ++p) host.append(slot_record(p, 6000));
  host.run();
  disk.full = false;

  for (std::uint64_t p = 7; p <= 30; ++p) host.append(slot_record(p, 6000));
  host.run();

  EXPECT_TRUE(host.storage.opened()) << why(host.storage);
  EXPECT_EQ(host.storage.durable(), host.storage.last());
}

TEST(Storage, OwnsOnlyTicketsThatItMinted) {
  MemoryDisk disk;
  Host host(disk);

  EXPECT_TRUE(host.storage.owns(DiskTicket{1}));
  EXPECT_FALSE(host.storage.owns(DiskTicket{2}));
  EXPECT_FALSE(host.storage.owns(DiskTicket{0}));
}

}  // namespace
}  // namespace quorate::replicated_log
