#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "master/base/time.h"

namespace quorate::platform {

// The notification protocol of systemd (sd_notify(3)), by hand: datagrams of VARIABLE=value lines
// to the socket that NOTIFY_SOCKET names ("@name" is an abstract one). Without it everything here
// is silent.
class Notifier {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID from the environment.
  Notifier();
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // Never blocks; a message that cannot be sent is lost.
  void send(std::string_view message) const;
  // How often WATCHDOG=1 must be sent: half of what the supervisor allows.
  std::optional<Duration> watchdog_period() const { return watchdog_period_; }

 private:
  std::string address_;  // as in sockaddr_un; empty: nobody listens
  int socket_ = -1;
  std::optional<Duration> watchdog_period_;
};

}  // namespace quorate::platform
