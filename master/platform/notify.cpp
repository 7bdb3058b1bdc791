#include "master/platform/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "master/base/text.h"

namespace quorate::platform {

namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view(value);
}

// Half of WATCHDOG_USEC, unless it is meant for another process.
std::optional<Duration> period_of_environment() {
  auto usec = parse_u64(environment("WATCHDOG_USEC"));
  if (!usec || *usec < 2 || *usec > 86'400'000'000) return {};
  std::string_view pid = environment("WATCHDOG_PID");
  if (!pid.empty() && parse_i64(pid) != std::int64_t{getpid()}) return {};
  return Duration::microseconds(static_cast<std::int64_t>(*usec / 2));
}

}  // namespace

Notifier::Notifier() : address_(environment("NOTIFY_SOCKET")) {
  bool usable = address_.size() > 1 && (address_[0] == '/' || address_[0] == '@') &&
                address_.size() < sizeof(sockaddr_un::sun_path);
  if (!usable) {
    address_.clear();
    return;
  }
  if (address_[0] == '@') address_[0] = '\0';
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  watchdog_period_ = period_of_environment();
}

Notifier::~Notifier() {
  if (socket_ >= 0) ::close(socket_);
}

void Notifier::send(std::string_view message) const {
  if (socket_ < 0) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  // Lost if it fails: the supervisor is not there, and nothing depends on it.
  (void)::sendto(socket_, message.data(), message.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&to), size);
}

}  // namespace quorate::platform
