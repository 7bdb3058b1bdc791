#include "tools/inspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "master/replicated_log/storage_test_kit.h"

// quorate-log verify finds every kind of damage, and says where: one row for each kind.

namespace quorate::tools {
namespace {

using namespace replicated_log;  // NOLINT: a test of what that room writes

const std::string kFirst = segment_file(SegmentNumber{1});
const std::string kSecond = segment_file(SegmentNumber{2});
const std::string kSnapshotFile = snapshot_file(paxos::Position{2});

Loaded loaded(Files files) {
  Loaded result{std::move(files), {}};
  result.log = read_log(result.files);
  return result;
}

// Positions 1 to 5 in batches 1 to 5 of segment 1, from byte 4096 on: a block each, but five for
// position 2. Then a run with batch 7 (position 6) and a seal in segment 2, which begins with the
// carry of batch 5. A snapshot of position 2. The chain values are right.
Files example() {
  MemoryDisk disk;
  Digest chain = paxos::kChainOrigin;
  auto append = [&](Host& host, std::uint64_t p) {
    const paxos::SlotRecord record = slot_record(p, p == 2 ? 17'000 : 300);
    host.append(record);
    chain = chain_after(chain, record.slot.position, record.slot.entry);
    host.storage.append(paxos::LearnedRecord{record.slot.position, chain});
    host.run();
    if (p != 2) return;
    Snapshot snapshot = snapshot_at(2, 9000);
    snapshot.info.chain = chain;
    host.storage.install(snapshot);
    host.run();
  };
  {
    Host host(disk);
    host.run();
    host.append(promise(6));
    for (std::uint64_t p = 1; p <= 5; ++p) append(host, p);
  }
  Host host(disk, 2);
  host.run();
  append(host, 6);
  host.storage.seal();
  host.run();
  return disk.image();
}

TEST(Inspect, FindsNothingInASoundLog) {
  const Inspection seen = inspect(loaded(example()));

  EXPECT_THAT(seen.findings, testing::IsEmpty());
  EXPECT_EQ(seen.exit(), 0);
  EXPECT_EQ(seen.first, paxos::Position{3});
  EXPECT_EQ(seen.last, paxos::Position{6});
  EXPECT_EQ(seen.learned, paxos::Position{6});
}

struct Kind {
  const char* name;
  std::function<void(Files&)> harm;
  Verdict verdict;
  std::string file;
  std::uint64_t offset;
  std::uint64_t position;
  int exit;
};

void flip(Files& files, const std::string& file, std::uint64_t at) {
  files[file][at] = static_cast<char>(files[file][at] ^ 0x10);
}
void fill(Files& files, const std::string& file, std::uint64_t at, std::uint64_t size, char with) {
  files[file].replace(at, size, Bytes(size, with));
}

Files others() {
  MemoryDisk disk;
  Host host(disk, 9);
  host.run();
  host.append(slot_record(1));
  host.run();
  return disk.image();
}

// A log of one segment whose batch 3 at byte 12288 is the last.
Files unsealed() {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  for (std::uint64_t p = 1; p <= 3; ++p) {
    host.append(slot_record(p, 300));
    host.run();
  }
  return disk.image();
}

// Metadata as they were before the last two generations.
Files with_old_metadata(bool both) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  const Files before = disk.image();
  for (std::uint64_t p = 1; p <= 3; ++p) {
    host.append(promise(p));
    host.append(slot_record(p));
    host.run();
  }
  Files files = disk.image();
  if (both) files["metadata-a"] = before.at("metadata-a");
  files["metadata-b"] = before.at("metadata-b");
  return files;
}

Files with_a_wrong_chain_value() {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  host.append(slot_record(1));
  host.run();
  host.storage.append(paxos::LearnedRecord{paxos::Position{1}, {1, 2}});
  host.append(slot_record(2));
  host.run();
  return disk.image();
}

Files lost_status() {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  Metadata metadata = host.storage.metadata();
  metadata.status = paxos::ReplicaStatus::Lost;
  host.storage.save(metadata);
  host.storage.flush();
  host.run();
  return disk.image();
}

constexpr std::uint64_t kB = kBlockBytes;

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"a sector of a batch", [](Files& f) { flip(f, kFirst, 3 * kB + 700); }, Verdict::Damaged,
       kFirst, 2 * kB, 1, 65},
      {"the header of a batch", [](Files& f) { flip(f, kFirst, 7 * kB + 20); }, Verdict::Damaged,
       kFirst, 7 * kB, 2, 65},
      {"a batch that was not written", [](Files& f) { fill(f, kFirst, 8 * kB, kB, '\0'); },
       Verdict::Damaged, kFirst, 8 * kB, 3, 65},
      {"a block that was written elsewhere",
       [](Files& f) { f[kFirst].replace(8 * kB, kB, f[kFirst].substr(7 * kB, kB)); },
       Verdict::Damaged, kFirst, 8 * kB, 3, 65},
      {"a segment cut short", [](Files& f) { f[kFirst].resize(8 * kB + 100); }, Verdict::Damaged,
       kFirst, 8 * kB, 3, 65},
      {"the header block of a segment", [](Files& f) { flip(f, kSecond, 130); }, Verdict::Damaged,
       kSecond, 0, 0, 65},
      {"the last batch, in a way that no crash explains",
       [](Files& f) {
         f = unsealed();
         flip(f, kFirst, 3 * kB + 600);
       },
       Verdict::Ambiguous, kFirst, 3 * kB, 2, 65},
      {"the last batch, as a crash leaves it",
       [](Files& f) {
         f = unsealed();
         fill(f, kFirst, 3 * kB + kSectorBytes, kSectorBytes, '\0');
       },
       Verdict::Torn, kFirst, 3 * kB, 2, 0},
      {"bytes in the place of the next batch",
       [](Files& f) {
         f = unsealed();
         fill(f, kFirst, 4 * kB, 10, 'x');
       },
       Verdict::Ambiguous, kFirst, 4 * kB, 3, 65},
      {"a missing segment", [](Files& f) { f.erase(kFirst); }, Verdict::Missing, kFirst, 0, 0, 65},
      {"a segment of another replica", [](Files& f) { f[kFirst] = others().at(kFirst); },
       Verdict::Misplaced, kFirst, 0, 0, 65},
      {"one slot of the metadata", [](Files& f) { flip(f, "metadata-b", kB + 30); },
       Verdict::Repaired, "metadata-b", kB, 0, 0},
      {"one file of the metadata", [](Files& f) { f.erase("metadata-a"); }, Verdict::Repaired,
       "metadata-a", 0, 0, 0},
      {"both files of the metadata",
       [](Files& f) {
         f.erase("metadata-a");
         f.erase("metadata-b");
       },
       Verdict::Missing, "metadata-a", 0, 0, 65},
      {"metadata of another replica",
       [](Files& f) {
         for (const char* name : {"metadata-a", "metadata-b"}) f[name] = others().at(name);
         f.erase(kSecond);
         f.erase(kSnapshotFile);
       },
       Verdict::Regressed, "metadata-a", 0, 0, 65},
      {"a write that was lost", [](Files& f) { f = with_old_metadata(false); }, Verdict::LostWrite,
       "metadata-b", 0, 0, 0},
      {"old metadata", [](Files& f) { f = with_old_metadata(true); }, Verdict::Regressed,
       "metadata-a", 0, 0, 65},
      {"votes that are lost", [](Files& f) { f = lost_status(); }, Verdict::Lost, "metadata-a", 0,
       0, 65},
      {"a block of the snapshot's state", [](Files& f) { flip(f, kSnapshotFile, 3 * kB + 5); },
       Verdict::Damaged, kSnapshotFile, 3 * kB, 2, 65},
      {"the header of the snapshot", [](Files& f) { flip(f, kSnapshotFile, 60); }, Verdict::Damaged,
       kSnapshotFile, 0, 2, 65},
      {"the checksums of the snapshot", [](Files& f) { flip(f, kSnapshotFile, kB + 9); },
       Verdict::Damaged, kSnapshotFile, kB, 2, 65},
      {"a snapshot cut short", [](Files& f) { f[kSnapshotFile].resize(2 * kB); }, Verdict::Damaged,
       kSnapshotFile, 2 * kB, 2, 65},
      {"a missing snapshot", [](Files& f) { f.erase(kSnapshotFile); }, Verdict::Missing,
       kSnapshotFile, 0, 2, 65},
      {"a snapshot that nothing names",
       [](Files& f) { f[snapshot_file(paxos::Position{9})] = Bytes(kB, '\0'); }, Verdict::Leftover,
       snapshot_file(paxos::Position{9}), 0, 9, 0},
      {"a file that was being made", [](Files& f) { f[kSecond + ".tmp"] = ""; }, Verdict::Leftover,
       kSecond + ".tmp", 0, 0, 0},
      {"a file of another program", [](Files& f) { f["MANIFEST-000002"] = ""; }, Verdict::Foreign,
       "MANIFEST-000002", 0, 0, 78},
      {"a chain value that is not that of the entries",
       [](Files& f) { f = with_a_wrong_chain_value(); }, Verdict::Damaged, kFirst, 2 * kB, 1, 65},
  };
  return all;
}

