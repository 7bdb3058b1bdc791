#include "faults/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace quorate::faults {

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

  for (const TimedFault& timed : phase.faults) {
    const auto is_lost = [&](const std::string& name) { return lost.contains(name); };
    const Fault& fault = timed.fault;
    if (fault.targets.empty() || !std::all_of(fault.targets.begin(), fault.targets.end(), is_lost))
      return fmt::format("'{}' while only its peers can tell that a replica is an old one",
                         to_text(fault));
  }
  return std::nullopt;
}

std::optional<std::string> over_budget(const Schedule& schedule, std::uint32_t replicas) {
  for (const Phase& phase : schedule.phases)
    if (auto why = over_budget(phase, replicas)) return why;
  return std::nullopt;
}

}  // namespace quorate::faults
