#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "master/base/checksum.h"
#include "master/registry/entry.h"
#include "master/values/machine.h"

namespace quorate::registry {

// The ids of the operations applied last, so that one that comes twice is applied once. It is part
// of the replicated state: every replica forgets the same id at the same entry. The capacity is
// part of the format: a binary with another one would fold the same log to another state.
class RecentOperations {
 public:
  // Four full windows of a Registrar. An operation repeated after that many others is a new one.
  static constexpr std::size_t kCapacity = 1024;

  bool contains(const OperationId& id) const { return known_.contains(id); }
  // The caller guarantees that it is not contained. At capacity the oldest is forgotten.
  void remember(const OperationId& id);
  const std::deque<OperationId>& oldest_first() const { return oldest_first_; }

  bool operator==(const RecentOperations&) const = default;

 private:
  std::deque<OperationId> oldest_first_;
  std::set<OperationId> known_;
};

// All that masters persist in common: a copyable value, changed only by fold() (fold.h).
//
// Kept true by every entry on every state: `machines` holds exactly the machines that `schedule`
// names, spelled as there, each DRAINING or DOWN and with the unavailability of its window.
// Machines that are UP are not in the registry.
struct Registry {
  std::map<MachineId, MachineInfo> machines;
  MaintenanceSchedule schedule;
  RecentOperations recent_operations;

  bool operator==(const Registry&) const = default;

  // Over the snapshot encoding (snapshot_codec.h): equal on two replicas exactly if they hold the
  // same state, spelling of host names included. Costs a pass over the whole state.
  Digest state_digest() const;
};

// Schedule and machines in one, and back.
MaintenancePlan plan_of(const Registry& registry);
// The caller guarantees a well-formed plan.
void set_plan(Registry& registry, const MaintenancePlan& plan);

// The machines in that mode, in the order of their ids: the order in which the endpoints list them.
std::vector<MachineId> machines_in(const Registry& registry, MachineMode mode);

}  // namespace quorate::registry
