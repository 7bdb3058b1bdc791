#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "master/replicated_log/storage_test_kit.h"

// A snapshot in the place of what is behind it: protocol.md 16.

namespace quorate::replicated_log {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Image = std::map<std::string, Bytes>;
using Survival = MemoryDisk::Survival;

constexpr SnapshotIdentity kWhere{{1, 2}, ReplicaId{3}, 4};

Bytes file_of(const Snapshot& snapshot) {
  SnapshotWriter writer(kWhere, snapshot);
  Bytes file(writer.file_bytes(), '\0');
  while (std::optional<SnapshotWriter::Piece> piece = writer.next())
    file.replace(piece->offset, piece->bytes.size(), piece->bytes);
  return file;
}

std::set<std::string> files_like(const Image& image, std::string_view prefix) {
  std::set<std::string> names;
  for (const auto& [name, bytes] : image)
    if (name.starts_with(prefix)) names.insert(name);
  return names;
}

// Appends positions first..last, several KiB each.
void append_all(Host& host, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t p = first; p <= last; ++p) {
    host.append(slot_record(p, 5000));
    host.run();
  }
}

// The positions of what is held above `position`, in the order of writing.
std::vector<std::uint64_t> positions_above(std::uint64_t position,
                                           const std::vector<paxos::Record>& records) {
  std::vector<std::uint64_t> positions;
  for (const paxos::SlotRecord& slot : slots_of(records))
    if (slot.slot.position.value > position) positions.push_back(slot.slot.position.value);
  return positions;
}

TEST(SnapshotFile, IsReadAsItWasWritten) {
  for (std::size_t bytes : {10u, 4095u, 4096u, 4097u, 262'144u, 300'000u, 4'300'000u}) {
    SCOPED_TRACE(bytes);
    const Snapshot snapshot = snapshot_at(70, bytes);
    const Bytes file = file_of(snapshot);

    const SnapshotScan scan = scan_snapshot(paxos::Position{70}, file);

    ASSERT_TRUE(scan.whole()) << scan.why;
    EXPECT_EQ(scan.where, kWhere);
    EXPECT_EQ(scan.info, snapshot.info);
    EXPECT_EQ(file.substr(scan.state_offset, scan.info.state_bytes), snapshot.state.view());
  }
}

TEST(SnapshotFile, MayHoldAnEmptyState) {
  Snapshot empty;
  empty.info = {.position = paxos::Position{1},
                .chain = {},
                .epoch = 0,
                .configuration = {},
                .state = xxh3_128(""),
                .state_bytes = 0,
                .earlier = {}};

  EXPECT_TRUE(scan_snapshot(paxos::Position{1}, file_of(empty)).whole());
}

TEST(SnapshotFile, IsNotValidWithAnyOneByteChanged) {
  const Bytes file = file_of(snapshot_at(70, 9000));
  for (std::size_t at = 0; at < file.size(); ++at) {
    Bytes changed = file;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));

    const SnapshotScan scan = scan_snapshot(paxos::Position{70}, changed);

    ASSERT_FALSE(scan.whole()) << "byte " << at;
    ASSERT_LE(scan.bad_offset, at);
    ASSERT_GT(scan.bad_offset + kBlockBytes, at);
  }
}

TEST(SnapshotFile, IsNotValidWithAnyOtherLengthOrName) {
  const Bytes file = file_of(snapshot_at(70, 9000));
  for (std::size_t size = 0; size < file.size(); size += 7)
    ASSERT_FALSE(scan_snapshot(paxos::Position{70}, file.substr(0, size)).whole()) << size;
  EXPECT_FALSE(scan_snapshot(paxos::Position{70}, file + "x").whole());
  EXPECT_FALSE(scan_snapshot(paxos::Position{71}, file).whole());
}

TEST(StorageSnapshot, IsFoundAgainWithEverythingAboveIt) {
  MemoryDisk disk;
  {
    Host host(disk);
    host.run();
    append_all(host, 1, 8);
    host.storage.install(snapshot_at(6));
    EXPECT_EQ(host.storage.installed(), paxos::Position{0});
    host.run();
    EXPECT_EQ(host.storage.installed(), paxos::Position{6});
  }

  Host again(disk, 2);
  again.run();

  ASSERT_TRUE(again.storage.opened()) << why(again.storage);
  EXPECT_EQ(again.storage.installed(), paxos::Position{6});
  EXPECT_EQ(again.storage.take_snapshot(), snapshot_at(6));
  EXPECT_EQ(again.storage.take_snapshot(), std::nullopt);
  EXPECT_THAT(positions_above(6, again.storage.take_recovered()), ElementsAre(7, 8));
  EXPECT_THAT(again.storage.take_notes(), IsEmpty());
  EXPECT_EQ(read_log(disk.image()).snapshot, snapshot_at(6).info);
}

