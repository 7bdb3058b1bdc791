#include "sim/sim_disk.h"

#include <gtest/gtest.h>

#include <memory>

namespace quorate::sim {
namespace {

using faults::FaultKind;

class SimDiskTest : public testing::Test, public EventSink {
 protected:
  void on_answer(Event event) override { answers.push_back(std::move(event)); }
  void run() {
    SimTime until = world.now() + Duration::seconds(2);
    while (world.step(until)) {}
  }
  Bytes read(const std::string& file, std::uint64_t offset = 0, std::uint64_t size = 1 << 20) {
    answers.clear();
    port.read(DiskTicket(99), file, offset, size);
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

  World world{3};
  HostDisk disk{world, *find_profile("lan"), *this, "m1"};
  SimDisk port{disk};
  std::vector<Event> answers;
};

TEST_F(SimDiskTest, OpenListsByNameAndLocksOutASecondProcess) {
  make("b", "12");
  make("a", "1");
  answers.clear();
  port.open(DiskTicket(1));
  port.open(DiskTicket(2));
  run();
  auto first = std::get<Listed>(answers.at(0));
  EXPECT_EQ(first.files, (std::vector<DiskFile>{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(std::get<Listed>(answers.at(1)).error->kind, DiskErrorKind::Locked);
  disk.end_process();
  answers.clear();
  port.open(DiskTicket(3));
  run();
  EXPECT_EQ(std::get<Listed>(answers.at(0)).error, std::nullopt);
}

TEST_F(SimDiskTest, WhatIsWrittenIsReadAtOnceAndAFileGrows) {
  make("f", "abc");
  port.write("f", 2, "XYZ");
  EXPECT_EQ(read("f"), "abXYZ");
  EXPECT_EQ(read("f", 3, 1), "Y");
  EXPECT_EQ(read("f", 10), "");
  port.write("f", 8190, "far");
  EXPECT_EQ(read("f", 8188, 10), Bytes("\0\0far", 5));
}

TEST_F(SimDiskTest, AnswersComeInTheOrderAsked) {
  make("f", "abc");
  answers.clear();
  for (std::uint64_t i = 1; i <= 20; ++i) port.sync(DiskTicket(i), "f");
  run();
  for (std::uint64_t i = 1; i <= 20; ++i)
    EXPECT_EQ(std::get<Synced>(answers.at(i - 1)).ticket, DiskTicket(i));
}

TEST_F(SimDiskTest, ACreatedFileIsZeros) {
  port.create(DiskTicket(1), "s", 10'000);
  run();
  EXPECT_EQ(read("s"), Bytes(10'000, '\0'));
}

TEST_F(SimDiskTest, ACreationDoesNotHoldUpWhatIsAskedAfterIt) {
  make("f", "x");
  answers.clear();
  port.create(DiskTicket(1), "s", 64 << 20);
  port.sync(DiskTicket(2), "f");
  run();
  EXPECT_EQ(std::get<Synced>(answers.at(0)).ticket, DiskTicket(2));
  EXPECT_EQ(std::get<Synced>(answers.at(1)).ticket, DiskTicket(1));
}

TEST_F(SimDiskTest, TruncateShortensAndRemoveOfAMissingFileIsNoError) {
  make("f", "abcdef");
  answers.clear();
  port.truncate(DiskTicket(1), "f", 2);
  port.remove(DiskTicket(2), "no");
  run();
  EXPECT_EQ(std::get<Synced>(answers.at(1)).error, std::nullopt);
  EXPECT_EQ(read("f"), "ab");
  port.write("f", 3, "z");
  EXPECT_EQ(read("f"), Bytes("ab\0z", 4));
}

TEST_F(SimDiskTest, AReadOfAMissingFileIsAnErrorThatBreaksNothing) {
  port.read(DiskTicket(1), "no", 0, 10);
  run();
  EXPECT_EQ(std::get<ReadDone>(answers.at(0)).error->kind, DiskErrorKind::Missing);
  make("f", "x");
  EXPECT_EQ(sync("f"), std::nullopt);
}

TEST_F(SimDiskTest, AFailedWriteShowsAtTheNextSyncAndStays) {
  make("f", "x");
  port.write("missing", 0, "y");
  auto error = sync("f");
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(sync("f"), error);
  port.write("f", 0, "changed");
  answers.clear();
  port.read(DiskTicket(3), "f", 0, 10);
  run();
  EXPECT_EQ(std::get<ReadDone>(answers.at(0)).error, error);
  disk.end_process();
  EXPECT_EQ(read("f"), "x");
}

TEST_F(SimDiskTest, AFullDiskRefusesACreationAndKeepsGoing) {
  disk.befall({.kind = FaultKind::DiskFull});
  make("ignored", "");
  disk.end_process();
  answers.clear();
  port.create(DiskTicket(1), "s", 10);
  run();
  EXPECT_EQ(std::get<Synced>(answers.at(0)).error->kind, DiskErrorKind::Full);
  EXPECT_FALSE(disk.image().files().contains("s"));
}

TEST_F(SimDiskTest, AFailedSyncIsFinalForTheProcess) {
  make("f", "x");
  disk.befall({.kind = FaultKind::FailedSync});
  EXPECT_EQ(sync("f")->kind, DiskErrorKind::Io);
  EXPECT_EQ(sync("f")->kind, DiskErrorKind::Io);
}

TEST_F(SimDiskTest, WhatIsSyncedSurvivesPowerLossAndTheRestIsNewOrOldBySector) {
  make("f", Bytes(8192, 'o'));
  port.write("f", 0, Bytes(4096, 's'));
  sync("f");
  port.write("f", 4096, Bytes(4096, 'n'));
  read("f");
  disk.lose_power();
  Bytes after = read("f");
  EXPECT_EQ(after.substr(0, 4096), Bytes(4096, 's'));
  std::size_t news = 0;
  for (std::size_t at = 4096; at < 8192; at += 512) {
    Bytes sector = after.substr(at, 512);
    EXPECT_TRUE(sector == Bytes(512, 'n') || sector == Bytes(512, 'o'));
    if (sector.front() == 'n') ++news;
  }
  EXPECT_GT(news, 0u);
  EXPECT_LT(news, 8u);
}

TEST_F(SimDiskTest, AKilledProcessKeepsThePageCacheButNotWhatTheDiskHadNotBegun) {
  make("f", "old");
  port.write("f", 0, "new");
  read("f");
  disk.end_process();
  EXPECT_EQ(read("f"), "new");
  for (int i = 0; i < 100; ++i) port.sync(DiskTicket(1), "f");
  port.write("f", 0, "xxx");
  disk.end_process();
  EXPECT_EQ(read("f"), "new");
}

TEST_F(SimDiskTest, NoAnswerReachesTheNextProcess) {
  make("f", "x");
  port.sync(DiskTicket(1), "f");
  port.create(DiskTicket(2), "s", 100);
  disk.end_process();
  answers.clear();
  run();
  EXPECT_TRUE(answers.empty());
  EXPECT_FALSE(disk.image().files().contains("s"));
}

TEST(FileImage, BehavesAsPlainBytesDo) {
  RandomStream random(5, "image");
  FileImage image;
  Bytes plain;
  for (int i = 0; i < 500; ++i) {
    std::uint64_t offset = random.below(20'000);
    std::uint64_t size = random.below(9'000);
    if (random.chance_ppm(100'000)) {
      image.resize(offset);
      plain.resize(offset);
    } else {
      Bytes bytes(size, static_cast<char>('a' + i % 26));
      image.write(offset, bytes);
      if (size > 0 && plain.size() < offset + size) plain.resize(offset + size);
      if (size == 0 && plain.size() < offset) plain.resize(offset);
      plain.replace(offset, size, bytes);
    }
    ASSERT_EQ(image.size(), plain.size());
    ASSERT_EQ(image.read(0, 1 << 20), plain);
    std::uint64_t from = random.below(20'000);
    Bytes expected = from < plain.size() ? plain.substr(from, size) : Bytes();
    ASSERT_EQ(image.read(from, size), expected);
  }
}

}  // namespace
}  // namespace quorate::sim
