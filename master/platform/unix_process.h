#pragma once

#include <functional>
#include <memory>
#include <string>

#include "master/base/result.h"
#include "master/platform/event_loop.h"
#include "master/ports/process.h"

namespace quorate::platform {

struct LogSettings {
  std::string program = "quorate-master";  // names the log file and the last line
  std::string directory;                   // also log into <directory>/<program>.INFO; empty: no
  bool quiet = false;                      // only errors on stderr
  LogLevel least = LogLevel::Info;
};

// The real process: log lines on stderr and in a file, the supervisor's notifications (sd_notify),
// exit.
//
// A line of the log is "<L><mmdd> <hh:mm:ss.microseconds> <thread> <program>] <text>", L one of D I
// W E; times are local. Control characters in the text are written as \xNN, so that nobody can
// forge lines.
class UnixProcess final : public Process {
 public:
  // `credentials_text` is the content of the file that --credentials names. The loop outlives this.
  static Result<std::unique_ptr<UnixProcess>> make(EventLoop& loop, const LogSettings& log,
                                                   std::string_view credentials_text);
  ~UnixProcess() override;
  UnixProcess(const UnixProcess&) = delete;
  UnixProcess& operator=(const UnixProcess&) = delete;

  [[noreturn]] void fail_fast(Exit exit, const std::string& why) override;
  [[noreturn]] void exit(Exit exit) override;
  void ready() override;
  void status(const std::string& text) override;
  // From any thread.
  void log(LogLevel level, std::string_view line) override;
  void set_log_level(LogLevel least) override;
  void measure_host() override;
  void verify(VerifyTicket ticket, const std::string& principal, const Bytes& secret) override;

  // Called by exit() (not by fail_fast) before the process ends: sends what is queued.
  void before_exit(std::function<void()> drain);
  // Empty if there is none.
  const std::string& log_file() const;

 private:
  struct Impl;
  explicit UnixProcess(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorate::platform
