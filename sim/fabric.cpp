#include "sim/fabric.h"

#include <algorithm>
#include <utility>

#include "master/base/check.h"

namespace quorate::sim {
namespace {

constexpr std::size_t kHighWater = 64 * 1024;
constexpr std::size_t kKernelBuffer = 256 * 1024;
constexpr std::array kSynsAfter = {Duration::seconds(0), Duration::seconds(1),
                                   Duration::seconds(3)};
constexpr Duration kConnectLimit = Duration::seconds(5);
constexpr Duration kFlushLimit = Duration::seconds(5);
// A sender whose bytes are not acknowledged for this long gives its connection up.
constexpr Duration kStallLimit = Duration::seconds(60);
constexpr std::size_t kPacketBytes = 60;  // without data

constexpr std::size_t other(std::size_t side) { return 1 - side; }

}  // namespace

Fabric::Fabric(World& world, Links& links, const Profile& profile)
    : world_(world), links_(links), profile_(profile) {
  links_.watch(*this);
}

EndpointId Fabric::add(Endpoint& endpoint, Place place, Ipv4 ip) {
  Port added{};
  added.endpoint = &endpoint;
  added.place = place;
  added.ip = ip;
  added.process = 1;
  added.last_port = 40'000;
  ports_.push_back(std::move(added));
  return EndpointId(static_cast<std::uint32_t>(ports_.size() - 1));
}

Fabric::Wire* Fabric::find(std::uint64_t number) {
  return number < wires_.size() ? wires_[number].get() : nullptr;
}

Fabric::Wire* Fabric::find(EndpointId who, ConnectionId id) {
  auto found = port(who).wires.find(id);
  return found == port(who).wires.end() ? nullptr : find(found->second);
}

Place Fabric::place(const Wire& wire, std::size_t side) const {
  return ports_[wire.sides[side].who.value].place;
}

bool Fabric::open(const Wire& wire, std::size_t from) const {
  return !wire.half && links_.open(place(wire, from), place(wire, other(from)));
}

void Fabric::deliver(EndpointId who, Event event) {
  port(who).endpoint->on_network(std::move(event));
}

void Fabric::deliver_later(EndpointId who, Event event) {
  std::uint64_t ticket = next_later_++;
  later_.emplace(ticket, Later{who, port(who).process, std::move(event)});
  world_.after(Duration::microseconds(10), *this, {kLater, ticket, 0});
}

void Fabric::listen(EndpointId who, SocketAddress address) {
  Port& mine = port(who);
  Listening answer{address, std::nullopt};
  if (!address.ip.is_wildcard() && address.ip != mine.ip) {
    answer.error = "bind " + to_text(address) + ": cannot assign requested address";
  } else {
    mine.listening = address.port == 0 ? std::uint16_t{32'768} : address.port;
    answer.bound.port = mine.listening;
  }
  deliver_later(who, std::move(answer));
}

void Fabric::connect(EndpointId who, ConnectionId id, SocketAddress address) {
  Port& mine = port(who);
  auto target =
      std::find_if(ports_.begin(), ports_.end(), [&](const Port& p) { return p.ip == address.ip; });
  if (target == ports_.end() || mine.wires.contains(id)) {
    deliver_later(who, Refused{id, "connect " + to_text(address) + ": no route to host"});
    return;
  }
  EndpointId to(static_cast<std::uint32_t>(target - ports_.begin()));
  std::uint64_t number = wires_.size();
  std::string name = "wire/" + links_.name(mine.place) + "/" + links_.name(target->place) + "/" +
                     std::to_string(++mine.last_port);
  wires_.push_back(std::make_unique<Wire>(
      Wire{number,
           address,
           false,
           {Side{who, id, true, true}, Side{to, {}, false, true}},
           {Pipe(world_.stream(name + "/there")), Pipe(world_.stream(name + "/back"))},
           false,
           false,
           {},
           {}}));
  mine.wires.emplace(id, number);
  // The first packet, and what the kernel sends again after 1 s and 3 s: on most connections there
  // is no need for it.
  for (std::size_t i = 0; i < kSynsAfter.size(); ++i) {
    Duration delay = profile_.network.draw(wires_.back()->pipes[0].random) +
                     links_.slowed(world_, mine.place, target->place, kPacketBytes);
    wires_.back()->syns[i] = world_.now() + kSynsAfter[i] + delay;
  }
  wires_.back()->gives_up = world_.now() + kConnectLimit;
  world_.at(wires_.back()->syns[0], *this, {kSyn, number, 0});
  world_.after(kSynsAfter[1], *this, {kRedial, number, 0});
}

void Fabric::redial(const Wire& wire) {
  if (wire.established || !wire.sides[0].attached) return;
  for (std::size_t i = 1; i < wire.syns.size(); ++i)
    world_.at(wire.syns[i], *this, {kSyn, wire.number, 0});
  world_.at(wire.gives_up, *this, {kGiveUp, wire.number, 0});
}

void Fabric::syn(Wire& wire) {
  if (wire.established || !wire.sides[0].attached || !open(wire, 0)) return;
  if (faults(wire, 0).drops_dials) return world_.felt(faults::FaultKind::DropDials);
  Duration delay = profile_.network.draw(wire.pipes[1].random) +
                   links_.slowed(world_, place(wire, 1), place(wire, 0), kPacketBytes);
  world_.after(delay, *this, {kSynAck, wire.number, 0});
}

void Fabric::syn_ack(Wire& wire) {
  if (wire.established || !wire.sides[0].attached || !open(wire, 1)) return;
  const Port& target = port(wire.sides[1].who);
  const bool refused = faults(wire, 0).refuses;
  if (refused) world_.felt(faults::FaultKind::Refuse);
  if (refused || target.listening != wire.dialed.port) {
    refuse(wire, "connect " + to_text(wire.dialed) + ": connection refused");
    return;
  }
  wire.established = true;
  push(wire, 0, Piece{PieceKind::Handshake, {}, {}});
  deliver(wire.sides[0].who, Opened{wire.sides[0].id, wire.dialed});
}

void Fabric::refuse(Wire& wire, std::string why) {
  EndpointId who = wire.sides[0].who;
  ConnectionId id = wire.sides[0].id;
  detach(wire, 0);
  std::uint64_t number = wire.number;
  deliver(who, Refused{id, std::move(why)});
  forget_if_over(number);
}

void Fabric::write(EndpointId who, ConnectionId id, Bytes bytes) {
  Wire* wire = find(who, id);
  if (wire == nullptr || bytes.empty()) return;
  std::size_t from = wire->sides[0].who == who && wire->sides[0].id == id ? 0 : 1;
  if ((from == 0 && !wire->established) || wire->breaking) return;
  for (WireTap* tap : taps_)
    tap->on_wire(wire->number, place(*wire, from), place(*wire, other(from)), bytes);

  if (!messages_.empty() && !send_message(*wire, from, bytes)) return;
  Pipe& pipe = wire->pipes[from];
  pipe.used = true;
  pipe.queued_bytes += bytes.size();
  if (faults(*wire, from).shreds) shred(*wire, from, bytes);
  if (pipe.queued_bytes > kHighWater) pipe.above = true;
  while (bytes.size() > 1 &&
         (bytes.size() > kHighWater || pipe.random.chance_ppm(profile_.split_ppm))) {
    std::uint64_t most = std::min(bytes.size(), kHighWater);
    std::size_t size = 1 + pipe.random.below(most - 1);
    push(*wire, from, Piece{PieceKind::Data, {}, bytes.substr(0, size)});
    bytes.erase(0, size);
  }
  push(*wire, from, Piece{PieceKind::Data, {}, std::move(bytes)});
}

void Fabric::close(EndpointId who, ConnectionId id, bool flush) {
  Wire* wire = find(who, id);
  if (wire == nullptr) return;
  std::uint64_t number = wire->number;
  std::size_t from = wire->sides[0].who == who && wire->sides[0].id == id ? 0 : 1;
  detach(*wire, from);
  if (from == 1 || wire->established) {
    if (!flush) {
      std::erase_if(wire->pipes[from].flying,
                    [](const Piece& p) { return p.kind == PieceKind::Data; });
    } else {
      world_.after(kFlushLimit, *this, {kStalled, number, from});
    }
    push(*wire, from, Piece{flush ? PieceKind::Fin : PieceKind::Reset, {}, {}});
  }
  forget_if_over(number);
}

void Fabric::receive(EndpointId who, ConnectionId id, bool on) {
  Wire* wire = find(who, id);
  if (wire == nullptr) return;
  std::size_t side = wire->sides[0].who == who && wire->sides[0].id == id ? 0 : 1;
  wire->sides[side].receiving = on;
  if (on) world_.after(Duration{0}, *this, {kRead, wire->number, other(side)});
}

void Fabric::end_process(EndpointId who) {
  Port& mine = port(who);
  mine.process += 1;
  mine.listening = 0;
  std::map<ConnectionId, std::uint64_t> wires = std::exchange(mine.wires, {});
  for (auto [id, number] : wires) {
    Wire* wire = find(number);
    if (wire == nullptr) continue;
    std::size_t side = wire->sides[0].who == who && wire->sides[0].id == id ? 0 : 1;
    wire->sides[side].attached = false;
    if (side == 1 || wire->established) {
      // What had left the process still leaves the kernel; unread bytes make its goodbye a reset.
      Pipe& out = wire->pipes[side];
      std::size_t kept = 0;
      std::erase_if(out.flying, [&kept](const Piece& p) {
        kept += p.bytes.size();
        return p.kind == PieceKind::Data && kept > kKernelBuffer;
      });
      bool unread = !wire->pipes[other(side)].unread.empty();
      push(*wire, side, Piece{unread ? PieceKind::Reset : PieceKind::Fin, {}, {}});
    }
    forget_if_over(number);
  }
}

void Fabric::resumed(EndpointId who) {
  std::map<ConnectionId, std::uint64_t> wires = port(who).wires;
  for (auto [id, number] : wires)
    for (std::size_t from : {std::size_t{0}, std::size_t{1}})
      if (Wire* wire = find(number); wire != nullptr && wire->sides[other(from)].who == who)
        read(*wire, from);
}

void Fabric::push(Wire& wire, std::size_t from, Piece piece) {
  Pipe& pipe = wire.pipes[from];
  Duration delay =
      profile_.network.draw(pipe.random) +
      links_.slowed(world_, place(wire, from), place(wire, other(from)), piece.bytes.size());
  pipe.last_arrival = std::max(pipe.last_arrival, world_.now() + delay);
  piece.arrives = pipe.last_arrival;
  pipe.flying.push_back(std::move(piece));
  await(wire, from);
}

void Fabric::await(Wire& wire, std::size_t from) {
  Pipe& pipe = wire.pipes[from];
  if (pipe.awaited || pipe.flying.empty()) return;
  pipe.awaited = true;
  world_.at(pipe.flying.front().arrives, *this, {kArrival, wire.number, from});
}

// Each arrival may end the process that it reaches, and with it this wire: so it is looked up anew.
void Fabric::arrivals(Wire& first, std::size_t from) {
  std::uint64_t number = first.number;
  first.pipes[from].awaited = false;
  while (Wire* wire = find(number)) {
    Pipe& pipe = wire->pipes[from];
    if (pipe.flying.empty()) break;
    if (!open(*wire, from)) {
      if (pipe.stalled_since == SimTime::never()) {
        pipe.stalled_since = world_.now();
        world_.after(kStallLimit, *this, {kStalled, number, from});
      }
      return;
    }
    if (pipe.unread.size() > kKernelBuffer) return;  // the receiver's window is closed
    if (pipe.flying.front().arrives > world_.now()) break;
    pipe.stalled_since = SimTime::never();
    Piece piece = std::move(pipe.flying.front());
    pipe.flying.pop_front();
    arrived(*wire, from, std::move(piece));
  }
  if (Wire* wire = find(number)) {
    await(*wire, from);
    forget_if_over(number);
  }
}

void Fabric::arrived(Wire& wire, std::size_t from, Piece piece) {
  std::uint64_t number = wire.number;
  if (piece.kind == PieceKind::Handshake) return accept(wire);
  Side& to = wire.sides[other(from)];
  if (piece.kind == PieceKind::Reset) return lost(wire, other(from), "connection reset by peer");
  if (!to.attached) {
    // Nobody reads here any more: the kernel answers with a reset, once.
    if (piece.kind == PieceKind::Data) {
      Pipe& back = wire.pipes[other(from)];
      bool said = !back.flying.empty() && back.flying.back().kind == PieceKind::Reset;
      if (!said && wire.sides[from].attached)
        push(wire, other(from), Piece{PieceKind::Reset, {}, {}});
    }
    return;
  }
  Pipe& pipe = wire.pipes[from];
  if (piece.kind == PieceKind::Fin) pipe.end = PieceKind::Fin;
  std::size_t bytes = piece.bytes.size();
  if (pipe.unread.empty()) {
    pipe.unread = std::move(piece.bytes);
  } else {
    pipe.unread += piece.bytes;
  }
  drained(wire, from, bytes);
  if (Wire* still = find(number)) read(*still, from);
}

void Fabric::accept(Wire& wire) {
  Side& side = wire.sides[1];
  Port& target = port(side.who);
  if (target.listening != wire.dialed.port) {
    push(wire, 1, Piece{PieceKind::Reset, {}, {}});
    return;
  }
  side.id = ConnectionId(kAcceptedConnectionBit | ++target.accepted);
  side.attached = true;
  target.wires.emplace(side.id, wire.number);
  const Port& dialer = port(wire.sides[0].who);
  auto from_port = static_cast<std::uint16_t>(40'000 + wire.number % 20'000);
  deliver(side.who, Opened{side.id, SocketAddress{dialer.ip, from_port}});
}

void Fabric::read(Wire& wire, std::size_t from) {
  std::uint64_t number = wire.number;
  const Side side = wire.sides[other(from)];
  Pipe& pipe = wire.pipes[from];
  if (!side.attached || !side.receiving || port(side.who).endpoint->paused()) return;
  if (!pipe.unread.empty()) {
    Bytes bytes = std::exchange(pipe.unread, {});
    for (WireTap* tap : taps_) tap->on_read(number, place(wire, from), bytes.size());
    deliver(side.who, Received{side.id, std::move(bytes)});
  }
  Wire* still = find(number);
  if (still == nullptr || !still->sides[other(from)].attached) return;
  Pipe& rest = still->pipes[from];
  bool stopped = !still->sides[other(from)].receiving || port(side.who).endpoint->paused();
  if (rest.end == PieceKind::Fin && !stopped)
    return lost(*still, other(from), "closed by the other side");
  await(*still, from);  // the window is open again
}

// The sender's queue became shorter.
void Fabric::drained(Wire& wire, std::size_t from, std::size_t bytes) {
  Pipe& pipe = wire.pipes[from];
  pipe.queued_bytes -= std::min(bytes, pipe.queued_bytes);
  if (!pipe.above || pipe.queued_bytes >= kHighWater) return;
  pipe.above = false;
  if (wire.sides[from].attached) deliver(wire.sides[from].who, Writable{wire.sides[from].id});
}

void Fabric::lost(Wire& wire, std::size_t side, std::string why) {
  if (!wire.sides[side].attached) return;
  EndpointId who = wire.sides[side].who;
  ConnectionId id = wire.sides[side].id;
  wire.pipes[side].flying.clear();
  detach(wire, side);
  std::uint64_t number = wire.number;
  deliver(who, Closed{id, std::move(why)});
  forget_if_over(number);
}

void Fabric::detach(Wire& wire, std::size_t side) {
  wire.sides[side].attached = false;
  port(wire.sides[side].who).wires.erase(wire.sides[side].id);
}

void Fabric::forget_if_over(std::uint64_t number) {
  Wire* wire = find(number);
  if (wire == nullptr || wire->sides[0].attached || wire->sides[1].attached) return;
  for (const Pipe& pipe : wire->pipes)
    for (const Piece& piece : pipe.flying)
      if (piece.kind == PieceKind::Handshake) return;  // its accept is still to come
  wires_[number] = nullptr;
}

void Fabric::act(const Task& task) {
  if (task.kind == kLater) {
    auto node = later_.extract(task.a);
    CHECK(!node.empty());
    Later& later = node.mapped();
    if (later.process == port(later.who).process) deliver(later.who, std::move(later.event));
    return;
  }
  Wire* wire = find(task.a);
  if (wire == nullptr) return;
  switch (task.kind) {
    case kSyn: return syn(*wire);
    case kSynAck: return syn_ack(*wire);
    case kRedial: return redial(*wire);
    case kGiveUp:
      if (!wire->established && wire->sides[0].attached)
        refuse(*wire, "connect " + to_text(wire->dialed) + ": timed out");
      return;
    case kArrival: return arrivals(*wire, task.b);
    case kRead: return read(*wire, task.b);
    case kBreak: return break_wire(task.a);
    case kStalled: {
      // Either the flush of a closed connection took too long, or a sender gives up.
      Pipe& pipe = wire->pipes[task.b];
      if (pipe.flying.empty() || pipe.stalled_since == SimTime::never()) return;
      if (wire->sides[task.b].attached && world_.now() - pipe.stalled_since < kStallLimit) return;
      pipe.flying.clear();
      lost(*wire, task.b, "timed out");
      return forget_if_over(task.a);
    }
    default: CHECK(false);
  }
}

void Fabric::links_healed() {
  for (const std::unique_ptr<Wire>& wire : wires_) {
    if (wire == nullptr) continue;
    for (std::size_t from : {std::size_t{0}, std::size_t{1}}) {
      Pipe& pipe = wire->pipes[from];
      if (pipe.stalled_since == SimTime::never() || !open(*wire, from)) continue;
      // What was held back is sent again after a while.
      pipe.stalled_since = SimTime::never();
      Duration again{pipe.random.between(0, Duration::milliseconds(400).ns)};
      SimTime arrives = world_.now() + again;
      for (Piece& piece : pipe.flying) {
        arrives = std::max(arrives, piece.arrives);
        piece.arrives = arrives;
      }
      pipe.last_arrival = std::max(pipe.last_arrival, arrives);
      await(*wire, from);
    }
  }
}

}  // namespace quorate::sim
