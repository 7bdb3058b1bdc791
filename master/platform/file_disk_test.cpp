#include "master/platform/file_disk.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "master/platform/directory.h"
#include "master/platform/recording_sink_test.h"

namespace quorate::platform {

namespace {

class FileDiskTest : public testing::Test {
 protected:
  DiskTicket ticket() { return last = last.next(); }

  Listed open() {
    disk->open(ticket());
    EXPECT_TRUE(sink.run_until([this] { return !sink.all<Listed>().empty(); }));
    return sink.all<Listed>().back();
  }
  Synced synced(DiskTicket of) {
    Synced found;
    EXPECT_TRUE(sink.run_until([&] {
      for (const Synced& one : sink.all<Synced>()) {
        if (one.ticket == of) found = one;
      }
      return found.ticket == of;
    }));
    return found;
  }
  ReadDone read(const std::string& file, std::uint64_t offset, std::uint64_t size) {
    DiskTicket of = ticket();
    disk->read(of, file, offset, size);
    ReadDone found;
    EXPECT_TRUE(sink.run_until([&] {
      for (const ReadDone& one : sink.all<ReadDone>()) {
        if (one.ticket == of) found = one;
      }
      return found.ticket == of;
    }));
    return found;
  }
  Synced replace(const std::string& file, Bytes bytes) {
    DiskTicket of = ticket();
    disk->replace(of, file, std::move(bytes));
    return synced(of);
  }
  void put(const std::string& name, const std::string& content) {
    std::filesystem::create_directories(directory);
    std::ofstream(directory + "/" + name) << content;
  }

  TemporaryDirectory temporary;
  std::string directory = temporary.path + "/var/replicated_log";
  EventLoop loop;
  RecordingSink sink{loop};
  std::unique_ptr<FileDisk> disk = std::make_unique<FileDisk>(loop, directory);
  DiskTicket last;
};

}  // namespace

TEST_F(FileDiskTest, MakesAMissingDirectoryAndFindsItEmpty) {
  Listed listed = open();

  EXPECT_FALSE(listed.error);
  EXPECT_TRUE(listed.files.empty());
  EXPECT_TRUE(std::filesystem::is_directory(directory));
}

TEST_F(FileDiskTest, ListsFilesByNameWithoutTheLockAndRemovesLeftovers) {
  put("b", "12345");
  put("a", "1");
  put("c.tmp", "half-written");

  Listed listed = open();

  EXPECT_EQ(listed.files, (std::vector<DiskFile>{{"a", 1}, {"b", 5}}));
  EXPECT_FALSE(std::filesystem::exists(directory + "/c.tmp"));
  EXPECT_TRUE(std::filesystem::exists(directory + "/lock"));
}

TEST_F(FileDiskTest, RefusesADirectoryThatIsLockedAndNamesTheHolder) {
  open();
  FileDisk second(loop, directory);

  DiskTicket other = ticket();
  second.open(other);
  ASSERT_TRUE(sink.run_until_count<Listed>(2));
  Listed refused = sink.all<Listed>().back();

  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->kind, DiskErrorKind::Locked);
  EXPECT_NE(refused.error->text.find("the process " + std::to_string(getpid())), std::string::npos)
      << refused.error->text;
}

TEST_F(FileDiskTest, LockIsFreeAgainWhenItsHolderEnds) {
  open();
  disk = std::make_unique<FileDisk>(loop, temporary.path + "/elsewhere");

  FileDisk second(loop, directory);
  second.open(ticket());

  ASSERT_TRUE(sink.run_until_count<Listed>(2));
  EXPECT_FALSE(sink.all<Listed>().back().error);
}

TEST_F(FileDiskTest, DirectoryThatCannotBeMadeIsAnError) {
  std::ofstream(temporary.path + "/var") << "a file in the way";

  Listed listed = open();

  ASSERT_TRUE(listed.error);
  EXPECT_NE(listed.error->text.find(temporary.path + "/var"), std::string::npos);
  EXPECT_TRUE(read("a", 0, 1).error);
}

TEST_F(FileDiskTest, CreatedFileHasItsSizeInZeros) {
  open();
  constexpr std::uint64_t kSize = 1'000'000;
  DiskTicket created = ticket();

  disk->create(created, "segment", kSize);

  EXPECT_FALSE(synced(created).error);
  EXPECT_EQ(read("segment", 0, 2 * kSize).bytes, Bytes(kSize, '\0'));
  EXPECT_FALSE(std::filesystem::exists(directory + "/segment.tmp"));
}

