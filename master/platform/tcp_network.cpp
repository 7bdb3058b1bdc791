#include "master/platform/tcp_network.h"

#include <poll.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "master/base/check.h"

namespace quorate::platform {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

constexpr Duration kAcceptPause = Duration::milliseconds(100);
constexpr Duration kAcceptWarningPeriod = Duration::seconds(10);
constexpr std::size_t kGatheredMax = 64;
// A silent peer is found after 60 + 3 * 10 s.
constexpr int kKeepaliveIdleSeconds = 60;
constexpr int kKeepaliveIntervalSeconds = 10;
constexpr int kKeepaliveProbes = 3;

std::chrono::nanoseconds to_chrono(Duration duration) {
  return std::chrono::nanoseconds(duration.ns);
}
tcp::endpoint to_endpoint(SocketAddress address) {
  return {asio::ip::address_v4(address.ip.number), address.port};
}
SocketAddress to_address(const tcp::endpoint& endpoint) {
  if (!endpoint.address().is_v4()) return {};
  return {Ipv4{endpoint.address().to_v4().to_uint()}, endpoint.port()};
}

struct Connection {
  Connection(tcp::socket s, ConnectionId number)
      : socket(std::move(s)), timer(socket.get_executor()), id(number) {}

  enum class State {
    Connecting,
    Open,
    Flushing,   // closed by us: what is queued still leaves
    Lingering,  // all has left; what the peer still sends is read away, or it would see a reset
    Dead,       // handlers that are still under way do nothing
  };

  tcp::socket socket;
  asio::steady_timer timer;  // of connecting, or of flushing and lingering
  ConnectionId id;
  State state = State::Connecting;
  std::deque<Bytes> queue;
  std::size_t sent_of_first = 0;
  std::uint64_t queued_bytes = 0;
  bool above_mark = false;     // held more than the mark, and Writable was not yet told
  bool flush_waiting = false;  // a flush will come
  bool receiving = true;
  bool read_waiting = false;

  void sent(std::size_t size) {
    queued_bytes -= size;
    size += std::exchange(sent_of_first, 0);
    while (!queue.empty() && size >= queue.front().size()) {
      size -= queue.front().size();
      queue.pop_front();
    }
    sent_of_first = size;
  }

  // Sends as much as the kernel takes; would_block when there is more.
  error_code send_some() {
    while (!queue.empty()) {
      std::vector<asio::const_buffer> pieces;
      for (const Bytes& bytes : queue) {
        pieces.emplace_back(bytes.data(), bytes.size());
        if (pieces.size() == kGatheredMax) break;
      }
      pieces.front() += sent_of_first;
      error_code error;
      std::size_t size = socket.write_some(pieces, error);
      if (error) return error;
      sent(size);
    }
    return {};
  }
};
using Shared = std::shared_ptr<Connection>;
using State = Connection::State;

void prepare(tcp::socket& socket) {
  error_code ignored;  // a socket that refuses an option breaks soon enough
  socket.non_blocking(true, ignored);
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::send_buffer_size(4 << 20), ignored);
  socket.set_option(asio::socket_base::receive_buffer_size(4 << 20), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  using Idle = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
  using Interval = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
  using Probes = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>;
  socket.set_option(Idle(kKeepaliveIdleSeconds), ignored);
  socket.set_option(Interval(kKeepaliveIntervalSeconds), ignored);
  socket.set_option(Probes(kKeepaliveProbes), ignored);
}

std::string why_text(error_code error) {
  return error == asio::error::eof ? "closed by the other side" : error.message();
}

}  // namespace

// Events are delivered only by handlers of the loop; port calls change queues and states and post.
// Handlers hold the implementation weakly and the connection strongly.
struct TcpNetwork::Impl : std::enable_shared_from_this<TcpNetwork::Impl> {
  Impl(EventLoop& l, Process& p)
      : loop(l),
        process(p),
        acceptor(l.io()),
        accept_pause(l.io()),
        read_buffer(kReadBytesMax, 0) {}

  EventLoop& loop;
  Process& process;
  tcp::acceptor acceptor;
  asio::steady_timer accept_pause;
  MonoTime next_accept_warning;
  bool listening = false;
  std::uint64_t accepted = 0;
  Bytes read_buffer;                     // one for all: read and copied within one handler
  std::map<ConnectionId, Shared> known;  // Connecting and Open
  std::set<Shared> leaving;              // Flushing and Lingering

  // A handler that does nothing once the network is gone or the connection dead.
  template <typename Member>
  auto guarded(const Shared& c, Member member) {
    return [weak = weak_from_this(), c, member](auto... arguments) {
      auto self = weak.lock();
      if (self && c->state != State::Dead) ((*self).*member)(c, arguments...);
    };
  }

