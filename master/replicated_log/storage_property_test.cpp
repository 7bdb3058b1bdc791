#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "master/replicated_log/storage_test_kit.h"

// One property, over every small change of a whole directory: an open has all that was
// acknowledged, or it refuses, or it is another replica. Nothing acknowledged is ever cut.

namespace quorate::replicated_log {
namespace {

using Image = std::map<std::string, Bytes>;

constexpr std::uint64_t kLast = 24;
constexpr std::uint64_t kSnapshot = 5;
constexpr std::uint64_t kRound = 9;

// Two runs: three segments, a snapshot, member watermarks, a promise, and a seal that proves the
// last batch. `every` sees the directory after each sync, with the last acknowledged position.
struct Told {
  Image image;
  ReplicaId replica;
};
Told acknowledged_log(std::vector<Image>* every = nullptr) {
  MemoryDisk disk;
  Told told;
  auto note = [&] {
    if (every != nullptr) every->push_back(disk.image());
  };
  {
    Host host(disk);
    host.run();
    told.replica = host.storage.metadata().replica;
    host.storage.remember({{ReplicaId{7}, {1, 2, {3, 4}}}});
    host.append(promise(kRound - 1));
    for (std::uint64_t p = 1; p <= kLast - 3; ++p) {
      host.append(slot_record(p, 300));
      host.run();
      note();
      if (p == 16) host.storage.install(snapshot_at(kSnapshot, 3000));
    }
  }
  Host host(disk, 2);
  host.run();
  host.append(promise(kRound));
  for (std::uint64_t p = kLast - 2; p <= kLast; ++p) {
    host.append(slot_record(p, 300));
    host.run();
    note();
  }
  host.storage.seal();
  host.run();
  told.image = disk.image();
  note();
  return told;
}

// Empty if all that was acknowledged is there.
std::string missing_in(const std::vector<paxos::Record>& records, const Metadata& metadata,
                       paxos::Position snapshot, ReplicaId replica) {
  if (metadata.replica != replica) return "another replica";
  if (metadata.promised < promise(kRound).promised) return "the promise";
  if (snapshot != paxos::Position{kSnapshot}) return "the snapshot";
  std::uint64_t next = kSnapshot + 1;
  for (const paxos::SlotRecord& slot : slots_of(records))
    if (slot == slot_record(next, 300)) ++next;
  return next == kLast + 1 ? "" : "position " + std::to_string(next);
}

// Judged offline, as fast as it can be done.
void expect_kept_or_refused(const Told& told, const Image& image) {
  const LogRead log = read_log(image);
  if (log.refusal) {
    EXPECT_EQ(log.refusal->exit, Exit::LogCorrupt) << log.refusal->why;
    return;
  }
  ASSERT_TRUE(log.metadata && log.snapshot);
  std::vector<paxos::Record> records;
  for (const RecordRead& read : log.records) records.push_back(read.record);
  EXPECT_EQ(missing_in(records, log.metadata->metadata, log.snapshot->position, told.replica), "");
}

// The same with a storage under each setting; with Repair::Always it always opens.
void expect_kept_refused_or_reborn(const Told& told, const Image& image) {
  expect_kept_or_refused(told, image);
  for (Repair repair : {Repair::Never, Repair::Ambiguous, Repair::Always}) {
    MemoryDisk disk;
    disk.set_image(image);
    Host host(disk, 77, {.segment_bytes = kTestSegmentBytes, .repair = repair});
    host.run();
    if (host.storage.refusal()) {
      EXPECT_NE(repair, Repair::Always) << why(host.storage);
      EXPECT_EQ(disk.image(), image);
      continue;
    }
    ASSERT_TRUE(host.storage.opened());
    if (host.storage.reborn()) {
      EXPECT_NE(repair, Repair::Never);
      EXPECT_NE(host.storage.metadata().replica, told.replica);
      continue;
    }
    const Metadata& metadata = host.storage.metadata();
    const paxos::Position installed = host.storage.installed();
    EXPECT_EQ(missing_in(host.storage.take_recovered(), metadata, installed, told.replica), "");
  }
}

TEST(StorageProperty, HoldsForTheDirectoryItself) {
  const Told told = acknowledged_log();

  EXPECT_FALSE(read_log(told.image).refusal);
  expect_kept_refused_or_reborn(told, told.image);
  EXPECT_EQ(told.image.count(snapshot_file(paxos::Position{kSnapshot})), 1u);
}

TEST(StorageProperty, HoldsWithAnyOneByteChanged) {
  const Told told = acknowledged_log();
  RandomStream random(1, "bytes");
  std::uint64_t opened = 0;
  for (const auto& [name, bytes] : told.image) {
    Image changed = told.image;
    for (std::size_t at = 0; at < bytes.size();) {
      SCOPED_TRACE(testing::Message() << name << " at byte " << at);
      const std::uint64_t bit = random.below(8);
      changed[name][at] = static_cast<char>(bytes[at] ^ (1 << bit));
      expect_kept_or_refused(told, changed);
      if (at % 61 == 0) {
        expect_kept_refused_or_reborn(told, changed);
        ++opened;
      }
      changed[name][at] = bytes[at];
      if (testing::Test::HasFailure()) return;
      // Every byte of what says something, a sample of payloads, zeros and spares.
      const bool says = at % kBlockBytes < kSectorBytes && at < 40'000;
      at += says ? 1 : 1 + static_cast<std::size_t>(random.below(50));
    }
  }
  EXPECT_GT(opened, 50u);
}

TEST(StorageProperty, HoldsWithAnySectorOrBlockGone) {
  const Told told = acknowledged_log();
  for (const auto& [name, bytes] : told.image) {
    for (std::uint64_t size : {kSectorBytes, kBlockBytes}) {
      for (std::size_t at = 0; at + size <= bytes.size(); at += size) {
        for (char with : {'\0', '\x5a'}) {
          SCOPED_TRACE(testing::Message() << name << " at byte " << at << ", " << size << " bytes");
          Image changed = told.image;
          changed[name].replace(at, size, Bytes(size, with));
          // The seal at the end was not waited for by anybody.
          expect_kept_or_refused(told, changed);
          if (testing::Test::HasFailure()) return;
        }
      }
    }
  }
}

TEST(StorageProperty, HoldsForEveryLength) {
  const Told told = acknowledged_log();
  for (const auto& [name, bytes] : told.image) {
    for (std::size_t size = 0; size < bytes.size(); size += size % 512 < 2 ? 1 : 255) {
      SCOPED_TRACE(testing::Message() << name << " cut to " << size << " bytes");
      Image changed = told.image;
      changed[name].resize(size);
      expect_kept_or_refused(told, changed);
      if (size % 2048 == 0) expect_kept_refused_or_reborn(told, changed);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(StorageProperty, HoldsWithAnyFileMissingOrOfAnotherReplica) {
  const Told told = acknowledged_log();
  MemoryDisk other_disk;
  Host other(other_disk, 9);
  other.run();
  for (std::uint64_t p = 1; p <= 30; ++p) {
    other.append(promise(p));
    other.append(slot_record(p, 300));
    other.run();
  }
  const Image others = other_disk.image();
  for (const auto& [name, bytes] : told.image) {
    SCOPED_TRACE(name);
    Image missing = told.image, foreign = told.image;
    missing.erase(name);
    expect_kept_refused_or_reborn(told, missing);
    if (!others.contains(name)) continue;
    foreign[name] = others.at(name);
    expect_kept_refused_or_reborn(told, foreign);
  }
  Image both = told.image;
  for (std::string_view name : kMetadataFiles)
    both[std::string(name)] = others.at(std::string(name));
  expect_kept_refused_or_reborn(told, both);
  EXPECT_TRUE(read_log(both).refusal);
}

// An old copy of one file, from any time: what a lost write or a restored backup leaves. Of the
// newest segment, of both metadata files at once, and of everything, only peers can tell
// (protocol.md 12).
TEST(StorageProperty, HoldsWithAnOldCopyOfAnyOneFile) {
  std::vector<Image> every;
  const Told told = acknowledged_log(&every);
  for (std::size_t when = 0; when < every.size(); ++when) {
    for (const auto& [name, bytes] : every[when]) {
      if (name == read_log(told.image).tail_file) continue;
      SCOPED_TRACE(testing::Message() << name << " of time " << when);
      Image changed = told.image;
      changed[name] = bytes;
      if (kind_of(name) == FileKind::Metadata) {
        EXPECT_FALSE(read_log(changed).refusal) << "the other file serves";
      }
      expect_kept_refused_or_reborn(told, changed);
      if (testing::Test::HasFailure()) return;
    }
  }
}

// A block that was written to a wrong place: what was there is gone.
TEST(StorageProperty, HoldsWithAnyBlockWrittenElsewhere) {
  const Told told = acknowledged_log();
  RandomStream random(2, "misdirected");
  std::vector<std::pair<std::string, std::size_t>> places;
  for (const auto& [name, bytes] : told.image)
    for (std::size_t at = 0; at < bytes.size(); at += kBlockBytes) places.push_back({name, at});
  for (int i = 0; i < 3000; ++i) {
    const auto [from, from_at] = places[random.below(places.size())];
    const auto [to, to_at] = places[random.below(places.size())];
    SCOPED_TRACE(testing::Message()
                 << from << " byte " << from_at << " to " << to << " byte " << to_at);
    Image changed = told.image;
    changed[to].replace(to_at, kBlockBytes, told.image.at(from).substr(from_at, kBlockBytes));
    expect_kept_or_refused(told, changed);
    if (i % 10 == 0) expect_kept_refused_or_reborn(told, changed);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace quorate::replicated_log