TEST_F(FileDiskTest, CreationDoesNotHoldUpWhatIsAskedAfterIt) {
  open();
  replace("small", "x");
  DiskTicket created = ticket(), synced_small = ticket();

  disk->create(created, "segment", 64 * 1024 * 1024);
  disk->write("small", 0, "y");
  disk->sync(synced_small, "small");

  EXPECT_FALSE(synced(synced_small).error);
  EXPECT_EQ(sink.all<Synced>().back().ticket, synced_small);
  EXPECT_FALSE(synced(created).error);
}

TEST_F(FileDiskTest, CreationThatFailsLeavesNothingAndBreaksNothing) {
  open();
  DiskTicket created = ticket();

  disk->create(created, "segment", std::uint64_t{1} << 60);

  EXPECT_TRUE(synced(created).error);
  EXPECT_FALSE(std::filesystem::exists(directory + "/segment"));
  EXPECT_FALSE(std::filesystem::exists(directory + "/segment.tmp"));
  EXPECT_FALSE(replace("small", "x").error);
}

TEST_F(FileDiskTest, CreationsAndBatchesGoOnSideBySide) {
  constexpr int kRounds = 20;
  constexpr std::uint64_t kSize = 1'000'000;
  open();
  replace("log", Bytes(kRounds, '?'));
  std::vector<DiskTicket> created;
  DiskTicket last_sync;

  for (int i = 0; i < kRounds; ++i) {
    disk->create(created.emplace_back(ticket()), "segment-" + std::to_string(i), kSize);
    disk->write("log", static_cast<std::uint64_t>(i), "x");
    disk->sync(last_sync = ticket(), "log");
  }

  EXPECT_FALSE(synced(last_sync).error);
  for (DiskTicket each : created) EXPECT_FALSE(synced(each).error);
  EXPECT_EQ(read("log", 0, kRounds).bytes, Bytes(kRounds, 'x'));
  for (int i = 0; i < kRounds; ++i)
    EXPECT_EQ(read("segment-" + std::to_string(i), 0, 2 * kSize).bytes, Bytes(kSize, '\0'));
}

TEST_F(FileDiskTest, CreationsEndWithTheErrorThatBrokeTheDisk) {
  open();
  DiskTicket under_way = ticket(), waiting = ticket(), late = ticket(), sync = ticket();

  disk->create(under_way, "segment-1", std::uint64_t{1} << 30);
  disk->create(waiting, "segment-2", 4096);
  disk->write("nothing", 0, "x");
  disk->sync(sync, "nothing");
  disk->create(late, "segment-3", 4096);

  ASSERT_TRUE(synced(sync).error);
  for (DiskTicket each : {under_way, waiting, late})
    EXPECT_EQ(synced(each).error, synced(sync).error);
  disk.reset();
  for (const char* name : {"segment-1", "segment-2", "segment-3", "segment-1.tmp"})
    EXPECT_FALSE(std::filesystem::exists(directory + "/" + name)) << name;
}

TEST_F(FileDiskTest, WhatIsUnbornWhenItIsClosedLeavesNothing) {
  open();
  disk->create(ticket(), "segment-1", std::uint64_t{1} << 30);
  disk->create(ticket(), "segment-2", std::uint64_t{1} << 30);
  DiskTicket after = ticket();
  disk->replace(after, "small", "x");
  synced(after);  // the creations are under way, or about to be

  disk.reset();

  EXPECT_FALSE(std::filesystem::exists(directory + "/segment-1"));
  EXPECT_FALSE(std::filesystem::exists(directory + "/segment-1.tmp"));
  EXPECT_TRUE(std::filesystem::exists(directory + "/small"));
}

TEST_F(FileDiskTest, ReadsWhatWasWrittenInOrderBeforeAndAfterTheSync) {
  open();
  replace("file", "0123456789");
  disk->write("file", 2, "ab");
  disk->write("file", 3, "c");
  DiskTicket sync = ticket();
  disk->sync(sync, "file");

  EXPECT_EQ(read("file", 0, 100).bytes, "01ac456789");
  EXPECT_FALSE(synced(sync).error);
  EXPECT_EQ(read("file", 8, 100).bytes, "89");
  EXPECT_EQ(read("file", 4, 2).bytes, "45");
  EXPECT_EQ(read("file", 50, 2).bytes, "");
}

