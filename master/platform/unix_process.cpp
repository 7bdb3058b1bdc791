#include "master/platform/unix_process.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <vector>

#include "master/base/text.h"
#include "master/platform/credentials.h"
#include "master/platform/notify.h"

namespace quorate::platform {

namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::Debug: return spdlog::level::debug;
    case LogLevel::Info: return spdlog::level::info;
    case LogLevel::Warning: return spdlog::level::warn;
    case LogLevel::Error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

bool is_control(char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; }

// One line stays one line, whatever came from outside.
std::string printable(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  for (char c : line) {
    if (is_control(c)) {
      out += "\\x" + hex(std::string_view(&c, 1));
    } else {
      out += c;
    }
  }
  return out;
}

// spdlog tells by an exception that it cannot open a file.
Result<spdlog::sink_ptr> file_sink(const std::string& directory, const std::string& file) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return failure("cannot make the log directory " + directory + ": " + error.message());
  try {
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
  } catch (const spdlog::spdlog_ex& problem) {
    return failure("cannot write the log file " + file + ": " + problem.what());
  }
}

HostStats measure() {
  HostStats stats;
  double loads[3] = {0, 0, 0};
  if (getloadavg(loads, 3) == 3) {
    stats.load_1min = loads[0];
    stats.load_5min = loads[1];
    stats.load_15min = loads[2];
  }
  long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  stats.cpus = cpus > 0 ? static_cast<std::uint32_t>(cpus) : 0;
  struct sysinfo info{};
  if (sysinfo(&info) == 0) {
    stats.memory_total_bytes = std::uint64_t{info.totalram} * info.mem_unit;
    stats.memory_free_bytes = std::uint64_t{info.freeram} * info.mem_unit;
  }
  return stats;
}

}  // namespace

struct UnixProcess::Impl {
  explicit Impl(EventLoop& to) : loop(to), watchdog(to.io()) {}

  EventLoop& loop;
  std::string program;
  std::string log_file;
  std::shared_ptr<spdlog::logger> logger;
  Credentials credentials;
  Notifier notifier;
  boost::asio::steady_timer watchdog;
  std::function<void()> drain;

  // Beats from the loop: a loop that hangs goes silent.
  void beat() {
    auto period = notifier.watchdog_period();
    if (!period) return;
    notifier.send("WATCHDOG=1");
    watchdog.expires_after(std::chrono::nanoseconds(period->ns));
    watchdog.async_wait([this](boost::system::error_code error) {
      if (!error) beat();
    });
  }

  [[noreturn]] void end(Exit exit, const std::string& last_status) {
    notifier.send("STOPPING=1\nSTATUS=" + last_status);
    logger->flush();
    ::_exit(code(exit));  // no destructors: other threads are still at work
  }
};

Result<std::unique_ptr<UnixProcess>> UnixProcess::make(EventLoop& loop, const LogSettings& log,
                                                       std::string_view credentials_text) {
  auto impl = std::make_unique<Impl>(loop);
  auto credentials = Credentials::parse(credentials_text);
  if (!credentials) return tl::unexpected(credentials.error());
  impl->credentials = std::move(*credentials);

  std::vector<spdlog::sink_ptr> sinks{std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  if (log.quiet) sinks.front()->set_level(spdlog::level::err);
  if (!log.directory.empty()) {
    impl->log_file = log.directory + "/" + log.program + ".INFO";
    auto sink = file_sink(log.directory, impl->log_file);
    if (!sink) return tl::unexpected(sink.error());
    sinks.push_back(*sink);
  }
  impl->program = log.program;
  impl->logger = std::make_shared<spdlog::logger>(log.program, sinks.begin(), sinks.end());
  impl->logger->set_pattern("%L%m%d %H:%M:%S.%f %t %n] %v");
  impl->logger->set_level(spdlog_level(log.least));
  impl->logger->flush_on(spdlog::level::trace);
  impl->beat();
  return std::unique_ptr<UnixProcess>(new UnixProcess(std::move(impl)));
}

UnixProcess::UnixProcess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
UnixProcess::~UnixProcess() = default;

void UnixProcess::fail_fast(Exit exit, const std::string& why) {
  std::string line = impl_->program + " ends with exit code " + std::to_string(code(exit)) + " (" +
                     std::string(to_text(exit)) + "): " + why;
  log(LogLevel::Error, line);
  impl_->end(exit, printable(line));
}

void UnixProcess::exit(Exit exit) {
  if (impl_->drain) impl_->drain();
  std::string line = impl_->program + " ends with exit code " + std::to_string(code(exit)) + " (" +
                     std::string(to_text(exit)) + ")";
  log(LogLevel::Info, line);
  impl_->end(exit, line);
}

void UnixProcess::ready() { impl_->notifier.send("READY=1"); }

void UnixProcess::status(const std::string& text) {
  impl_->notifier.send("STATUS=" + printable(text));
}

void UnixProcess::log(LogLevel level, std::string_view line) {
  auto wanted = spdlog_level(level);
  if (!impl_->logger->should_log(wanted)) return;
  impl_->logger->log(wanted, spdlog::string_view_t(printable(line)));
}

void UnixProcess::set_log_level(LogLevel least) { impl_->logger->set_level(spdlog_level(least)); }

void UnixProcess::measure_host() { impl_->loop.post(measure()); }

void UnixProcess::verify(VerifyTicket ticket, const std::string& principal, const Bytes& secret) {
  impl_->loop.post(Verified{ticket, impl_->credentials.verify(principal, secret)});
}

void UnixProcess::before_exit(std::function<void()> drain) { impl_->drain = std::move(drain); }

const std::string& UnixProcess::log_file() const { return impl_->log_file; }

}  // namespace quorate::platform
