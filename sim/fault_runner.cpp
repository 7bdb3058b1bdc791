#include "sim/fault_runner.h"

namespace quorate::sim {
namespace {

using faults::Fault;
using faults::FaultKind;

// Those that a host feels at once, if it was not so already; the others count where they have
// their effect.
bool is_of_a_state(FaultKind kind) {
  switch (kind) {
    case FaultKind::Start:
    case FaultKind::Stop:
    case FaultKind::Kill:
    case FaultKind::PowerLoss:
    case FaultKind::Pause:
    case FaultKind::Resume:
    case FaultKind::Restart:
    case FaultKind::StartWith:
    case FaultKind::StartExtra: return true;
    default: return false;
  }
}

}  // namespace

void FaultRunner::carry_out(const Fault& fault) {
  if (faults::description_of(fault.kind).cost != faults::Cost::Nothing) {
    // Of a clone only the second one is another than it was.
    const std::size_t first = fault.kind == FaultKind::CloneDisk ? 1 : 0;
    for (std::size_t i = first; i < fault.targets.size(); ++i)
      if (Host* host = find_(fault.targets[i])) lost_votes_.insert(host->spec().name);
  }
  switch (fault.kind) {
    case FaultKind::LoseMessages:
    case FaultKind::DuplicateMessages:
    case FaultKind::DelayMessages:
    case FaultKind::MutateMessages: {
      std::set<Place> masters;
      for (const auto& host : cluster_.hosts()) masters.insert(host->place());
      return cluster_.fabric().befall_messages(fault, masters);
    }
    case FaultKind::CloneDisk: {
      Host* from = find_(fault.targets.at(0));
      Host* to = find_(fault.targets.at(1));
      to->lose_power();
      return to->disk().clone(from->disk());
    }
    case FaultKind::ExpireSession:
    case FaultKind::DeleteNode:
    case FaultKind::LagServer:
    case FaultKind::LoseAccess: return coordination(fault);
    default: fault.targets.empty() ? links(fault) : programs(fault);
  }
}

void FaultRunner::programs(const Fault& fault) {
  Zookeeper& zookeeper = cluster_.zookeeper();
  for (const std::string& name : fault.targets) {
    for (std::size_t i = 0; i < zookeeper.servers(); ++i) {
      if (name != "zookeeper" && name != "zk" + std::to_string(i + 1)) continue;
      fault.kind == FaultKind::Start ? zookeeper.start_server(i) : zookeeper.stop_server(i);
      cluster_.world().felt(fault.kind);
    }
    Host* host = find_(name);
    if (host == nullptr) continue;
    const Host::State before = host->state();
    const std::size_t exits = host->exits().size();
    host->befall(fault);
    const bool changed = host->state() != before || host->exits().size() != exits;
    const bool asked = fault.kind == FaultKind::Stop || fault.kind == FaultKind::Restart;
    const bool waits = fault.after.has_value();
    if (is_of_a_state(fault.kind) && !waits && (changed || (asked && host->running())))
      cluster_.world().felt(fault.kind);
  }
}

// Lagging servers and lost access count where they have their effect.
void FaultRunner::coordination(const Fault& fault) {
  Zookeeper& zookeeper = cluster_.zookeeper();
  if (fault.kind == FaultKind::LoseAccess)
    return zookeeper.lose_access(cluster_.world().now() + fault.lasting);
  for (const std::string& name : fault.targets) {
    for (std::size_t i = 0; i < zookeeper.servers(); ++i)
      if (name == "zookeeper" || name == "zk" + std::to_string(i + 1)) zookeeper.lag(i, fault.by);
    Host* host = find_(name);
    if (host == nullptr) continue;
    const std::size_t count = fault.kind == FaultKind::ExpireSession
                                  ? zookeeper.expire_sessions(host->place())
                                  : zookeeper.remove_nodes(host->place());
    if (count > 0) cluster_.world().felt(fault.kind);
  }
}

void FaultRunner::links(const Fault& fault) {
  if (fault.sides.empty()) {
    cluster_.world().felt(fault.kind);
    return cluster_.links().heal_all();
  }
  for (std::size_t i = 0; i < fault.sides.size(); ++i)
    for (std::size_t j = i + 1; j < fault.sides.size(); ++j)
      for (Place from : places(fault.sides[i]))
        for (Place to : places(fault.sides[j])) {
          link(fault, from, to);
          if (!fault.one_way) link(fault, to, from);
        }
}

void FaultRunner::link(const Fault& fault, Place from, Place to) {
  if (from == to) return;
  Links& links = cluster_.links();
  switch (fault.kind) {
    case FaultKind::Cut:
      if (links.open(from, to)) cluster_.world().felt(fault.kind);
      return links.cut(from, to);
    case FaultKind::Heal: cluster_.world().felt(fault.kind); return links.heal(from, to);
    case FaultKind::SlowLink:
      links.change(from, to).delay = fault.by;
      links.change(from, to).jitter = fault.jitter;
      return;
    case FaultKind::NarrowLink:
      links.change(from, to).bytes_per_second = fault.bytes_per_second;
      return;
    case FaultKind::Clog: return links.clog(from, to, cluster_.world().now() + fault.lasting);
    case FaultKind::Refuse: links.change(from, to).refuses = true; return;
    case FaultKind::DropDials: links.change(from, to).drops_dials = true; return;
    case FaultKind::Shred: links.change(from, to).shreds = true; return;
    case FaultKind::Reset: return cluster_.fabric().reset(from, to);
    case FaultKind::HalfOpen: return cluster_.fabric().half_open(from, to);
    default: return;
  }
}

void FaultRunner::heal_everything() {
  cluster_.links().heal_all();
  cluster_.fabric().heal_messages();
  for (std::size_t i = 0; i < cluster_.zookeeper().servers(); ++i)
    cluster_.zookeeper().start_server(i);
  for (std::size_t i = 0; i < cluster_.zookeeper().servers(); ++i)
    cluster_.zookeeper().lag(i, Duration{});
  cluster_.zookeeper().lose_access(SimTime{});
  for (const auto& host : cluster_.hosts()) host->heal();
  lost_votes_.clear();
}

std::vector<Place> FaultRunner::places(const std::vector<std::string>& names) {
  std::vector<Place> out;
  for (const std::string& name : names) {
    if (name == "client") out.push_back(cluster_.client_place());
    for (std::size_t i = 0; i < cluster_.zookeeper().servers(); ++i)
      if (name == "zookeeper" || name == "zk" + std::to_string(i + 1))
        out.push_back(cluster_.zookeeper().place(i));
    if (Host* found = find_(name)) out.push_back(found->place());
  }
  return out;
}

}  // namespace quorate::sim
