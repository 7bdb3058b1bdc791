#include <algorithm>
#include <utility>

#include "sim/fabric.h"

// The faults of connections and of what is written to them.

namespace quorate::sim {
namespace {

using faults::Fault;
using faults::FaultKind;

constexpr std::size_t kShreddedBytes = 256;
constexpr Duration kSoon = Duration::microseconds(10);

}  // namespace

LinkFaults Fabric::faults(const Wire& wire, std::size_t from) const {
  return links_.faults(place(wire, from), place(wire, 1 - from));
}

void Fabric::reset(Place one, Place other) {
  for (std::uint64_t number = 0; number < wires_.size(); ++number) {
    const Wire* wire = find(number);
    if (wire == nullptr || !wire->established) continue;
    const bool between = (place(*wire, 0) == one && place(*wire, 1) == other) ||
                         (place(*wire, 0) == other && place(*wire, 1) == one);
    if (!between) continue;
    world_.felt(FaultKind::Reset);
    break_wire(number);
  }
}

// Each side may end the process that it reaches: so the wire is looked up anew.
void Fabric::break_wire(std::uint64_t number) {
  for (std::size_t side : {std::size_t{0}, std::size_t{1}})
    if (Wire* wire = find(number)) lost(*wire, side, "connection reset by peer");
}

void Fabric::half_open(Place gone, Place left) {
  for (std::uint64_t number = 0; number < wires_.size(); ++number) {
    Wire* wire = find(number);
    if (wire == nullptr || !wire->established) continue;
    for (std::size_t side : {std::size_t{0}, std::size_t{1}}) {
      if (place(*wire, side) != gone || place(*wire, 1 - side) != left) continue;
      if (!wire->sides[side].attached) continue;
      wire->half = true;
      world_.felt(FaultKind::HalfOpen);
      lost(*wire, side, "connection lost");
      break;
    }
  }
}

void Fabric::shred(Wire& wire, std::size_t from, Bytes& bytes) {
  world_.felt(FaultKind::Shred);
  RandomStream& random = message_stream(wire, from);
  std::size_t done = 0;
  while (bytes.size() - done > 1 && done < kShreddedBytes) {
    const std::size_t size = 1 + random.below(std::min<std::size_t>(5, bytes.size() - done - 1));
    push(wire, from, Piece{PieceKind::Data, {}, bytes.substr(done, size)});
    done += size;
  }
  bytes.erase(0, done);
}

void Fabric::befall_messages(const Fault& fault, const std::set<Place>& among) {
  talkers_ = among;
  if (fault.ppm == 0) {
    messages_.erase(fault.kind);
  } else {
    messages_[fault.kind] = fault;
  }
}

RandomStream& Fabric::message_stream(const Wire& wire, std::size_t from) {
  const Place one = place(wire, from);
  const Place two = place(wire, 1 - from);
  auto found = message_streams_.find({one, two});
  if (found == message_streams_.end()) {
    const std::string name = "messages/" + links_.name(one) + "/" + links_.name(two);
    found = message_streams_.emplace(std::pair{one, two}, world_.stream(name)).first;
  }
  return found->second;
}

// What TCP allows: a message is lost, or comes and is not acknowledged, with its connection; it
// comes later, and what follows it, too; and bytes may change where a checksum does not see it. The
// first write is the request for the upgrade, and only the dialler's way has frames with checksums.
bool Fabric::send_message(Wire& wire, std::size_t from, Bytes& bytes) {
  if (!talkers_.contains(place(wire, 0)) || !talkers_.contains(place(wire, 1))) return true;
  RandomStream& random = message_stream(wire, from);
  const auto befalls = [&](FaultKind kind) {
    auto fault = messages_.find(kind);
    if (fault == messages_.end() || !random.chance_ppm(fault->second.ppm)) return false;
    world_.felt(kind);
    return true;
  };
  Pipe& pipe = wire.pipes[from];
  if (befalls(FaultKind::LoseMessages)) {
    wire.breaking = true;
    world_.after(kSoon, *this, {kBreak, wire.number, 0});
    return false;
  }
  if (befalls(FaultKind::DelayMessages)) {
    const Duration most = messages_.at(FaultKind::DelayMessages).by;
    const Duration later{random.between(0, most.ns)};
    pipe.last_arrival = std::max(pipe.last_arrival, world_.now()) + later;
  }
  if (from == 0 && pipe.used && befalls(FaultKind::MutateMessages)) {
    const std::size_t at = random.below(bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 + random.below(255)));
  }
  if (befalls(FaultKind::DuplicateMessages)) {
    // After its arrival: a piece takes up to the profile's slowest way.
    const Duration late = profile_.network.most + profile_.network.least;
    world_.at(std::max(pipe.last_arrival, world_.now()) + late, *this, {kBreak, wire.number, 0});
  }
  return true;
}

}  // namespace quorate::sim
