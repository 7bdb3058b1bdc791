#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "master/replicated_log/storage_test_kit.h"

// Bytes that are not what was written: a storage refuses, or finds exactly what was durable.

namespace quorate::replicated_log {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Image = std::map<std::string, Bytes>;

const std::string kFirst = segment_file(SegmentNumber{1});
const std::string kSecond = segment_file(SegmentNumber{2});

// The storage of a directory with this content, after its attempt to open.
struct Opened {
  MemoryDisk disk;
  std::optional<Host> host;
};
std::unique_ptr<Opened> open_image(const Image& image) {
  auto opened = std::make_unique<Opened>();
  opened->disk.set_image(image);
  opened->host.emplace(opened->disk, 77);
  opened->host->run();
  return opened;
}

// Batches 1 to 3, of which the second is 5 blocks long; a promise.
Image small_log() {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  host.append(promise(6));
  for (std::uint64_t p = 1; p <= 3; ++p) {
    host.append(slot_record(p, p == 2 ? 17'000 : 300));
    host.run();
  }
  return disk.image();
}

std::vector<paxos::SlotRecord> small_log_slots() {
  return {slot_record(1, 300), slot_record(2, 17'000), slot_record(3, 300)};
}

constexpr std::uint64_t kThird = 7 * kBlockBytes;  // where batch 3 of small_log begins
constexpr std::uint64_t kEnd = 8 * kBlockBytes;

Exit exit_of(const Image& image) {
  LogRead log = read_log(image);
  auto opened = open_image(image);
  const std::optional<Refusal>& refusal = opened->host->storage.refusal();
  EXPECT_EQ(log.refusal, refusal);
  return refusal ? refusal->exit : Exit::Asked;
}

// Refused as corrupt, or nothing is lost and nothing new.
void expect_sound(const Image& image) {
  const LogRead log = read_log(image);
  if (log.refusal) {
    EXPECT_EQ(log.refusal->exit, Exit::LogCorrupt) << log.refusal->why;
    return;
  }
  EXPECT_EQ(slots_of(log), small_log_slots());
  ASSERT_TRUE(log.metadata);
  EXPECT_EQ(log.metadata->metadata.promised, promise(6).promised);
}

TEST(StorageDamage, OfAnyByteIsRefusedOrHarmless) {
  const Image image = small_log();
  RandomStream random(1, "flips");
  std::size_t refused = 0;
  for (const auto& [name, bytes] : image) {
    for (std::size_t at = 0; at < bytes.size();) {
      SCOPED_TRACE(testing::Message() << name << " at byte " << at);
      Image changed = image;
      const std::uint64_t bit = random.below(8);
      changed[name][at] = static_cast<char>(changed[name][at] ^ (1 << bit));
      expect_sound(changed);
      if (at % 5 == 0) {
        auto opened = open_image(changed);
        EXPECT_EQ(opened->host->storage.refusal(), read_log(changed).refusal);
        if (opened->host->storage.refusal()) ++refused;
      }
      if (testing::Test::HasFailure()) return;
      // Every byte of the heads of blocks, and a sample of what is written or zeros.
      const bool head = at % kBlockBytes < 136 && at < kEnd + kBlockBytes;
      at += head ? 1 : 1 + static_cast<std::size_t>(random.below(at < kEnd ? 97 : 4001));
    }
  }
  EXPECT_GT(refused, 0u);
}

TEST(StorageDamage, OfAWholeSectorIsRefusedOrHarmless) {
  const Image image = small_log();
  for (const auto& [name, bytes] : image) {
    for (std::size_t at = 0; at < kEnd + kBlockBytes && at < bytes.size(); at += kSectorBytes) {
      SCOPED_TRACE(testing::Message() << name << " at byte " << at);
      Image changed = image;
      changed[name].replace(at, kSectorBytes, Bytes(kSectorBytes, '\x5a'));
      expect_sound(changed);
    }
  }
}

TEST(StorageDamage, OfALengthIsRefusedOrHarmless) {
  const Image image = small_log();
  for (const auto& [name, bytes] : image) {
    for (std::size_t size = 0; size < bytes.size(); size += size < kEnd ? 256 : 3333) {
      SCOPED_TRACE(testing::Message() << name << " cut to " << size << " bytes");
      Image changed = image;
      changed[name].resize(size);
      expect_sound(changed);
      auto opened = open_image(changed);
      EXPECT_EQ(opened->host->storage.refusal(), read_log(changed).refusal);
    }
  }
}

TEST(StorageDamage, OfEveryMissingFileIsRefusedOrHarmless) {
  const Image image = small_log();
  for (const auto& [name, bytes] : image) {
    SCOPED_TRACE(name);
    Image changed = image;
    changed.erase(name);
    expect_sound(changed);
    exit_of(changed);
  }
}

TEST(StorageDamage, IsSeenByALaterBatch) {
  Image image = small_log();
  image[kFirst].replace(kBlockBytes, kBlockBytes, Bytes(kBlockBytes, '\0'));

  EXPECT_EQ(exit_of(image), Exit::LogCorrupt);
  LogRead log = read_log(image);
  EXPECT_EQ(log.tail.kind, TailKind::Damaged);
  EXPECT_EQ(log.tail.offset, kBlockBytes);
  EXPECT_THAT(log.refusal->why, HasSubstr(kFirst + " at byte 4096, after position 0"));
}

TEST(StorageDamage, IsSeenByABlockFromElsewhere) {
  Image image = small_log();
  const Bytes block = image[kFirst].substr(kBlockBytes, kBlockBytes);
  image[kFirst].replace(kEnd, kBlockBytes, block);

  EXPECT_EQ(exit_of(image), Exit::LogCorrupt);
  EXPECT_EQ(read_log(image).tail.kind, TailKind::Damaged);
  EXPECT_THAT(read_log(image).refusal->why, HasSubstr("belongs to byte 4096"));
}

TEST(StorageDamage, IsToldFromATornBatch) {
  Image image = small_log();
  image[kFirst].replace(kThird + kSectorBytes, kSectorBytes, Bytes(kSectorBytes, '\0'));

  LogRead log = read_log(image);

  EXPECT_FALSE(log.refusal);
  EXPECT_EQ(log.tail.kind, TailKind::Torn);
  EXPECT_EQ(log.tail.offset, kThird);
  EXPECT_THAT(slots_of(log), SizeIs(2));
  ASSERT_THAT(log.findings, SizeIs(1));
  EXPECT_EQ(log.findings[0].verdict, Verdict::Torn);
}

TEST(StorageDamage, OfATornHeaderLetsItsSectorsBeAnything) {
  Image image = small_log();
  image[kFirst].replace(kThird, kSectorBytes, Bytes(kSectorBytes, '\0'));
  image[kFirst].replace(kThird + kSectorBytes, 10, "0123456789");

  LogRead log = read_log(image);

  EXPECT_FALSE(log.refusal);
  EXPECT_EQ(log.tail.kind, TailKind::Torn);
  EXPECT_THAT(slots_of(log), SizeIs(2));
}

TEST(StorageDamage, ThatNobodyCanJudgeAloneIsRefused) {
  for (std::uint64_t at : {kThird + 20, kThird + kSectorBytes + 5}) {
    Image image = small_log();
    image[kFirst][at] = static_cast<char>(image[kFirst][at] ^ 1);

    EXPECT_EQ(exit_of(image), Exit::LogCorrupt);
    EXPECT_EQ(read_log(image).tail.kind, TailKind::Ambiguous);
    EXPECT_THAT(read_log(image).refusal->why, HasSubstr("accept-loss"));
  }
}

TEST(StorageDamage, BehindATornBatchIsRefused) {
  Image image = small_log();
  image[kFirst].replace(kThird + kSectorBytes, kSectorBytes, Bytes(kSectorBytes, '\0'));
  image[kFirst][kEnd + 100] = 'x';

  EXPECT_EQ(exit_of(image), Exit::LogCorrupt);
  EXPECT_EQ(read_log(image).tail.kind, TailKind::Ambiguous);
}

// A segment that was opened and used proves all that it continues.
TEST(StorageDamage, BeforeALaterSegmentIsRefused) {
  auto opened = open_image(small_log());
  opened->host->append(slot_record(4));
  opened->host->run();
  Image image = opened->disk.image();
  // Batch 3 is in the carry as well; batch 2 is not.
  Image harmless = image, harmful = image;
  harmless[kFirst].replace(kThird, kBlockBytes, Bytes(kBlockBytes, '\0'));
  harmful[kFirst].replace(2 * kBlockBytes, kSectorBytes, Bytes(kSectorBytes, '\0'));

  EXPECT_THAT(slots_of(read_log(harmless)), SizeIs(4));
  EXPECT_EQ(exit_of(harmless), Exit::Asked);
  EXPECT_EQ(exit_of(harmful), Exit::LogCorrupt);
}

TEST(StorageDamage, OfASegmentThatTheMetadataNameIsRefused) {
  auto opened = open_image(small_log());
  const Image before = opened->disk.image();
  for (bool missing : {true, false}) {
    Image image = before;
    if (missing) {
      image.erase(kSecond);
    } else {
      image[kSecond] = Bytes(kTestSegmentBytes, '\0');
    }
    EXPECT_EQ(exit_of(image), Exit::LogCorrupt);
    EXPECT_THAT(read_log(image).refusal->why, HasSubstr(kSecond));
  }
}

TEST(StorageDamage, OfUnreadableSegmentsIsRefused) {
  MemoryDisk disk;
  disk.set_image(small_log());
  disk.unreadable = kFirst;
  Host host(disk, 5);
  host.run();

  ASSERT_TRUE(host.storage.refusal());
  EXPECT_EQ(host.storage.refusal()->exit, Exit::LogCorrupt);
  EXPECT_THAT(why(host.storage), HasSubstr("EIO"));
}

TEST(StorageDamage, OfAnotherReplicasSegmentIsRefused) {
  Image image = small_log();
  MemoryDisk other;
  Host host(other, 2);
  host.run();
  image[kFirst] = other.image().at(kFirst);

  EXPECT_EQ(exit_of(image), Exit::LogCorrupt);
  EXPECT_THAT(read_log(image).refusal->why, HasSubstr("replica"));
}

// Guarded metadata.

// Overwrites one slot; the newest generation of small_log is in slot `newest` of both files.
void spoil(Image& image, std::size_t file, std::size_t slot, char with = '\x11') {
  image[std::string(kMetadataFiles[file])].replace(slot * kBlockBytes, kBlockBytes,
                                                   Bytes(kBlockBytes, with));
}

TEST(StorageMetadata, SurvivesTheLossOfOneSlotOrOneFile) {
  for (std::size_t file = 0; file < 2; ++file) {
    for (int slots = 1; slots <= 3; ++slots) {
      Image image = small_log();
      if ((slots & 1) != 0) spoil(image, file, 0);
      if ((slots & 2) != 0) spoil(image, file, 1);
      auto opened = open_image(image);

      ASSERT_TRUE(opened->host->storage.opened()) << why(opened->host->storage);
      EXPECT_EQ(opened->host->storage.metadata().promised, promise(6).promised);
      EXPECT_THAT(opened->host->storage.take_notes(), Contains(HasSubstr("slot is not valid")));
      // Both files are whole again.
      const LogRead log = read_log(opened->disk.image());
      EXPECT_FALSE(log.refusal);
      Image without = opened->disk.image();
      spoil(without, 1 - file, 0);
      spoil(without, 1 - file, 1);
      EXPECT_EQ(read_log(without).metadata, log.metadata);
    }
  }
}

TEST(StorageMetadata, ThatAreLostInBothFilesAreRefused) {
  for (char with : {'\x11', '\0'}) {
    Image image = small_log();
    for (std::size_t file = 0; file < 2; ++file)
      for (std::size_t slot = 0; slot < 2; ++slot) spoil(image, file, slot, with);

    EXPECT_EQ(exit_of(image), Exit::LogCorrupt);
    EXPECT_THAT(read_log(image).refusal->why, HasSubstr("promises"));
  }
}

TEST(StorageMetadata, RaiseAnAlarmWhenOneFileStandsStill) {
  const Image before = small_log();
  auto opened = open_image(before);
  Image image = opened->disk.image();
  image["metadata-b"] = before.at("metadata-b");
  opened = open_image(image);
  image = opened->disk.image();
  image["metadata-b"] = before.at("metadata-b");
  opened = open_image(image);

  EXPECT_TRUE(opened->host->storage.opened());
  EXPECT_THAT(opened->host->storage.take_notes(), Contains(HasSubstr("ALARM")));
}

TEST(StorageMetadata, OlderThanABatchNamesAreRefused) {
  const Image before = small_log();
  auto opened = open_image(before);
  opened->host->append(promise(8));
  opened->host->run();
  opened->host->append(slot_record(4));
  opened->host->run();
  Image image = opened->disk.image();
  image["metadata-a"] = before.at("metadata-a");
  image["metadata-b"] = before.at("metadata-b");

  EXPECT_EQ(exit_of(image), Exit::LogCorrupt);
  EXPECT_THAT(read_log(image).refusal->why, HasSubstr("generation"));
}

TEST(StorageMetadata, OfANewerFormatAreRefusedWithBothVersions) {
  Image image = small_log();
  for (std::size_t file = 0; file < 2; ++file) {
    MetadataFile read = read_metadata_file(image[std::string(kMetadataFiles[file])], file);
    Bytes slot = encode_slot(read.slots[0].record, file, 0);
    slot[8] = 9;  // the format
    ByteWriter seed;
    seed.u64(file);
    seed.u64(0);
    const std::uint32_t front = crc32c(slot.substr(0, 12), crc32c(seed.bytes()));
    ByteWriter crc;
    crc.u32(crc32c(slot.substr(16), front));
    slot.replace(12, 4, crc.bytes());
    image[std::string(kMetadataFiles[file])].replace(0, kBlockBytes, slot);
  }

  EXPECT_EQ(exit_of(image), Exit::Configuration);
  EXPECT_THAT(read_log(image).refusal->why, HasSubstr("version 9"));
  EXPECT_THAT(read_log(image).refusal->why, HasSubstr("up to 1"));
}

TEST(StorageMetadata, KeepTheirSlotsInTurn) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  for (std::uint64_t round = 1; round <= 5; ++round) {
    host.append(promise(round));
    host.run();
    const Image image = disk.image();
    for (std::size_t i = 0; i < 2; ++i) {
      MetadataFile file = read_metadata_file(image.at(std::string(kMetadataFiles[i])), i);
      const MetadataRecord& newest = file.slots[*file.newest()].record;
      EXPECT_EQ(newest.metadata.promised.round, round);
      EXPECT_EQ(file.slots[file.next_slot()].record.generation.value + 1, newest.generation.value);
    }
  }
}

}  // namespace
}  // namespace quorate::replicated_log
