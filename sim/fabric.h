#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "faults/fault.h"
#include "master/ports/event.h"
#include "master/ports/network.h"
#include "sim/links.h"
#include "sim/profile.h"
#include "sim/world.h"

namespace quorate::sim {

// What has sockets: a host's process, or a client.
class Endpoint {
 public:
  virtual ~Endpoint() = default;
  // One of Listening, Opened, Refused, Received, Writable, Closed.
  virtual void on_network(Event event) = 0;
  // While paused, nothing is read from its sockets; its kernel still accepts connections.
  virtual bool paused() const { return false; }
};

using EndpointId = Strong<struct EndpointTag, std::uint32_t>;

// Sees all bytes at the moment when they are written: for oracles and pictures.
class WireTap {
 public:
  virtual ~WireTap() = default;
  virtual void on_wire(std::uint64_t wire, Place from, Place to, std::string_view bytes) = 0;
  // The receiver is about to be handed the next `bytes` of this direction.
  virtual void on_read(std::uint64_t wire, Place from, std::size_t bytes) {
    (void)wire, (void)from, (void)bytes;
  }
};

// TCP between all endpoints. Bytes keep their order on a connection; a cut holds them back until it
// heals (TCP sends again), or until the sender gives up. Delays and cuts of the stream into pieces
// are drawn per connection and direction, so that what happens on one moves nothing on another.
class Fabric final : public Actor, public LinkWatcher {
 public:
  Fabric(World& world, Links& links, const Profile& profile);

  EndpointId add(Endpoint& endpoint, Place place, Ipv4 ip);

  // The calls of the port (ports/network.h).
  void listen(EndpointId who, SocketAddress address);
  void connect(EndpointId who, ConnectionId id, SocketAddress address);
  void write(EndpointId who, ConnectionId id, Bytes bytes);
  void close(EndpointId who, ConnectionId id, bool flush);
  void receive(EndpointId who, ConnectionId id, bool on);

  // The process is gone: its kernel closes all that it had. No event reaches it any more; the next
  // process of this endpoint begins with nothing.
  void end_process(EndpointId who);
  // The endpoint was paused and reads again. Call it last in resuming.
  void resumed(EndpointId who);

  void act(const Task& task) override;
  void links_healed() override;

  // Faults of connections (fabric_faults.cpp). Faults of links are in Links.
  // Connections between two places end with a reset on both sides.
  void reset(Place one, Place other);
  // The first has lost its connections with the second, which is never told.
  void half_open(Place gone, Place left);
  // A fault of messages, from now on, among these places; 0 of a million ends it.
  void befall_messages(const faults::Fault& fault, const std::set<Place>& among);
  void heal_messages() { messages_.clear(); }

  // Not owned; each leaves before it ends.
  void add_tap(WireTap& tap) { taps_.push_back(&tap); }
  void remove_tap(WireTap& tap) { std::erase(taps_, &tap); }

