#include <gtest/gtest.h>

#include "sim/sim_disk.h"

namespace quorate::sim {
namespace {

using faults::Fault;
using faults::FaultKind;
using faults::FileClass;

constexpr std::uint64_t kSector = FileImage::kSector;

class DiskFaultsTest : public testing::Test, public EventSink {
 protected:
  void on_answer(Event event) override { answers.push_back(std::move(event)); }
  void on_crash(bool power) override {
    power ? disk.lose_power() : disk.end_process();
    ++crashes;
  }
  void run() {
    SimTime until = world.now() + Duration::seconds(10);
    while (world.step(until)) {}
  }
  Bytes read(const std::string& file) {
    answers.clear();
    port.read(DiskTicket(99), file, 0, 1 << 20);
    run();
    return std::get<ReadDone>(answers.at(0)).bytes;
  }
  std::optional<DiskError> sync(const std::string& file) {
    answers.clear();
    port.sync(DiskTicket(98), file);
    run();
    return std::get<Synced>(answers.at(0)).error;
  }
  void make(const std::string& file, const Bytes& content) {
    port.replace(DiskTicket(97), file, content);
    run();
  }
  std::uint64_t count(FaultKind kind) const {
    auto found = disk.carried_out().find(kind);
    return found == disk.carried_out().end() ? 0 : found->second;
  }

