#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace quorate::contract {

// A TCP relay on loopback between one client and one server, which can be cut. It lives on a
// thread of its own.
class TcpLink {
 public:
  enum class Mode { Pass, Hold, Refuse };

  // Leads to 127.0.0.1:server_port.
  explicit TcpLink(std::uint16_t server_port);
  ~TcpLink();
  TcpLink(const TcpLink&) = delete;
  TcpLink& operator=(const TcpLink&) = delete;

  std::uint16_t port() const { return port_; }
  // Hold: bytes and new connections wait. Refuse: all connections end, new ones at once.
  void set(Mode mode);
  // Ends all connections. New ones may be made.
  void reset();

 private:
  struct Side {
    int fd = -1;
    std::string waiting;  // read from here, not yet written to the other side
    bool ended = false;
  };
  using Pair = std::array<Side, 2>;

  void live();
  void command(Mode mode, bool reset);
  bool obey();
  void wait_for_work();
  void accept_one();
  static bool relay(Pair& pair);
  static void close(Pair& pair);

  const std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::array<int, 2> wake_{-1, -1};
  std::list<Pair> pairs_;  // of the thread

  std::mutex lock_;
  Mode mode_ = Mode::Pass;
  bool reset_ = false;
  bool end_ = false;
  std::uint64_t commands_ = 0;
  std::uint64_t obeyed_ = 0;
  std::thread thread_;
};

// A port of 127.0.0.1 that nobody listens on.
std::uint16_t free_port();
// A connection to 127.0.0.1:port, or -1.
int connect_to(std::uint16_t port);

}  // namespace quorate::contract
