#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "master/replicated_log/storage_test_kit.h"

// A replica whose votes are lost never votes again under its old id (protocol.md 12, 17): what the
// open does with a damaged directory, under each setting of Repair.

namespace quorate::replicated_log {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using Image = std::map<std::string, Bytes>;
using Survival = MemoryDisk::Survival;

const std::string kFirst = segment_file(SegmentNumber{1});
constexpr std::uint64_t kThird = 7 * kBlockBytes;  // where batch 3 of voted_log begins
constexpr Repair kRepairs[] = {Repair::Never, Repair::Ambiguous, Repair::Always};

StorageSettings settings(Repair repair) {
  return {.segment_bytes = kTestSegmentBytes, .repair = repair};
}

// A voter with a promise, three positions and the second start; its id in `replica`.
Image voted_log(ReplicaId& replica) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  replica = host.storage.metadata().replica;
  Metadata metadata = host.storage.metadata();
  metadata.ensemble = {1, 2};
  metadata.status = paxos::ReplicaStatus::Voting;
  host.storage.save(metadata);
  host.append(promise(6));
  for (std::uint64_t p = 1; p <= 3; ++p) {
    host.append(slot_record(p, p == 2 ? 17'000 : 300));
    host.run();
  }
  return disk.image();
}

enum class Harm { Ambiguous, Damage, MissingSegment, OldMetadata, NoMetadata, Lost };

Image harmed(Harm harm, ReplicaId& replica) {
  Image image = voted_log(replica);
  MemoryDisk disk;
  disk.set_image(image);
  switch (harm) {
    case Harm::Ambiguous: image[kFirst][kThird + kSectorBytes + 5] ^= 1; break;
    case Harm::Damage: image[kFirst][kBlockBytes + 5] ^= 1; break;
    case Harm::MissingSegment: image.erase(kFirst); break;
    case Harm::NoMetadata:
      image.erase("metadata-a");
      image.erase("metadata-b");
      break;
    case Harm::OldMetadata:
    case Harm::Lost: {
      Host host(disk, 2);
      host.run();
      Metadata metadata = host.storage.metadata();
      if (harm == Harm::Lost) metadata.status = paxos::ReplicaStatus::Lost;
      host.storage.save(metadata);
      host.append(slot_record(4));
      host.run();
      host.append(slot_record(5));
      host.run();
      const Image after = disk.image();
      for (const auto& [name, bytes] : after)
        if (harm == Harm::Lost || kind_of(name) != FileKind::Metadata) image[name] = bytes;
    }
  }
  return image;
}

constexpr Harm kHarms[] = {Harm::Ambiguous,   Harm::Damage,     Harm::MissingSegment,
                           Harm::OldMetadata, Harm::NoMetadata, Harm::Lost};

bool is_reborn_under(Repair repair, Harm harm) {
  if (repair == Repair::Never) return false;
  return repair == Repair::Always || harm == Harm::Ambiguous || harm == Harm::Lost;
}

// Empty, under another id, with nothing promised.
void expect_newborn(const Storage& storage, ReplicaId before) {
  const Metadata& metadata = storage.metadata();
  EXPECT_NE(metadata.replica, before);
  EXPECT_NE(metadata.replica, ReplicaId{});
  // Not Empty: several of these together must not take themselves for the birth of a log.
  EXPECT_EQ(metadata.status, paxos::ReplicaStatus::Recovering);
  EXPECT_TRUE(metadata.promised.none());
  EXPECT_FALSE(metadata.ensemble.known());
  EXPECT_EQ(metadata.epoch, 0u);
  EXPECT_EQ(storage.installed(), paxos::Position{0});
  EXPECT_EQ(storage.found_watermark().batch, 0u);
  EXPECT_THAT(storage.remembered(), IsEmpty());
}

TEST(StorageRebirth, FollowsTheSettingForEachKindOfLoss) {
  for (Repair repair : kRepairs) {
    for (Harm harm : kHarms) {
      SCOPED_TRACE(testing::Message()
                   << "repair " << static_cast<int>(repair) << ", harm " << static_cast<int>(harm));
      ReplicaId before;
      MemoryDisk disk;
      const Image image = harmed(harm, before);
      disk.set_image(image);
      Host host(disk, 5, settings(repair));
      host.run();

      if (!is_reborn_under(repair, harm)) {
        ASSERT_TRUE(host.storage.refusal());
        EXPECT_EQ(host.storage.refusal()->exit, Exit::LogCorrupt) << why(host.storage);
        EXPECT_EQ(disk.image(), image);
        continue;
      }
      ASSERT_TRUE(host.storage.opened()) << why(host.storage);
      expect_newborn(host.storage, before);
      EXPECT_THAT(host.storage.take_recovered(), IsEmpty());
      EXPECT_THAT(host.storage.take_notes(), Contains(StartsWith("ALARM")));
      if (harm != Harm::NoMetadata) { EXPECT_GT(host.storage.metadata().incarnation.start, 1u); }
      EXPECT_FALSE(disk.image().contains(kFirst));
    }
  }
}

TEST(StorageRebirth, SaysWhatWasFoundAndWhere) {
  ReplicaId before;
  MemoryDisk disk;
  disk.set_image(harmed(Harm::Ambiguous, before));
  Host host(disk, 5, settings(Repair::Ambiguous));
  host.run();

  const Bytes report = disk.image().at("report-rebirth");
  EXPECT_THAT(report, HasSubstr(kFirst + " at byte 28672, after position 2"));
  EXPECT_THAT(report, HasSubstr("replica " + to_text(before)));
  EXPECT_THAT(report, HasSubstr("promised 6@"));
  EXPECT_THAT(report, HasSubstr(to_text(host.storage.metadata().replica)));
}

TEST(StorageRebirth, BeginsALogThatIsUsedAndOpenedAgain) {
  ReplicaId before;
  MemoryDisk disk;
  disk.set_image(harmed(Harm::Damage, before));
  ReplicaId after;
  {
    Host host(disk, 5, settings(Repair::Always));
    host.run();
    after = host.storage.metadata().replica;
    for (std::uint64_t p = 1; p <= 30; ++p) {
      host.append(slot_record(p, 4000));
      host.run();
    }
  }

  Host again(disk, 6, settings(Repair::Never));
  again.run();

  ASSERT_TRUE(again.storage.opened()) << why(again.storage);
  EXPECT_EQ(again.storage.metadata().replica, after);
  EXPECT_EQ(slots_of(again.storage.take_recovered()).size(), 30u);
}

TEST(StorageRebirth, TouchesNothingOfOthers) {
  MemoryDisk disk;
  ReplicaId before;
  Image image = harmed(Harm::Damage, before);
  image["notes.txt"] = "mine";
  disk.set_image(image);
  Host host(disk, 5, settings(Repair::Always));
  host.run();

  ASSERT_TRUE(host.storage.refusal());
  EXPECT_EQ(host.storage.refusal()->exit, Exit::Configuration);
  EXPECT_EQ(disk.image(), image);
}

TEST(StorageRebirth, NeedsRoomForItsReport) {
  MemoryDisk disk;
  ReplicaId before;
  const Image image = harmed(Harm::Damage, before);
  disk.set_image(image);
  disk.full = true;
  Host host(disk, 5, settings(Repair::Always));
  host.run();

  ASSERT_TRUE(host.storage.refusal());
  EXPECT_EQ(host.storage.refusal()->exit, Exit::Disk);
  EXPECT_EQ(disk.image(), image);
}

// A crash at every step, then one of the settings: the old id never comes back with fewer votes,
// and what was ambiguous is not taken for more than that.
TEST(StorageRebirth, LeavesTheLossOrANewIdAfterACrashAtEveryStep) {
  for (Harm harm : kHarms) {
    for (Survival survival : {Survival::None, Survival::All, Survival::Random}) {
      bool done = false;
      for (std::size_t steps = 1; !done; ++steps) {
        for (Repair then : kRepairs) {
          SCOPED_TRACE(testing::Message() << "harm " << static_cast<int>(harm) << ", survival "
                                          << static_cast<int>(survival) << ", " << steps
                                          << " steps, then repair " << static_cast<int>(then));
          ReplicaId before;
          MemoryDisk disk;
          RandomStream random(steps, "rebirth");
          disk.set_image(harmed(harm, before));
          {
            Host host(disk, 5, settings(Repair::Always));
            for (std::size_t i = 0; i < steps; ++i) done = !host.step();
          }
          disk.lose_power(survival, random);
          Host again(disk, 6, settings(then));
          again.run();
          if (again.storage.opened()) {
            expect_newborn(again.storage, before);
          } else {
            EXPECT_FALSE(is_reborn_under(then, harm)) << why(again.storage);
            EXPECT_EQ(again.storage.refusal()->exit, Exit::LogCorrupt);
          }
          if (testing::Test::HasFailure()) return;
        }
      }
    }
  }
}

}  // namespace
}  // namespace quorate::replicated_log