  World world{3};
  HostDisk disk{world, *find_profile("lan"), *this, "m1"};
  SimDisk port{disk};
  std::vector<Event> answers;
  int crashes = 0;
};

TEST_F(DiskFaultsTest, PowerGoesBetweenAWriteAndItsSync) {
  make("segment-1", Bytes(4096, 'o'));
  disk.befall({.kind = FaultKind::PowerLoss, .after = 1});
  port.write("segment-1", 0, Bytes(4096, 'n'));
  port.sync(DiskTicket(1), "segment-1");
  answers.clear();
  run();

  EXPECT_EQ(crashes, 1);
  EXPECT_TRUE(answers.empty()) << "the sync is never answered";
  const Bytes after = read("segment-1");
  EXPECT_NE(after, Bytes(4096, 'n'));
  EXPECT_NE(after, Bytes(4096, 'o'));
  EXPECT_EQ(count(FaultKind::PowerLoss), 1u);
}

TEST_F(DiskFaultsTest, ACrashFallsBeforeTheOperationThatIsNamed) {
  for (std::uint64_t after = 0; after < 4; ++after) {
    make("f", "....");
    disk.befall({.kind = FaultKind::Kill, .after = after});
    for (std::uint64_t i = 0; i < 4; ++i) port.write("f", i, "X");
    port.sync(DiskTicket(1), "f");
    run();
    // The write under way when a process is killed may happen as well.
    const Bytes content = read("f");
    const std::size_t written = content.find('.');
    EXPECT_TRUE(written == after || written == after + 1 || content == "XXXX") << content;
  }
  EXPECT_EQ(crashes, 4);
}

TEST_F(DiskFaultsTest, ATornWriteIsNewOrOldBySectorAndOneIsNeither) {
  make("segment-1", Bytes(8192, 'o'));
  disk.befall({.kind = FaultKind::TornWrite, .file = FileClass::Segment});
  port.write("segment-1", 4096, Bytes(4096, 'n'));
  port.sync(DiskTicket(1), "segment-1");
  run();

  EXPECT_EQ(crashes, 1);
  const Bytes after = read("segment-1");
  EXPECT_EQ(after.substr(0, 4096), Bytes(4096, 'o'));
  int garbage = 0;
  for (std::size_t at = 4096; at < 8192; at += kSector) {
    const Bytes sector = after.substr(at, kSector);
    if (sector != Bytes(kSector, 'n') && sector != Bytes(kSector, 'o')) ++garbage;
  }
  EXPECT_EQ(garbage, 1);
}

TEST_F(DiskFaultsTest, ALostWriteIsAcknowledgedAndGone) {
  make("segment-1", Bytes(4096, 'o'));
  make("metadata-a", Bytes(4096, 'o'));
  disk.befall({.kind = FaultKind::LostWrite, .after = 1, .file = FileClass::Segment});
  port.write("metadata-a", 0, "n");  // of another class: does not count
  port.write("segment-1", 0, "1");
  port.write("segment-1", 1, "2");
  port.write("segment-1", 2, "3");
  EXPECT_EQ(sync("segment-1"), std::nullopt);

  EXPECT_EQ(read("segment-1").substr(0, 4), "1o3o");
  EXPECT_EQ(read("metadata-a").substr(0, 2), "no");
}

TEST_F(DiskFaultsTest, AMisdirectedWriteLandsAtAnotherBlockAndSurvivesPowerLoss) {
  bool same = false;
  bool other = false;
  for (int round = 0; round < 40; ++round) {
    make("segment-1", Bytes(8 * 4096, 'o'));
    make("segment-2", Bytes(8 * 4096, 'o'));
    disk.befall({.kind = FaultKind::MisdirectedWrite});
    port.write("segment-1", 4096, Bytes(4096, 'n'));
    EXPECT_EQ(sync("segment-1"), std::nullopt);
    disk.lose_power();
    const Bytes one = read("segment-1");
    const Bytes two = read("segment-2");
    const std::size_t in_one = one.find('n');
    const std::size_t in_two = two.find('n');
    if (in_one == 4096) continue;  // drawn to be where it belongs
    same = same || in_one != Bytes::npos;
    other = other || in_two != Bytes::npos;
    EXPECT_NE(in_one == Bytes::npos, in_two == Bytes::npos);
    EXPECT_EQ((in_one == Bytes::npos ? in_two : in_one) % 4096, 0u);
  }
  EXPECT_TRUE(same);
  EXPECT_TRUE(other);
}

TEST_F(DiskFaultsTest, BitRotChangesOneBitOfAFileOfItsClass) {
  for (FileClass in : {FileClass::Metadata, FileClass::Segment, FileClass::Snapshot}) {
    make("metadata-a", Bytes(8192, 'o'));
    make("segment-1", Bytes(8192, 'o'));
    make("snapshot-1", Bytes(8192, 'o'));
    disk.befall({.kind = FaultKind::BitRot, .file = in});
    disk.lose_power();
    for (const std::string file : {"metadata-a", "segment-1", "snapshot-1"}) {
      int bits = 0;
      for (char byte : read(file)) bits += __builtin_popcount(static_cast<unsigned>(byte ^ 'o'));
      EXPECT_EQ(bits, faults::in_class(file, in) ? 1 : 0) << file;
    }
  }
  EXPECT_EQ(count(FaultKind::BitRot), 3u);
}

TEST_F(DiskFaultsTest, BitRotWithoutAFileIsNotCounted) {
  disk.befall({.kind = FaultKind::BitRot, .file = FileClass::Snapshot});
  EXPECT_EQ(count(FaultKind::BitRot), 0u);
}

// fsync answers EIO once; the kernel takes the pages for clean, so that the next one succeeds.
TEST_F(DiskFaultsTest, WhatAFailedSyncLeftIsReadButGoneWhenThePowerGoes) {
  make("segment-1", Bytes(8192, 'o'));
  disk.befall({.kind = FaultKind::FailedSync});
  port.write("segment-1", 0, Bytes(4096, 'n'));
  EXPECT_EQ(sync("segment-1")->kind, DiskErrorKind::Io);
  disk.end_process();
  EXPECT_EQ(read("segment-1").substr(0, 4096), Bytes(4096, 'n'));
  EXPECT_EQ(sync("segment-1"), std::nullopt);
  disk.lose_power();
  EXPECT_EQ(read("segment-1"), Bytes(8192, 'o'));
}

TEST_F(DiskFaultsTest, WhatIsWrittenAgainAfterAFailedSyncIsSyncedWhole) {
  make("segment-1", Bytes(4096, 'o'));
  disk.befall({.kind = FaultKind::FailedSync});
  port.write("segment-1", 0, Bytes(2048, 'n'));
  sync("segment-1");
  disk.end_process();
  port.write("segment-1", 4095, "z");
  EXPECT_EQ(sync("segment-1"), std::nullopt);
  disk.lose_power();
  EXPECT_EQ(read("segment-1"), Bytes(2048, 'n') + Bytes(2047, 'o') + "z");
}

TEST_F(DiskFaultsTest, ASlowSyncHoldsUpWhatIsAskedAfterIt) {
  make("f", "x");
  disk.befall({.kind = FaultKind::SlowSync, .by = Duration::seconds(3)});
  answers.clear();
  const SimTime begin = world.now();
  port.sync(DiskTicket(1), "f");
  port.sync(DiskTicket(2), "f");
  while (answers.size() < 2) world.step(SimTime::never());
  EXPECT_GT(world.now() - begin, Duration::seconds(3));
  EXPECT_LT(world.now() - begin, Duration::seconds(4));
}

TEST_F(DiskFaultsTest, AFreedDiskHasRoomAgain) {
  disk.befall({.kind = FaultKind::DiskFull});
  port.create(DiskTicket(1), "s", 4096);
  run();
  EXPECT_EQ(std::get<Synced>(answers.at(0)).error->kind, DiskErrorKind::Full);
  disk.befall({.kind = FaultKind::DiskFreed});
  answers.clear();
  port.create(DiskTicket(2), "s", 4096);
  run();
  EXPECT_EQ(std::get<Synced>(answers.at(0)).error, std::nullopt);
}

TEST_F(DiskFaultsTest, ARestoredCopyIsWhatWasOnTheDiskWhenItWasSaved) {
  make("segment-1", "old");
  port.write("segment-1", 0, "new");  // not synced: not in a backup
  run();
  disk.befall({.kind = FaultKind::SaveCopy});
  sync("segment-1");
  make("segment-2", "later");
  disk.lose_power();
  disk.befall({.kind = FaultKind::RestoreCopy});
  EXPECT_EQ(read("segment-1"), "old");
  EXPECT_FALSE(disk.image().files().contains("segment-2"));
}

TEST_F(DiskFaultsTest, AWipedDiskIsEmpty) {
  make("segment-1", "x");
  disk.lose_power();
  disk.befall({.kind = FaultKind::Wipe});
  EXPECT_TRUE(disk.image().files().empty());
}

TEST_F(DiskFaultsTest, WhatWaitsIsCalledOffByHealing) {
  make("f", "x");
  disk.befall({.kind = FaultKind::FailedSync});
  disk.befall({.kind = FaultKind::PowerLoss, .after = 0});
  disk.befall({.kind = FaultKind::DiskFull});
  disk.heal();
  EXPECT_EQ(sync("f"), std::nullopt);
  EXPECT_EQ(crashes, 0);
  EXPECT_FALSE(disk.full());
}

}  // namespace
}  // namespace quorate::sim
