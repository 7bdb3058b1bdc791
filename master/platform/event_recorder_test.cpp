#include "master/platform/event_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "master/platform/real_ports.h"
#include "master/ports/recording.h"

namespace quorate::platform {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class EventRecorderTest : public testing::Test {
 protected:
  EventRecorderTest() {
    directory = fs::path(testing::TempDir()) / ("recorder-" + std::to_string(::getpid()));
    fs::remove_all(directory);
    settings.directory = directory.string();
    settings.arguments = {"--quorum=2"};
    settings.environment = {{"MESOS_IP", "10.0.0.1"}};
    settings.seed = 7;
    auto made = RealPorts::make({});
    EXPECT_TRUE(made);
    real = std::move(*made);
  }
  ~EventRecorderTest() override { fs::remove_all(directory); }

  std::unique_ptr<EventRecorder> make() {
    auto recorder = EventRecorder::make(settings, real->ports());
    EXPECT_TRUE(recorder) << recorder.error().text;
    return std::move(*recorder);
  }
  static Bytes content(const fs::path& file) {
    gzFile in = ::gzopen(file.c_str(), "rb");  // also reads what is not compressed
    Bytes bytes;
    char buffer[65536];
    for (int size = 0; (size = ::gzread(in, buffer, sizeof buffer)) > 0;)
      bytes.append(buffer, static_cast<std::size_t>(size));
    ::gzclose(in);
    return bytes;
  }
  static Bytes recorded(const EventRecorder& recorder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(recorder.folder()))
      if (entry.path().filename().string().starts_with("events-")) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    Bytes all;
    for (const fs::path& file : files) all += content(file);
    return all;
  }

  fs::path directory;
  RecorderSettings settings;
  std::unique_ptr<RealPorts> real;
  Now now{MonoTime{1}, WallTime{2}};
};

TEST_F(EventRecorderTest, AnEventIsInTheFileBeforeItIsHandledAndTheEffectsFollow) {
  auto recorder = make();
  recorder->started(now);
  recorder->event(now, Received{ConnectionId(1), "GET / HTTP/1.1\r\n"});
  EXPECT_THAT(recorded(*recorder), HasSubstr("GET / HTTP/1.1"));

  recorder->ports().process.log(LogLevel::Debug, "an effect");
  recorder->event(now, Woken{});
  const Bytes bytes = recorded(*recorder);
  RecordReader reader(bytes);
  EXPECT_TRUE(std::holds_alternative<RecordedStart>(*reader.next()));
  EXPECT_TRUE(std::holds_alternative<RecordedEvent>(*reader.next()));
  EXPECT_TRUE(std::holds_alternative<RecordedEffect>(*reader.next()));
  EXPECT_TRUE(std::holds_alternative<RecordedEvent>(*reader.next()));
  EXPECT_TRUE(reader.done());
}

TEST_F(EventRecorderTest, NamesTheVersionTheSeedAndTheFlags) {
  settings.version = "0.1";
  auto recorder = make();
  std::ifstream in(recorder->folder() + "/boot.json");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  EXPECT_EQ(text, R"({"format":1,"version":"0.1","seed":"7","arguments":["--quorum=2"],)"
                  R"("environment":{"MESOS_IP":"10.0.0.1"}})");
}

TEST_F(EventRecorderTest, IsReadableByItsOwnerOnly) {
  const mode_t before = ::umask(0);
  auto recorder = make();
  ::umask(before);
  EXPECT_EQ(fs::status(recorder->folder()).permissions(), fs::perms::owner_all);
}

TEST_F(EventRecorderTest, HoldsNoCredentialsOfRequests) {
  auto recorder = make();
  recorder->event(now, Received{ConnectionId(1), "GET / HTTP/1.1\r\nAuthorization: Basic c2Vj"});
  recorder->event(now, Received{ConnectionId(1), "cmV0\r\n\r\n"});
  EXPECT_THAT(recorded(*recorder), Not(HasSubstr("c2Vj")));
  EXPECT_THAT(recorded(*recorder), Not(HasSubstr("cmV0")));
}

TEST_F(EventRecorderTest, PiecesAreCompressedAndReadAsOne) {
  auto recorder = make();
  for (int i = 0; i < 10; ++i)
    recorder->event(now, Received{ConnectionId(1), Bytes(1 << 20, static_cast<char>('a' + i))});
  const fs::path first = fs::path(recorder->folder()) / "events-000001.gz";
  for (int i = 0; i < 2000 && !fs::exists(first); ++i) ::usleep(5000);
  ASSERT_TRUE(fs::exists(first));
  EXPECT_LT(fs::file_size(first), 100'000u);
  EXPECT_EQ(content(first).size() / (1 << 20), 4u);
}

TEST_F(EventRecorderTest, EndsWhenItIsFullAndSaysSo) {
  settings.bytes_max = 1 << 20;
  auto recorder = make();
  recorder->started(now);
  int events = 0;
  for (; recorder->recording(); ++events) {
    ASSERT_LT(events, 1000);
    recorder->ports().process.log(LogLevel::Debug, "an effect");
    recorder->event(now, Received{ConnectionId(1), Bytes(50'000, 'x')});
  }
  EXPECT_GT(events, 10);
  recorder->event(now, Woken{});

  const Bytes bytes = recorded(*recorder);
  EXPECT_LE(bytes.size(), settings.bytes_max);
  RecordReader reader(bytes);
  Result<Recorded> last = failure("empty");
  while (!reader.done()) {
    last = reader.next();
    ASSERT_TRUE(last) << last.error().text;
  }
  ASSERT_TRUE(std::holds_alternative<RecordedEnd>(*last));
  EXPECT_THAT(std::string(std::get<RecordedEnd>(*last).why), HasSubstr("full"));
}

TEST_F(EventRecorderTest, TheLastEightStartsAreKept) {
  for (int i = 0; i < 12; ++i)
    fs::create_directories(directory / ("boot-20200101T0000" + std::to_string(10 + i) + "Z-1"));
  auto recorder = make();
  std::size_t folders = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(directory)) ++folders;
  EXPECT_EQ(folders, 8u);
  EXPECT_FALSE(fs::exists(directory / "boot-20200101T000010Z-1"));
  EXPECT_TRUE(fs::exists(recorder->folder()));
}

TEST_F(EventRecorderTest, ADirectoryThatCannotBeMadeIsAnError) {
  settings.directory = "/proc/no/such";
  auto recorder = EventRecorder::make(settings, real->ports());
  ASSERT_FALSE(recorder);
  EXPECT_THAT(recorder.error().text, HasSubstr("--record_dir"));
}

}  // namespace
}  // namespace quorate::platform
