#include "master/platform/host_files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "master/platform/recording_sink_test.h"

namespace quorate::platform {

namespace {

class HostFilesTest : public testing::Test {
 protected:
  FileRead read(std::uint64_t offset, std::uint64_t size) {
    sink.events.clear();
    files.read(FileTicket(1), path, offset, size);
    return sink.first<FileRead>();
  }
  void write(const std::string& text) { std::ofstream(path) << text; }

  TemporaryDirectory temporary;
  std::string path = temporary.path + "/whitelist";
  EventLoop loop;
  RecordingSink sink{loop};
  HostFiles files{loop};
};

}  // namespace

TEST_F(HostFilesTest, ReadsAPartAndTellsTheSize) {
  write("0123456789");

  EXPECT_EQ(read(2, 3), (FileRead{FileTicket(1), "234", 10, {}}));
  EXPECT_EQ(read(8, 1'000'000'000), (FileRead{FileTicket(1), "89", 10, {}}));
  EXPECT_EQ(read(10, 5), (FileRead{FileTicket(1), "", 10, {}}));
}

TEST_F(HostFilesTest, MissingFileIsAnErrorThatNamesIt) {
  FileRead answer = read(0, 10);

  ASSERT_TRUE(answer.error);
  EXPECT_EQ(*answer.error, "cannot open " + path + ": No such file or directory");
}

TEST_F(HostFilesTest, DirectoryIsAnError) {
  path = temporary.path;

  EXPECT_TRUE(read(0, 10).error);
}

TEST_F(HostFilesTest, WatchedFileTellsThatItAppearedAndChanged) {
  files.watch(path);
  sink.run_for(Duration::milliseconds(50));

  write("a");
  ASSERT_TRUE(sink.run_until_count<FileChanged>(1, Duration::seconds(3)));
  write("other");
  ASSERT_TRUE(sink.run_until_count<FileChanged>(2, Duration::seconds(3)));

  EXPECT_EQ(sink.all<FileChanged>().front().path, path);
}

}  // namespace quorate::platform
