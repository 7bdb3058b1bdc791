#include "master/platform/unix_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "master/platform/credentials.h"
#include "master/platform/entropy.h"
#include "master/platform/recording_sink_test.h"

namespace quorate::platform {

namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kCredentials =
    R"({"credentials":[{"principal":"ann","secret":"s3cret"},{"principal":"bob","secret":""}]})";

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

LogSettings logs_in(const std::string& directory) {
  LogSettings log;
  log.directory = directory;
  log.quiet = true;
  return log;
}

std::unique_ptr<UnixProcess> make(EventLoop& loop, const LogSettings& log = {}) {
  auto process = UnixProcess::make(loop, log, kCredentials);
  EXPECT_TRUE(process) << process.error().text;
  return std::move(*process);
}

// A supervisor that listens where NOTIFY_SOCKET points.
class Supervisor {
 public:
  Supervisor() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    CHECK(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~Supervisor() {
    ::close(socket_);
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
  }

  // The next message; empty if there is none.
  std::string hear() const {
    std::string message(1000, '\0');
    ssize_t size = ::recv(socket_, message.data(), message.size(), 0);
    message.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return message;
  }

  TemporaryDirectory temporary;
  std::string path = temporary.path + "/notify";

 private:
  int socket_;
};

}  // namespace

TEST(UnixProcess, WritesGlogLikeLinesIntoTheFile) {
  TemporaryDirectory temporary;
  EventLoop loop;
  auto process = make(loop, logs_in(temporary.path + "/log"));

  process->log(LogLevel::Warning, "the disk is slow");

  EXPECT_EQ(process->log_file(), temporary.path + "/log/quorate-master.INFO");
  EXPECT_THAT(content_of(process->log_file()),
              ContainsRegex("^W[0-9]{4} [0-9:]{8}\\.[0-9]{6} [0-9]+ quorate-master\\] the disk is "
                            "slow\n$"));
}

TEST(UnixProcess, DropsLinesBelowTheLevel) {
  TemporaryDirectory temporary;
  EventLoop loop;
  auto process = make(loop, logs_in(temporary.path));

  process->log(LogLevel::Debug, "one");
  process->set_log_level(LogLevel::Debug);
  process->log(LogLevel::Debug, "two");

  EXPECT_THAT(content_of(process->log_file()), Not(HasSubstr("one")));
  EXPECT_THAT(content_of(process->log_file()), HasSubstr("D"));
  EXPECT_THAT(content_of(process->log_file()), HasSubstr("two"));
}

TEST(UnixProcess, NobodyForgesALineOfTheLog) {
  TemporaryDirectory temporary;
  EventLoop loop;
  auto process = make(loop, logs_in(temporary.path));

  process->log(LogLevel::Info, "bad request: a\nE0101 forged {} %s\x1b[2J");

  EXPECT_THAT(content_of(process->log_file()), HasSubstr("a\\x0aE0101 forged {} %s\\x1b[2J\n"));
}

TEST(UnixProcess, LogDirectoryThatCannotBeMadeIsAnError) {
  EventLoop loop;

  auto process = UnixProcess::make(loop, logs_in("/dev/null/log"), "");

  ASSERT_FALSE(process);
  EXPECT_THAT(process.error().text, HasSubstr("/dev/null/log"));
}

TEST(UnixProcessDeathTest, FailFastEndsWithItsCodeAndOneLine) {
  EventLoop loop;
  auto process = make(loop, logs_in(""));

  EXPECT_EXIT(
      process->fail_fast(Exit::LeadershipLost, "the session expired"), testing::ExitedWithCode(69),
      "E.*quorate-master ends with exit code 69 \\(leadership lost\\): the session expired");
}

TEST(UnixProcessDeathTest, OrderlyExitDrainsFirst) {
  EventLoop loop;
  auto process = make(loop);
  process->before_exit([] { std::fputs("drained ", stderr); });

  EXPECT_EXIT(process->exit(Exit::Asked), testing::ExitedWithCode(0), "drained .*exit code 0");
}

TEST(UnixProcess, VerifiesSecretsAndAnswersByEvents) {
  EventLoop loop;
  RecordingSink sink(loop);
  auto process = make(loop);

  process->verify(VerifyTicket(1), "ann", "s3cret");
  process->verify(VerifyTicket(2), "ann", "s3cretx");
  process->verify(VerifyTicket(3), "carl", "s3cret");
  process->verify(VerifyTicket(4), "bob", "");

  ASSERT_TRUE(sink.run_until_count<Verified>(4));
  std::vector<Verified> expected{{VerifyTicket(1), true},
                                 {VerifyTicket(2), false},
                                 {VerifyTicket(3), false},
                                 {VerifyTicket(4), true}};
  EXPECT_EQ(sink.all<Verified>(), expected);
}

TEST(UnixProcess, MeasuresItsHost) {
  EventLoop loop;
  RecordingSink sink(loop);
  auto process = make(loop);

  process->measure_host();

  HostStats stats = sink.first<HostStats>();
  EXPECT_GE(stats.cpus, 1U);
  EXPECT_GT(stats.memory_total_bytes, stats.memory_free_bytes);
}

TEST(UnixProcess, TellsTheSupervisorThatItServes) {
  Supervisor supervisor;
  EventLoop loop;
  auto process = make(loop);

  process->ready();
  process->status("leading\nREADY=0");

  EXPECT_EQ(supervisor.hear(), "READY=1");
  EXPECT_EQ(supervisor.hear(), "STATUS=leading\\x0aREADY=0");
}

TEST(UnixProcess, FeedsTheWatchdogFromTheLoop) {
  Supervisor supervisor;
  ::setenv("WATCHDOG_USEC", "20000", 1);
  EventLoop loop;
  RecordingSink sink(loop);
  auto process = make(loop);

  sink.run_for(Duration::milliseconds(100));

  for (int beats = 0; beats < 3; ++beats) EXPECT_EQ(supervisor.hear(), "WATCHDOG=1");
}

TEST(UnixProcess, WorksWithoutASupervisor) {
  EventLoop loop;
  auto process = make(loop);

  process->ready();
  process->status("alone");
}

TEST(Credentials, NamesWhatIsWrongButNoSecret) {
  auto error_of = [](const char* text) {
    auto parsed = Credentials::parse(text);
    return parsed ? std::string("none") : parsed.error().text;
  };

  EXPECT_EQ(error_of(""), "none");
  EXPECT_THAT(error_of("{\"cred"), HasSubstr("credentials: "));
  EXPECT_THAT(error_of("[]"), HasSubstr("expected {\"credentials\": [...]}"));
  EXPECT_THAT(error_of(R"({"credentials":[{"secret":"hidden"}]})"),
              testing::AllOf(HasSubstr("entry 0 has no \"principal\""), Not(HasSubstr("hidden"))));
  EXPECT_THAT(error_of(R"({"credentials":[{"principal":"a"}]})"), HasSubstr("has no \"secret\""));
  EXPECT_THAT(error_of(R"({"credentials":[{"principal":"a","secret":"x"},
                                          {"principal":"a","secret":"y"}]})"),
              HasSubstr("entry 1: principal 'a' is named twice"));
}

TEST(Entropy, SeedsDiffer) { EXPECT_NE(seed(), seed()); }

}  // namespace quorate::platform