 private:
  enum class PieceKind : std::uint8_t { Handshake, Data, Fin, Reset };
  struct Piece {
    PieceKind kind = PieceKind::Data;
    SimTime arrives;
    Bytes bytes;
  };
  // One direction of a connection.
  struct Pipe {
    explicit Pipe(RandomStream stream) : random(stream) {}
    RandomStream random;
    std::deque<Piece> flying;
    Bytes unread;                     // arrived, and not yet taken by the receiver
    PieceKind end = PieceKind::Data;  // Fin: comes after what is unread
    std::size_t queued_bytes = 0;
    SimTime last_arrival;
    SimTime stalled_since = SimTime::never();
    bool awaited = false;  // a task for the first flying piece is in the queue
    bool above = false;    // more than 64 KiB were queued
    bool used = false;     // something was written before
  };
  struct Side {
    EndpointId who;
    ConnectionId id;
    bool attached = false;  // events of this connection reach the endpoint
    bool receiving = true;
  };
  struct Wire {
    std::uint64_t number;
    SocketAddress dialed;
    bool established = false;     // the dialing side has its Opened
    std::array<Side, 2> sides;    // 0 dials
    std::array<Pipe, 2> pipes;    // pipes[i]: from sides[i] to the other one
    bool half = false;            // one side is gone, and nothing passes any more
    bool breaking = false;        // about to be reset: what is written is lost
    std::array<SimTime, 3> syns;  // when the first packets of the dial arrive
    SimTime gives_up;             // the dial
  };
  struct Port {
    Endpoint* endpoint;
    Place place;
    Ipv4 ip;
    std::uint64_t process = 1;  // raised when the process ends
    std::uint16_t listening = 0;
    std::uint64_t accepted = 0;
    std::uint16_t last_port = 40'000;
    std::map<ConnectionId, std::uint64_t> wires;
  };
  struct Later {
    EndpointId who;
    std::uint64_t process;
    Event event;
  };
  enum Kind : std::uint32_t {
    kSyn,
    kSynAck,
    kRedial,
    kGiveUp,
    kArrival,
    kRead,
    kLater,
    kStalled,
    kBreak
  };

  Port& port(EndpointId who) { return ports_[who.value]; }
  Wire* find(std::uint64_t number);
  Wire* find(EndpointId who, ConnectionId id);
  Place place(const Wire& wire, std::size_t side) const;
  bool open(const Wire& wire, std::size_t from) const;
  void deliver(EndpointId who, Event event);
  void deliver_later(EndpointId who, Event event);

  LinkFaults faults(const Wire& wire, std::size_t from) const;
  // Pieces of a few bytes from the head of what is written.
  void shred(Wire& wire, std::size_t from, Bytes& bytes);
  // Whether a message is to be sent, perhaps as another one or later.
  bool send_message(Wire& wire, std::size_t from, Bytes& bytes);
  RandomStream& message_stream(const Wire& wire, std::size_t from);
  void break_wire(std::uint64_t number);

  void syn(Wire& wire);
  void syn_ack(Wire& wire);
  void redial(const Wire& wire);
  void refuse(Wire& wire, std::string why);
  void push(Wire& wire, std::size_t from, Piece piece);
  void await(Wire& wire, std::size_t from);
  void arrivals(Wire& wire, std::size_t from);
  void arrived(Wire& wire, std::size_t from, Piece piece);
  void accept(Wire& wire);
  void read(Wire& wire, std::size_t from);
  void drained(Wire& wire, std::size_t from, std::size_t bytes);
  void lost(Wire& wire, std::size_t side, std::string why);
  void detach(Wire& wire, std::size_t side);
  void forget_if_over(std::uint64_t number);

  World& world_;
  Links& links_;
  const Profile& profile_;
  std::vector<WireTap*> taps_;
  std::vector<Port> ports_;
  std::vector<std::unique_ptr<Wire>> wires_;
  std::map<std::uint64_t, Later> later_;
  std::uint64_t next_later_ = 1;

  std::map<faults::FaultKind, faults::Fault> messages_;
  std::set<Place> talkers_;  // whose messages those are for
  std::map<std::pair<Place, Place>, RandomStream> message_streams_;
};

// The Network port of one process.
class SimNetwork final : public Network {
 public:
  SimNetwork(Fabric& fabric, EndpointId who) : fabric_(fabric), who_(who) {}

  void listen(SocketAddress address) override { fabric_.listen(who_, address); }
  void connect(ConnectionId id, SocketAddress a) override { fabric_.connect(who_, id, a); }
  void write(ConnectionId id, Bytes b) override { fabric_.write(who_, id, std::move(b)); }
  void close(ConnectionId id, bool flush) override { fabric_.close(who_, id, flush); }
  void receive(ConnectionId id, bool on) override { fabric_.receive(who_, id, on); }

 private:
  Fabric& fabric_;
  EndpointId who_;
};

}  // namespace quorate::sim
