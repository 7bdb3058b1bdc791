#pragma once

#include <string>
#include <string_view>

#include "master/base/bytes.h"
#include "master/ports/exit.h"
#include "master/ports/ids.h"

namespace quorate {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

// The process around the master: its end, its log, its supervisor.
class Process {
 public:
  virtual ~Process() = default;

  // Ends this incarnation at once: nothing queued is sent, nothing more is handled. `why` is one
  // clear line for the operator. In the simulator it leaves by an exception of the simulator's own
  // type.
  [[noreturn]] virtual void fail_fast(Exit exit, const std::string& why) = 0;
  // Ends in order, after all answers that were queued; asked after StopRequested.
  [[noreturn]] virtual void exit(Exit exit) = 0;
  // Tells the supervisor that the master serves (READY=1), and what it does now (STATUS=).
  virtual void ready() = 0;
  virtual void status(const std::string& text) = 0;
  // One line of the log, without time stamp; the port adds it.
  virtual void log(LogLevel level, std::string_view line) = 0;
  // From now on lines below this level are dropped by the port.
  virtual void set_log_level(LogLevel least) = 0;
  // Answered by one HostStats.
  virtual void measure_host() = 0;
  // Are these the secrets that the configuration names? Answered by Verified.
  virtual void verify(VerifyTicket ticket, const std::string& principal, const Bytes& secret) = 0;
};

}  // namespace quorate