TEST(StorageSnapshot, LetsGoOfTheSegmentsBehindIt) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  append_all(host, 1, 40);
  const std::uint64_t before = host.storage.gauges().log_bytes;
  const std::size_t segments = host.storage.gauges().segments;
  ASSERT_GE(segments, 4u);

  host.storage.install(snapshot_at(38));
  host.run();

  const StorageGauges gauges = host.storage.gauges();
  EXPECT_LT(gauges.log_bytes, before / 2);
  EXPECT_LE(gauges.segments, 2u);
  EXPECT_EQ(gauges.snapshot_bytes, snapshot_file_bytes(5000));
  EXPECT_THAT(files_like(disk.image(), "snapshot-"),
              ElementsAre(snapshot_file(paxos::Position{38})));
  EXPECT_FALSE(disk.image().contains(segment_file(SegmentNumber{1})));

  Host again(disk, 2);
  again.run();
  ASSERT_TRUE(again.storage.opened()) << why(again.storage);
  EXPECT_THAT(positions_above(38, again.storage.take_recovered()), ElementsAre(39, 40));
  append_all(again, 41, 60);
  EXPECT_EQ(again.storage.durable(), again.storage.last());
}

TEST(StorageSnapshot, StaysSmallOverManySnapshotsAndOpens) {
  MemoryDisk disk;
  std::uint64_t position = 0;
  for (std::uint64_t start = 1; start <= 12; ++start) {
    Host host(disk, start);
    host.run();
    ASSERT_TRUE(host.storage.opened()) << why(host.storage);
    const std::vector<paxos::Record> records = host.storage.take_recovered();
    const std::uint64_t installed = host.storage.installed().value;
    EXPECT_THAT(positions_above(installed, records), SizeIs(position - installed));
    for (int i = 0; i < 3; ++i) {
      append_all(host, position + 1, position + 9);
      position += 9;
      host.storage.install(snapshot_at(position - 2));
      host.run();
    }
    EXPECT_LE(host.storage.gauges().segments, 3u);
    EXPECT_THAT(files_like(disk.image(), "snapshot-"), SizeIs(1));
  }
}

TEST(StorageSnapshot, OfSeveralAskedTheLastOneFollowsTheOneUnderWay) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  append_all(host, 1, 9);

  for (std::uint64_t p : {3u, 5u, 7u}) host.storage.install(snapshot_at(p));
  std::set<std::uint64_t> seen;
  while (host.step()) seen.insert(host.storage.installed().value);

  EXPECT_THAT(seen, ElementsAre(0, 3, 7));
  EXPECT_THAT(files_like(disk.image(), "snapshot-"),
              ElementsAre(snapshot_file(paxos::Position{7})));
}

TEST(StorageSnapshot, HoldsNoBatchUpForLongerThanOnePiece) {
  MemoryDisk disk;
  Host host(disk, 1, {.segment_bytes = 1ull << 20});
  host.run();
  append_all(host, 1, 2);
  host.storage.install(snapshot_at(2, 3'000'000));

  std::uint64_t position = 2;
  while (host.storage.installed().value == 0) {
    Mark mark = host.append(slot_record(++position));
    for (int steps = 0; host.storage.durable() < mark; ++steps) {
      ASSERT_LE(steps, 8);  // a piece, the metadata in two files, the batch: each with its sync
      host.step();
    }
    host.step();
  }
  EXPECT_GT(position, 6u);
}

TEST(StorageSnapshot, ThatDoesNotFitOnTheDiskIsTriedAgainLater) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  append_all(host, 1, 4);
  host.storage.install(snapshot_at(2));
  host.run();
  disk.full = true;

  host.storage.install(snapshot_at(3));
  host.run();
  EXPECT_EQ(host.storage.installed(), paxos::Position{2});
  EXPECT_THAT(host.storage.take_notes(), Contains(HasSubstr("snapshot of position 3")));
  append_all(host, 5, 5);
  EXPECT_EQ(host.storage.durable(), host.storage.last());
  disk.full = false;
  host.storage.install(snapshot_at(4));
  host.run();

  EXPECT_EQ(host.storage.installed(), paxos::Position{4});
  EXPECT_FALSE(host.storage.refusal());
}

