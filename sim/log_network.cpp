#include "sim/log_network.h"

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/paxos/codec.h"

namespace quorate::sim {
namespace {

using faults::Fault;
using faults::FaultKind;

// Messages without entries are shorter; the others are not worth decoding for their chain values.
constexpr std::size_t kShownBytesMax = 320;

}  // namespace

LogNetwork::LogNetwork(World& world, const Profile& profile, LogOracle& oracle)
    : world_(world), profile_(profile), oracle_(oracle), zookeeper_(links_.add("zookeeper")) {}

void LogNetwork::add(LogHost& host) {
  CHECK(host.number() == hosts_.size());
  hosts_.push_back(&host);
  places_.push_back(links_.add(host.name()));
}

Place LogNetwork::place(const std::string& name) const {
  for (const LogHost* host : hosts_)
    if (host->name() == name) return place(*host);
  CHECK(name == "zookeeper");
  return zookeeper_;
}

LogNetwork::Line& LogNetwork::line(std::size_t from, std::size_t to) {
  auto found = lines_.find({from, to});
  if (found != lines_.end()) return found->second;
  const std::string name = "line/" + hosts_[from]->name() + "/" + hosts_[to]->name();
  return lines_.emplace(std::pair{from, to}, Line{world_.stream(name), {}}).first->second;
}

bool LogNetwork::befalls(RandomStream& random, FaultKind kind) {
  auto found = faults_.find(kind);
  if (found == faults_.end() || !random.chance_ppm(found->second.ppm)) return false;
  ++carried_out_[kind];
  return true;
}

void LogNetwork::send(LogHost& from, const replicated_log::Envelope& envelope) {
  if (envelope.message.size() <= kShownBytesMax) show_chain(from, envelope.message);
  for (LogHost* host : hosts_) {
    if (host == &from || !(host->opened() || host->state() == LogHost::State::Paused)) continue;
    if (host->log().metadata().replica != envelope.to) continue;
    if (!links_.open(place(from), place(*host))) continue;
    Line& way = line(from.number(), host->number());
    if (befalls(way.random, FaultKind::LoseMessages)) continue;

    const Message message{host->number(), from.log().metadata().replica, envelope.to,
                          envelope.message, false};
    way.last = std::max(way.last, world_.now() + profile_.network.draw(way.random));
    SimTime at = way.last;
    if (befalls(way.random, FaultKind::DelayMessages)) {
      const Duration most = faults_.at(FaultKind::DelayMessages).by;
      at = at + Duration{way.random.between(0, most.ns)};
    }
    if (befalls(way.random, FaultKind::MutateMessages)) {
      Message garbage = message;
      garbage.bytes = changed(way.random, std::move(garbage.bytes));
      garbage.garbage = true;
      post(at, std::move(garbage));
    }
    if (befalls(way.random, FaultKind::DuplicateMessages))
      post(at + Duration{way.random.between(0, Duration::milliseconds(300).ns)}, message);
    post(at, message);
  }
}

void LogNetwork::post(SimTime at, Message message) {
  under_way_.emplace(++last_, std::move(message));
  world_.at(at, *this, {0, last_, 0});
}

void LogNetwork::act(const Task& task) {
  auto node = under_way_.extract(task.a);
  Message& message = node.mapped();
  LogHost& to = *hosts_[message.to];
  const bool there = to.opened() || to.state() == LogHost::State::Paused;
  if (!there || to.log().metadata().replica != message.receiver) return;
  if (message.garbage) return to.receive_garbage(message.bytes);
  to.receive(message.sender, std::move(message.bytes));
}

Bytes LogNetwork::changed(RandomStream& random, Bytes bytes) {
  if (random.chance_ppm(200'000)) bytes.resize(random.below(bytes.size() + 1));
  const std::uint64_t count = bytes.empty() ? 0 : 1 + random.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = random.below(bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 + random.below(255)));
  }
  return bytes;
}

void LogNetwork::show_chain(const LogHost& from, const Bytes& bytes) {
  Result<paxos::Framed> framed = paxos::decode(bytes);
  if (!framed) return oracle_.violate("codec: " + from.name() + " sent what nobody can read");
  if (const auto* standing = std::get_if<paxos::Standing>(&framed->message)) {
    oracle_.chain(from.name(), standing->learned, standing->chain);
  } else if (const auto* learned = std::get_if<paxos::Learned>(&framed->message)) {
    oracle_.chain(from.name(), learned->chosen, learned->chain);
  } else if (const auto* promise = std::get_if<paxos::Promise>(&framed->message)) {
    oracle_.chain(from.name(), promise->learned, promise->chain);
  } else if (const auto* accept = std::get_if<paxos::Accept>(&framed->message)) {
    oracle_.chain(from.name(), accept->chosen, accept->chosen_chain);
  }
}

void LogNetwork::befall(const Fault& fault) {
  if (fault.kind != FaultKind::Cut && fault.kind != FaultKind::Heal) {
    if (fault.ppm == 0) {
      faults_.erase(fault.kind);
    } else {
      faults_[fault.kind] = fault;
    }
    return;
  }
  ++carried_out_[fault.kind];
  if (fault.sides.empty()) return links_.heal_all();
  for (std::size_t i = 0; i < fault.sides.size(); ++i)
    for (std::size_t j = i + 1; j < fault.sides.size(); ++j)
      part(fault, fault.sides[i], fault.sides[j]);
}

void LogNetwork::part(const Fault& fault, const std::vector<std::string>& ones,
                      const std::vector<std::string>& others) {
  const bool cuts = fault.kind == FaultKind::Cut;
  for (const std::string& one : ones)
    for (const std::string& other : others) {
      const Place from = place(one);
      const Place to = place(other);
      cuts ? links_.cut(from, to) : links_.heal(from, to);
      if (fault.one_way) continue;
      cuts ? links_.cut(to, from) : links_.heal(to, from);
    }
}

void LogNetwork::heal() {
  faults_.clear();
  links_.heal_all();
}

}  // namespace quorate::sim
