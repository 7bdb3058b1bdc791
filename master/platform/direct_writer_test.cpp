#include "master/platform/direct_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "master/platform/directory.h"
#include "master/platform/recording_sink_test.h"

namespace quorate::platform {
namespace {

constexpr std::uint64_t kBlock = DirectWriter::kBlockBytes;
constexpr std::uint64_t kFileBytes = 3 * DirectWriter::kPieceBytes + 2 * kBlock;

// Different in each byte that could be mistaken for another.
Bytes some_bytes(std::uint64_t size, unsigned seed) {
  Bytes bytes;
  for (std::uint64_t i = 0; i < size; ++i)
    bytes.push_back(static_cast<char>((i * 31 + i / kBlock + seed) & 0xff));
  return bytes;
}

// The same writes twice: into a directory, and into a string.
class Twins {
 public:
  explicit Twins(const std::string& folder) : directory_(folder, Duration{}) {
    std::vector<DiskFile> files;
    EXPECT_FALSE(directory_.open(files));
    EXPECT_FALSE(directory_.replace("file", expected_));
  }
  void write(std::uint64_t offset, std::uint64_t size, unsigned seed) {
    const Bytes bytes = some_bytes(size, seed);
    EXPECT_FALSE(directory_.write("file", offset, bytes));
    expected_.replace(offset, size, bytes);
  }
  void compare() {
    Bytes found;
    EXPECT_FALSE(directory_.sync("file"));
    EXPECT_FALSE(directory_.read("file", 0, 2 * kFileBytes, found));
    EXPECT_TRUE(found == expected_);  // too long to be printed
  }

 private:
  Bytes expected_ = Bytes(kFileBytes, '\0');
  Directory directory_;
};

TEST(DirectWriter, SuitsWholeBlocksOnly) {
  EXPECT_TRUE(DirectWriter::suits(0, kBlock));
  EXPECT_TRUE(DirectWriter::suits(3 * kBlock, 7 * kBlock));
  EXPECT_FALSE(DirectWriter::suits(1, kBlock));
  EXPECT_FALSE(DirectWriter::suits(0, kBlock - 1));
  EXPECT_FALSE(DirectWriter::suits(512, kBlock));
}

TEST(DirectWriter, WritesMoreThanItsBufferHolds) {
  TemporaryDirectory temporary;
  Twins twins(temporary.path + "/log");

  twins.write(kBlock, 3 * DirectWriter::kPieceBytes, 1);

  twins.compare();
}

// A block in the page cache must not hide what went past it, nor come back over it later.
TEST(DirectWriter, AgreesWithWritesThroughTheCacheInAnyOrder) {
  TemporaryDirectory temporary;
  Twins twins(temporary.path + "/log");

  twins.write(0, 5 * kBlock, 1);
  twins.write(kBlock + 7, 2 * kBlock, 2);  // through the cache
  twins.compare();                         // and read into it
  twins.write(2 * kBlock, kBlock, 3);
  twins.compare();
  twins.write(2 * kBlock + 100, 1, 4);
  twins.write(3 * kBlock, 2 * kBlock, 5);

  twins.compare();
}

// tmpfs has no disk to write to; whether it takes the flag depends on the kernel.
TEST(DirectWriter, IsNotNeeded) {
  const std::string folder = "/dev/shm/quorate-direct-writer-" + std::to_string(::getpid());
  if (!std::filesystem::exists("/dev/shm")) GTEST_SKIP() << "there is no /dev/shm";
  {
    Twins twins(folder);
    twins.write(0, 2 * kBlock, 1);
    twins.write(5, 10, 2);
    twins.compare();
  }
  std::filesystem::remove_all(folder);
}

TEST(DirectWriter, TellsAFailureFromWhatTheDiskCannotDo) {
  TemporaryDirectory temporary;
  std::filesystem::create_directories(temporary.path);
  const std::string path = temporary.path + "/file";
  std::ofstream(path) << "x";
  const int read_only = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  DirectWriter writer;

  EXPECT_EQ(writer.write(read_only, 0, Bytes(kBlock, 'x')), DirectWriter::Written::Failed);

  ::close(read_only);
}

}  // namespace
}  // namespace quorate::platform