  Shared find(ConnectionId id) {
    auto found = known.find(id);
    return found == known.end() ? nullptr : found->second;
  }

  void bury(const Shared& c) {
    c->state = State::Dead;
    c->timer.cancel();
    error_code ignored;
    c->socket.close(ignored);
    known.erase(c->id);
    leaving.erase(c);
  }

  // The connection is over, and not by us.
  void lose(const Shared& c, const std::string& why) {
    bool tell = c->state == State::Open;
    bury(c);
    if (tell) loop.deliver(Closed{c->id, why});
  }

  // ---- listening

  std::optional<std::string> try_to_listen(SocketAddress address) {
    error_code error;
    acceptor.open(tcp::v4(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(to_endpoint(address), error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) return {};
    error_code ignored;
    acceptor.close(ignored);
    return "cannot listen on " + to_text(address) + ": " + error.message();
  }

  void accept_next() {
    acceptor.async_accept([weak = weak_from_this()](error_code error, tcp::socket socket) {
      if (auto self = weak.lock()) self->on_accept(error, std::move(socket));
    });
  }

  void on_accept(error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (error == asio::error::connection_aborted) return accept_next();
    if (error) return pause_accepting(error);
    error_code gone;
    tcp::endpoint peer = socket.remote_endpoint(gone);
    accept_next();
    if (gone) return;
    auto c = std::make_shared<Connection>(std::move(socket),
                                          ConnectionId(kAcceptedConnectionBit | ++accepted));
    known.emplace(c->id, c);
    opened(c, to_address(peer));
  }

  // Mostly: no descriptors are left (EMFILE, ENFILE).
  void pause_accepting(error_code error) {
    MonoTime now = EventLoop::now().mono;
    if (now >= next_accept_warning) {
      next_accept_warning = now + kAcceptWarningPeriod;
      process.log(LogLevel::Warning, "network: cannot accept connections: " + error.message() +
                                         "; " + std::to_string(known.size() + leaving.size()) +
                                         " connections are open; trying on");
    }
    accept_pause.expires_after(to_chrono(kAcceptPause));
    accept_pause.async_wait([weak = weak_from_this()](error_code aborted) {
      auto self = weak.lock();
      if (self && !aborted) self->accept_next();
    });
  }

  // ---- connecting

  void connect(ConnectionId id, SocketAddress address) {
    CHECK(!is_accepted(id));
    auto c = std::make_shared<Connection>(tcp::socket(loop.io()), id);
    CHECK(known.emplace(id, c).second);
    c->timer.expires_after(to_chrono(kConnectTimeout));
    c->timer.async_wait(guarded(c, &Impl::on_connect_timeout));
    c->socket.async_connect(to_endpoint(address), guarded(c, &Impl::on_connected));
  }

  void on_connect_timeout(const Shared& c, error_code error) {
    if (error || c->state != State::Connecting) return;
    refuse(c, "no answer within " + std::to_string(kConnectTimeout.whole_milliseconds()) + " ms");
  }

  void on_connected(const Shared& c, error_code error) {
    if (error) return refuse(c, error.message());
    error_code gone;
    tcp::endpoint peer = c->socket.remote_endpoint(gone);
    if (gone) return refuse(c, gone.message());
    // A port that nobody listens on may be dialled from that same port: TCP then connects to
    // itself.
    if (peer == c->socket.local_endpoint(gone)) return refuse(c, "Connection refused");
    c->timer.cancel();
    opened(c, to_address(peer));
  }

  void refuse(const Shared& c, const std::string& why) {
    bury(c);
    loop.deliver(Refused{c->id, why});
  }

  void opened(const Shared& c, SocketAddress peer) {
    prepare(c->socket);
    c->state = State::Open;
    if (!c->queue.empty()) flush_soon(c);
    read_soon(c);
    loop.deliver(Opened{c->id, peer});
  }

  // ---- reading

  void read_soon(const Shared& c) {
    bool wanted = c->state == State::Lingering || (c->state == State::Open && c->receiving);
    if (!wanted || std::exchange(c->read_waiting, true)) return;
    c->socket.async_wait(tcp::socket::wait_read, guarded(c, &Impl::on_readable));
  }

  void on_readable(const Shared& c, error_code error) {
    c->read_waiting = false;
    if (c->state == State::Open && !c->receiving) return;
    if (c->state == State::Flushing) return;
    std::size_t size = 0;
    if (!error) size = c->socket.read_some(asio::buffer(read_buffer), error);
    if (error && error != asio::error::would_block) return lose(c, why_text(error));
    if (!error && c->state == State::Open) {
      loop.deliver(Received{c->id, read_buffer.substr(0, size)});
    }
    read_soon(c);
  }

  // ---- writing

  void write(const Shared& c, Bytes bytes) {
    c->queued_bytes += bytes.size();
    c->queue.push_back(std::move(bytes));
    if (c->queued_bytes > kWritableMarkBytes) c->above_mark = true;
    if (c->state == State::Open) flush_soon(c);
  }

  // After the event that is being handled, so that all it writes leaves together.
  void flush_soon(const Shared& c) {
    if (std::exchange(c->flush_waiting, true)) return;
    asio::post(loop.io(), guarded(c, &Impl::flush));
  }

  void on_writable(const Shared& c, error_code error) {
    if (error) return lose(c, error.message());
    flush(c);
  }

  void flush(const Shared& c) {
    c->flush_waiting = false;
    error_code error = c->send_some();
    if (error && error != asio::error::would_block) return lose(c, error.message());
    if (error) {
      c->flush_waiting = true;
      c->socket.async_wait(tcp::socket::wait_write, guarded(c, &Impl::on_writable));
    }
    if (c->state == State::Flushing && c->queue.empty()) return linger(c);
    if (c->state != State::Open || !c->above_mark) return;
    if (c->queued_bytes >= kWritableMarkBytes) return;
    c->above_mark = false;
    loop.deliver(Writable{c->id});
  }

  // ---- closing

  void close(const Shared& c, bool flush_first) {
    if (c->state == State::Connecting || !flush_first) {
      error_code ignored;
      c->socket.set_option(asio::socket_base::linger(true, 0), ignored);
      return bury(c);
    }
    known.erase(c->id);
    leaving.insert(c);
    c->state = State::Flushing;
    c->timer.expires_after(to_chrono(kFlushTimeout));
    c->timer.async_wait(guarded(c, &Impl::on_flush_timeout));
    flush_soon(c);
  }

  void on_flush_timeout(const Shared& c, error_code error) {
    if (!error) bury(c);
  }

  void linger(const Shared& c) {
    c->state = State::Lingering;
    error_code error;
    c->socket.shutdown(tcp::socket::shutdown_send, error);
    if (error) return bury(c);
    read_soon(c);
  }

  void stop() {
    error_code ignored;
    acceptor.close(ignored);
    accept_pause.cancel();
    while (!known.empty()) bury(Shared(known.begin()->second));
    while (!leaving.empty()) bury(Shared(*leaving.begin()));
  }

  std::vector<Shared> with_queue() const {
    std::vector<Shared> found;
    for (const auto& [id, c] : known) {
      if (c->state == State::Open && !c->queue.empty()) found.push_back(c);
    }
    for (const Shared& c : leaving) {
      if (!c->queue.empty()) found.push_back(c);
    }
    return found;
  }

  void drain(Duration at_most) {
    MonoTime end = EventLoop::now().mono + at_most;
    for (auto waiting = with_queue(); !waiting.empty(); waiting = with_queue()) {
      Duration left = end - EventLoop::now().mono;
      if (left.ns <= 0) return;
      std::vector<pollfd> polled;
      for (const Shared& c : waiting) polled.push_back({c->socket.native_handle(), POLLOUT, 0});
      if (::poll(polled.data(), polled.size(), static_cast<int>(left.whole_milliseconds())) <= 0) {
        return;
      }
      for (const Shared& c : waiting) {
        error_code error = c->send_some();
        if (error && error != asio::error::would_block) c->queue.clear();
      }
    }
  }
};

TcpNetwork::TcpNetwork(EventLoop& loop, Process& process)
    : impl_(std::make_shared<Impl>(loop, process)) {}

TcpNetwork::~TcpNetwork() { impl_->stop(); }

void TcpNetwork::listen(SocketAddress address) {
  CHECK(!std::exchange(impl_->listening, true));
  Listening event{.bound = {}, .error = impl_->try_to_listen(address)};
  if (!event.error) {
    event.bound = to_address(impl_->acceptor.local_endpoint());
    impl_->accept_next();
  }
  impl_->loop.post(std::move(event));
}

void TcpNetwork::connect(ConnectionId id, SocketAddress address) { impl_->connect(id, address); }

void TcpNetwork::write(ConnectionId id, Bytes bytes) {
  Shared c = impl_->find(id);
  if (c && !bytes.empty()) impl_->write(c, std::move(bytes));
}

void TcpNetwork::close(ConnectionId id, bool flush) {
  if (Shared c = impl_->find(id)) impl_->close(c, flush);
}

void TcpNetwork::receive(ConnectionId id, bool on) {
  Shared c = impl_->find(id);
  if (!c) return;
  c->receiving = on;
  impl_->read_soon(c);
}

void TcpNetwork::drain(Duration at_most) { impl_->drain(at_most); }

}  // namespace quorate::platform
