#pragma once

#include <memory>

#include "master/platform/event_loop.h"
#include "master/ports/network.h"
#include "master/ports/process.h"

namespace quorate::platform {

// How TcpNetwork treats a connection. The numbers are the contract of ports/event.h and
// ports/network.h.
inline constexpr std::uint64_t kWritableMarkBytes = 64 * 1024;
inline constexpr std::uint64_t kReadBytesMax = 256 * 1024;
inline constexpr Duration kConnectTimeout = Duration::seconds(5);
inline constexpr Duration kFlushTimeout = Duration::seconds(5);

// The Network over real TCP sockets. All calls on the loop thread. Bytes written while one event is
// handled leave after it, gathered into one system call.
//
// When the process has no descriptors left, accepting pauses for 100 ms at a time; waiting callers
// stay in the kernel's queue, and a warning is logged every 10 s at most.
class TcpNetwork final : public Network {
 public:
  // Both outlive the network. `process` is used for log lines only.
  TcpNetwork(EventLoop& loop, Process& process);
  ~TcpNetwork() override;
  TcpNetwork(const TcpNetwork&) = delete;
  TcpNetwork& operator=(const TcpNetwork&) = delete;

  void listen(SocketAddress address) override;
  void connect(ConnectionId id, SocketAddress address) override;
  void write(ConnectionId id, Bytes bytes) override;
  void close(ConnectionId id, bool flush) override;
  void receive(ConnectionId id, bool on) override;

  // Sends what is queued on all connections, blocking for at most this long: before an orderly
  // exit.
  void drain(Duration at_most);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace quorate::platform
