#include "master/registry/registry.h"

#include "master/base/bytes.h"
#include "master/base/check.h"
#include "master/registry/snapshot_codec.h"

namespace quorate::registry {

std::string to_text(const OperationId& id) { return hex(id.high) + hex(id.low); }

void RecentOperations::remember(const OperationId& id) {
  bool fresh = known_.insert(id).second;
  CHECK(fresh);
  oldest_first_.push_back(id);
  if (oldest_first_.size() <= kCapacity) return;

  known_.erase(oldest_first_.front());
  oldest_first_.pop_front();
}

Digest Registry::state_digest() const { return xxh3_128(encode_snapshot(*this)); }

MaintenancePlan plan_of(const Registry& registry) {
  MaintenancePlan plan;
  std::size_t planned = 0;
  for (const MaintenanceWindow& window : registry.schedule.windows) {
    PlannedWindow& copy = plan.emplace_back();
    copy.unavailability = window.unavailability;
    for (const MachineId& id : window.machine_ids) {
      auto machine = registry.machines.find(id);
      CHECK(machine != registry.machines.end());
      copy.machines.push_back({id, machine->second.mode});
    }
    planned += window.machine_ids.size();
  }
  CHECK(planned == registry.machines.size());
  return plan;
}

void set_plan(Registry& registry, const MaintenancePlan& plan) {
  registry.machines.clear();
  registry.schedule.windows.clear();
  for (const PlannedWindow& window : plan) {
    CHECK(!window.machines.empty());
    MaintenanceWindow& copy = registry.schedule.windows.emplace_back();
    copy.unavailability = window.unavailability;
    for (const PlannedMachine& machine : window.machines) {
      CHECK(machine.mode != MachineMode::Up);
      copy.machine_ids.push_back(machine.id);
      MachineInfo info{machine.mode, window.unavailability};
      bool fresh = registry.machines.emplace(machine.id, info).second;
      CHECK(fresh);
    }
  }
}

std::vector<MachineId> machines_in(const Registry& registry, MachineMode mode) {
  std::vector<MachineId> ids;
  for (const auto& [id, info] : registry.machines)
    if (info.mode == mode) ids.push_back(id);
  return ids;
}

}  // namespace quorate::registry