TEST(Inspect, FindsEveryKindOfDamageWhereItIs) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    Files files = example();
    kind.harm(files);

    const Inspection seen = inspect(loaded(std::move(files)));

    EXPECT_EQ(seen.exit(), kind.exit);
    bool found = false;
    std::string all;
    for (const Finding& finding : seen.findings) {
      all += std::string(to_text(finding.verdict)) + ": " + to_text(finding) + "\n";
      EXPECT_FALSE(finding.what.empty());
      EXPECT_FALSE(advice(finding.verdict).empty());
      found = found ||
              (finding.verdict == kind.verdict && finding.file == kind.file &&
               finding.offset == kind.offset && finding.position == paxos::Position{kind.position});
    }
    EXPECT_TRUE(found) << all;
  }
}

TEST(Inspect, GoesOnAfterTheFirstDamage) {
  Files files = example();
  flip(files, kFirst, 3 * kB + 700);
  flip(files, kSnapshotFile, 3 * kB + 5);
  flip(files, "metadata-a", 20);

  const Inspection seen = inspect(loaded(std::move(files)));

  std::set<std::string> damaged;
  for (const Finding& finding : seen.findings) damaged.insert(finding.file);
  EXPECT_THAT(damaged, testing::ElementsAre("metadata-a", kFirst, kSnapshotFile));
}

TEST(Inspect, LooksAtTheSnapshotAlsoWhenNothingNamesIt) {
  Files files = example();
  flip(files, kSnapshotFile, 3 * kB + 5);
  files.erase("metadata-a");
  files.erase("metadata-b");

  const Inspection seen = inspect(loaded(std::move(files)));

  EXPECT_THAT(seen.findings, testing::Contains(testing::Field(&Finding::file, kSnapshotFile)));
}

}  // namespace
}  // namespace quorate::tools