// A segment that holds no batch yet does not stand without the one before it.
TEST(StorageSnapshot, OfEverythingKeepsTheLastSegmentWithABatch) {
  MemoryDisk disk;
  {
    Host host(disk);
    host.run();
    append_all(host, 1, 40);
  }
  for (std::uint64_t start = 2; start <= 4; ++start) {
    Host host(disk, start);
    host.run();
    ASSERT_TRUE(host.storage.opened()) << why(host.storage);
    if (start == 2) host.storage.install(snapshot_at(40));
    host.run();
    EXPECT_EQ(host.storage.installed(), paxos::Position{40});
    EXPECT_EQ(host.storage.gauges().segments, 2u);
  }
}

// What was accepted was promised; its slot may go, the promise may not (protocol.md 2).
TEST(StorageSnapshot, KeepsThePromiseOfWhatWasAcceptedBehindIt) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  append_all(host, 1, 40);
  host.storage.install(snapshot_at(40));
  host.run();

  Host again(disk, 2);
  again.run();

  EXPECT_EQ(again.storage.metadata().promised, slot_record(40).slot.ballot);
}

TEST(StorageSnapshot, BeyondEveryRecordIsTakenByANewcomer) {
  MemoryDisk disk;
  {
    Host host(disk);
    host.run();
    append_all(host, 1, 3);
    host.storage.install(snapshot_at(1000));
    host.run();
    append_all(host, 1001, 1002);
  }

  Host again(disk, 2);
  again.run();

  ASSERT_TRUE(again.storage.opened()) << why(again.storage);
  EXPECT_EQ(again.storage.take_snapshot(), snapshot_at(1000));
  EXPECT_THAT(positions_above(1000, again.storage.take_recovered()), ElementsAre(1001, 1002));
}

TEST(StorageSnapshot, MissingOrDamagedIsRefused) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  append_all(host, 1, 8);
  host.storage.install(snapshot_at(6));
  host.run();
  const std::string file = snapshot_file(paxos::Position{6});
  Image missing = disk.image(), damaged = disk.image();
  missing.erase(file);
  damaged[file][2 * kBlockBytes + 77] ^= 1;

  for (const auto& [image, text] :
       {std::pair(missing, "is missing"), std::pair(damaged, "at byte 8192")}) {
    MemoryDisk other;
    other.set_image(image);
    Host again(other, 2);
    again.run();
    ASSERT_TRUE(again.storage.refusal());
    EXPECT_EQ(again.storage.refusal()->exit, Exit::LogCorrupt);
    EXPECT_THAT(why(again.storage), HasSubstr(file));
    EXPECT_THAT(why(again.storage), HasSubstr(text));
    EXPECT_EQ(read_log(image).refusal, again.storage.refusal());
    EXPECT_EQ(other.image(), image);
  }
}

TEST(StorageSnapshot, LeftoversOfAnUnfinishedOneAreRemoved) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  append_all(host, 1, 3);
  Image image = disk.image();
  image[snapshot_file(paxos::Position{2})] = Bytes(12'288, '\0');
  disk.set_image(image);

  Host again(disk, 2);
  again.run();

  ASSERT_TRUE(again.storage.opened()) << why(again.storage);
  EXPECT_THAT(files_like(disk.image(), "snapshot-"), IsEmpty());
  EXPECT_EQ(again.storage.take_snapshot(), std::nullopt);
}

// One life: appends and installs in turn; told of every step what is durable and installed.
class Script {
 public:
  // What an earlier life was told must be found; what was asked may be.
  void adopt(Host& host) {
    ASSERT_TRUE(host.storage.opened()) << why(host.storage);
    for (const std::string& note : host.storage.take_notes())
      EXPECT_THAT(note, Not(HasSubstr("ALARM")));
    const std::uint64_t installed = host.storage.installed().value;
    EXPECT_GE(installed, installed_);
    const std::optional<Snapshot> snapshot = host.storage.take_snapshot();
    ASSERT_EQ(snapshot.has_value(), installed > 0);
    if (snapshot) { EXPECT_EQ(*snapshot, snapshot_at(installed, kStateBytes)); }

    std::uint64_t end = installed;
    for (const paxos::SlotRecord& slot : slots_of(host.storage.take_recovered())) {
      const std::uint64_t position = slot.slot.position.value;
      EXPECT_EQ(slot, slot_record(position, 4000));
      EXPECT_LE(position, end + 1);
      end = std::max(end, position);
    }
    EXPECT_GE(end, acknowledged_);
    EXPECT_LE(end, asked_);
    asked_ = acknowledged_ = end;
    installed_ = installed;
    pending_.clear();
  }

