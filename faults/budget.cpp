#include "faults/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace quorate::faults {
namespace {

bool is_between_replicas(const Fault& fault) {
  if (fault.kind >= FaultKind::LoseMessages && fault.kind <= FaultKind::MutateMessages) return true;
  if (fault.kind != FaultKind::Cut && fault.kind != FaultKind::Heal) return false;
  for (const std::vector<std::string>& side : fault.sides)
    if (std::find(side.begin(), side.end(), "zookeeper") != side.end()) return false;
  return true;
}

// What is cut or lost after this fault. A cut is undone by joining the same sides.
void note(const Fault& fault, std::multiset<std::string>& open) {
  Fault joined{.kind = FaultKind::Heal, .sides = fault.sides};
  const bool begins = fault.kind == FaultKind::Cut || fault.ppm > 0;
  std::string name(description_of(fault.kind).name);
  if (fault.kind == FaultKind::Cut || fault.kind == FaultKind::Heal) name = to_text(joined);
  if (begins) {
    open.insert(name);
  } else {
    open.erase(name);
  }
}

}  // namespace

std::optional<std::string> over_budget(const Phase& phase, std::uint32_t replicas) {
  std::set<std::string> lost;
  bool unseen = false;
  for (const TimedFault& timed : phase.faults) {
    const Cost cost = description_of(timed.fault.kind).cost;
    if (cost == Cost::Nothing) continue;
    lost.insert(timed.fault.targets.begin(), timed.fault.targets.end());
    unseen = unseen || cost == Cost::OldReplica;
  }
  const std::uint32_t quorum = replicas / 2 + 1;
  if (lost.size() > replicas - quorum)
    return fmt::format("{} of {} replicas lose their votes, {} may", lost.size(), replicas,
                       replicas - quorum);
  if (!unseen) return std::nullopt;

  bool gone = false;  // one of them was down, so that its peers must tell
  std::multiset<std::string> open;
  for (const TimedFault& timed : phase.faults) {
    const Fault& fault = timed.fault;
    const auto is_lost = [&](const std::string& name) { return lost.contains(name); };
    const auto spares_lost = [&](const std::vector<std::string>& side) {
      return std::none_of(side.begin(), side.end(), is_lost);
    };
    if (is_between_replicas(fault)) {
      if (!fault.sides.empty() && std::all_of(fault.sides.begin(), fault.sides.end(), spares_lost))
        continue;
      if (gone) return fmt::format("'{}' while a replica comes back as an old one", to_text(fault));
      note(fault, open);
      continue;
    }
    if (fault.targets.empty() || !std::all_of(fault.targets.begin(), fault.targets.end(), is_lost))
      return fmt::format("'{}' while only its peers can tell that a replica is an old one",
                         to_text(fault));
    gone = gone || fault.kind == FaultKind::PowerLoss || fault.kind == FaultKind::RestoreCopy ||
           fault.kind == FaultKind::Kill;
    if (gone && !open.empty())
      return fmt::format("'{}' lasts when a replica comes back as an old one", *open.begin());
  }
  return std::nullopt;
}

std::optional<std::string> over_budget(const Schedule& schedule, std::uint32_t replicas) {
  for (const Phase& phase : schedule.phases)
    if (auto why = over_budget(phase, replicas)) return why;
  return std::nullopt;
}

}  // namespace quorate::faults