TEST_F(FileDiskTest, WritesBeyondTheEndLetAFileGrow) {
  open();
  replace("file", "0");

  disk->write("file", 3, "x");

  EXPECT_EQ(read("file", 0, 10).bytes, Bytes("0\0\0x", 4));
}

TEST_F(FileDiskTest, AnswersInOrder) {
  open();
  replace("file", "0");
  std::size_t before = sink.events.size();
  std::vector<DiskTicket> asked;
  for (int i = 0; i < 50; ++i) {
    disk->write("file", 0, "x");
    disk->sync(asked.emplace_back(ticket()), "file");
    disk->read(asked.emplace_back(ticket()), "file", 0, 1);
  }

  ASSERT_TRUE(sink.run_until([&] { return sink.events.size() == before + asked.size(); }));

  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Event& event = sink.events[before + i];
    const auto* sync = std::get_if<Synced>(&event);
    EXPECT_EQ(sync ? sync->ticket : std::get<ReadDone>(event).ticket, asked[i]);
  }
}

TEST_F(FileDiskTest, ReplacedFileIsTheNewOneForEarlierReadersToo) {
  open();
  replace("file", "the old content");
  EXPECT_EQ(read("file", 0, 100).bytes, "the old content");

  EXPECT_FALSE(replace("file", "new").error);

  EXPECT_EQ(read("file", 0, 100).bytes, "new");
}

TEST_F(FileDiskTest, TruncatesAndRemoves) {
  open();
  replace("file", "0123456789");
  DiskTicket truncated = ticket(), removed = ticket(), again = ticket();

  disk->truncate(truncated, "file", 4);
  EXPECT_FALSE(synced(truncated).error);
  EXPECT_EQ(read("file", 0, 100).bytes, "0123");
  disk->remove(removed, "file");
  disk->remove(again, "file");

  EXPECT_FALSE(synced(removed).error);
  EXPECT_FALSE(synced(again).error);
  EXPECT_EQ(read("file", 0, 100).error->kind, DiskErrorKind::Missing);
}

TEST_F(FileDiskTest, FailedWriteShowsAtTheNextSyncAndStays) {
  open();
  replace("good", "good");
  std::filesystem::create_symlink("/dev/full", directory + "/full");
  DiskTicket first = ticket(), second = ticket();

  disk->write("full", 0, "x");
  disk->sync(first, "full");
  disk->write("good", 0, "bad!");
  disk->sync(second, "good");

  ASSERT_TRUE(synced(first).error);
  EXPECT_EQ(synced(first).error->kind, DiskErrorKind::Full);
  EXPECT_EQ(synced(second).error, synced(first).error);
  EXPECT_EQ(read("good", 0, 4).error, synced(first).error);
  std::ostringstream content;
  content << std::ifstream(directory + "/good").rdbuf();
  EXPECT_EQ(content.str(), "good");  // nothing was carried out any more
}

TEST_F(FileDiskTest, WriteToAFileThatWasNeverMadeIsAnError) {
  open();
  DiskTicket sync = ticket();

  disk->write("nothing", 0, "x");
  disk->sync(sync, "nothing");

  ASSERT_TRUE(synced(sync).error);
  EXPECT_EQ(synced(sync).error->kind, DiskErrorKind::Missing);
}

TEST_F(FileDiskTest, AnotherProcessFindsWhatWasSynced) {
  pid_t child = fork();
  if (child == 0) {
    Directory its(directory, Duration{});  // blocking: a forked process has no other thread
    std::vector<DiskFile> none;
    bool failed = its.open(none) || its.replace("file", "durable");
    _exit(failed ? 1 : 0);  // without any destructor, like a crash
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);

  EXPECT_FALSE(open().error);
  EXPECT_EQ(read("file", 0, 100).bytes, "durable");
}

TEST_F(FileDiskTest, ArtificialDelayHoldsUpEachSyncOfWrittenData) {
  disk = std::make_unique<FileDisk>(loop, directory, Duration::milliseconds(30));
  open();
  replace("file", "0");
  DiskTicket dirty = ticket(), clean = ticket();
  disk->write("file", 0, "1");
  MonoTime start = EventLoop::now().mono;

  disk->sync(dirty, "file");
  disk->sync(clean, "file");  // nothing was written in between
  synced(clean);

  Duration took = EventLoop::now().mono - start;
  EXPECT_GE(took, Duration::milliseconds(30));
  EXPECT_LT(took, Duration::milliseconds(60));
}

}  // namespace quorate::platform