  void act(Host& host, std::uint64_t round) {
    for (int i = 0; i < 2; ++i) {
      ++asked_;
      pending_.push_back({host.storage.append(slot_record(asked_, 4000)), asked_});
    }
    if (round % 4 == 1 && acknowledged_ > std::max<std::uint64_t>(installed_, last_asked_)) {
      last_asked_ = acknowledged_;
      host.storage.install(snapshot_at(acknowledged_, kStateBytes));
    }
    if (round % 5 == 0) host.storage.seal();
    host.storage.flush();
  }

  void look(const Host& host) {
    for (const auto& [mark, position] : pending_)
      if (mark <= host.storage.durable()) acknowledged_ = std::max(acknowledged_, position);
    installed_ = std::max(installed_, host.storage.installed().value);
  }
  void crashed() { last_asked_ = 0; }

  static constexpr std::size_t kStateBytes = 270'000;  // two pieces and the header

 private:
  std::uint64_t asked_ = 0, acknowledged_ = 0, installed_ = 0, last_asked_ = 0;
  std::vector<std::pair<Mark, std::uint64_t>> pending_;
};

// The naming meets the step to the next segment in every order.
TEST(StorageSnapshotCrash, AroundAChangeOfSegmentLosesNothing) {
  for (std::size_t ahead = 0; ahead < 12; ++ahead) {
    for (std::size_t steps = 0; steps < 24; ++steps) {
      SCOPED_TRACE(testing::Message() << ahead << " steps ahead, " << steps << " steps after");
      MemoryDisk disk;
      RandomStream random(steps, "change");
      Host host(disk, 1);
      host.run();
      append_all(host, 1, 7);  // the eighth does not fit any more
      host.storage.install(snapshot_at(7, 100));
      for (std::size_t i = 0; i < ahead; ++i) host.step();
      const Mark mark = host.append(slot_record(8, 20'000));
      for (std::size_t i = 0; i < steps; ++i) host.step();
      const bool acknowledged = host.storage.durable() >= mark;
      disk.lose_power(Survival::None, random);

      Host again(disk, 2);
      again.run();
      ASSERT_TRUE(again.storage.opened()) << why(again.storage);
      EXPECT_GE(again.storage.installed(), host.storage.installed());
      const std::uint64_t installed = again.storage.installed().value;
      const std::size_t held = positions_above(installed, again.storage.take_recovered()).size();
      EXPECT_GE(held + installed, acknowledged ? 8u : 7u);
    }
  }
}

// False if it came to its end before so many steps of the disk.
bool live(Host& host, Script& script, MemoryDisk& disk, std::size_t steps, std::uint64_t rounds) {
  bool adopted = false;
  std::uint64_t round = 0;
  const std::size_t end = disk.steps() + steps;
  while (disk.steps() < end) {
    if (host.storage.opened() && !std::exchange(adopted, true)) script.adopt(host);
    if (host.storage.opened() && disk.waiting() < 4 && round < rounds) script.act(host, ++round);
    if (!host.step()) return false;
    script.look(host);
  }
  return true;
}

TEST(StorageSnapshotCrash, AtEveryStepLeavesTheOldOneOrTheNewOne) {
  for (Survival survival : {Survival::None, Survival::All, Survival::LastOnly, Survival::Random}) {
    bool reached = true;
    for (std::size_t steps = 1; reached; ++steps) {
      SCOPED_TRACE(testing::Message()
                   << "after " << steps << " steps, survival " << static_cast<int>(survival));
      MemoryDisk disk;
      RandomStream random(steps, "snapshot crash");
      Script script;
      {
        Host host(disk, 1);
        reached = live(host, script, disk, steps, 30);
      }
      disk.lose_power(survival, random);
      script.crashed();
      Host again(disk, 2);
      live(again, script, disk, 400, 12);
      again.run();
      EXPECT_EQ(again.storage.durable(), again.storage.last());
      EXPECT_LE(files_like(disk.image(), "snapshot-").size(), 1u);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(StorageSnapshotCrash, LosesNothingOverManyRandomOnes) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomStream random(seed, "snapshot lives");
    MemoryDisk disk;
    Script script;
    for (std::uint64_t life = 1; life <= 20; ++life) {
      {
        Host host(disk, seed * 100 + life);
        const std::size_t steps = random.below(150);
        live(host, script, disk, steps, 30);
        ASSERT_FALSE(host.storage.refusal()) << why(host.storage);
      }
      if (testing::Test::HasFailure()) return;
      const bool kill = random.chance_ppm(300'000);
      if (kill) {
        disk.kill();
      } else {
        disk.lose_power(Survival::Random, random);
      }
      script.crashed();
    }
  }
}

}  // namespace
}  // namespace quorate::replicated_log
