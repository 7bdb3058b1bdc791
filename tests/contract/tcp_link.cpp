#include "tests/contract/tcp_link.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "master/base/check.h"

namespace quorate::contract {
namespace {

constexpr std::size_t kMostWaiting = 1 << 16;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

std::uint16_t bind_somewhere(int fd) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  CHECK(::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  CHECK(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

void make_ready(int fd) {
  int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
}

}  // namespace

std::uint16_t free_port() {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t port = bind_somewhere(fd);
  ::close(fd);
  return port;
}

int connect_to(std::uint16_t port) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return fd;
  ::close(fd);
  return -1;
}

TcpLink::TcpLink(std::uint16_t server_port) : server_port_(server_port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  port_ = bind_somewhere(listener_);
  CHECK(::listen(listener_, 16) == 0);
  CHECK(::pipe2(wake_.data(), O_NONBLOCK | O_CLOEXEC) == 0);
  thread_ = std::thread([this] { live(); });
}

TcpLink::~TcpLink() {
  {
    std::lock_guard lock(lock_);
    end_ = true;
  }
  CHECK(::write(wake_[1], "x", 1) == 1);
  thread_.join();
  for (Pair& pair : pairs_) close(pair);
  for (int fd : {listener_, wake_[0], wake_[1]}) ::close(fd);
}

void TcpLink::set(Mode mode) { command(mode, mode == Mode::Refuse); }

void TcpLink::reset() {
  Mode mode;
  {
    std::lock_guard lock(lock_);
    mode = mode_;
  }
  command(mode, true);
}

// Returns when the thread has obeyed.
void TcpLink::command(Mode mode, bool reset) {
  std::uint64_t mine = 0;
  {
    std::lock_guard lock(lock_);
    mode_ = mode;
    reset_ = reset_ || reset;
    mine = ++commands_;
  }
  CHECK(::write(wake_[1], "x", 1) == 1);
  for (;;) {
    ::usleep(200);
    std::lock_guard lock(lock_);
    if (obeyed_ >= mine) return;
  }
}

bool TcpLink::obey() {
  char bytes[16];
  while (::read(wake_[0], bytes, sizeof(bytes)) > 0) {}
  std::lock_guard lock(lock_);
  if (reset_) {
    for (Pair& pair : pairs_) close(pair);
    pairs_.clear();
  }
  reset_ = false;
  obeyed_ = commands_;
  return !end_;
}

void TcpLink::live() {
  while (obey()) {
    Mode mode;
    {
      std::lock_guard lock(lock_);
      mode = mode_;
    }
    if (mode == Mode::Hold) {
      pollfd wake{wake_[0], POLLIN, 0};
      ::poll(&wake, 1, -1);
      continue;
    }
    wait_for_work();
    if (mode == Mode::Refuse) {
      int fd = ::accept(listener_, nullptr, nullptr);
      if (fd >= 0) ::close(fd);
      continue;
    }
    accept_one();
    std::erase_if(pairs_, [](Pair& pair) { return !relay(pair); });
  }
}

void TcpLink::wait_for_work() {
  std::vector<pollfd> all{{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
  for (const Pair& pair : pairs_) {
    for (std::size_t i : {0u, 1u}) {
      const bool reads = !pair[i].ended && pair[i].waiting.size() < kMostWaiting;
      const bool writes = !pair[1 - i].waiting.empty();
      all.push_back(
          {pair[i].fd, static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)), 0});
    }
  }
  ::poll(all.data(), all.size(), -1);
}

void TcpLink::accept_one() {
  int client = ::accept(listener_, nullptr, nullptr);
  if (client < 0) return;
  int server = connect_to(server_port_);
  if (server < 0) {
    ::close(client);
    return;
  }
  make_ready(client);
  make_ready(server);
  Pair pair;
  pair[0].fd = client;
  pair[1].fd = server;
  pairs_.push_back(std::move(pair));
}

// Moves what can be moved. False: both sides were closed, because one had ended.
bool TcpLink::relay(Pair& pair) {
  std::array<char, kMostWaiting> bytes;
  for (std::size_t i : {0u, 1u}) {
    Side& from = pair[i];
    const int to = pair[1 - i].fd;
    if (!from.ended && from.waiting.size() < kMostWaiting) {
      ssize_t got = ::recv(from.fd, bytes.data(), bytes.size(), 0);
      if (got > 0) from.waiting.append(bytes.data(), static_cast<std::size_t>(got));
      from.ended = got == 0 || (got < 0 && errno != EAGAIN);
    }
    if (!from.waiting.empty()) {
      ssize_t put = ::send(to, from.waiting.data(), from.waiting.size(), MSG_NOSIGNAL);
      if (put > 0) from.waiting.erase(0, static_cast<std::size_t>(put));
      if (put < 0 && errno != EAGAIN) from.waiting.clear(), from.ended = true;
    }
  }
  const bool over =
      (pair[0].ended && pair[0].waiting.empty()) || (pair[1].ended && pair[1].waiting.empty());
  if (over) close(pair);
  return !over;
}

void TcpLink::close(Pair& pair) {
  for (Side& side : pair) ::close(side.fd);
}

}  // namespace quorate::contract
