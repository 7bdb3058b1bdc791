#include "master/registry/fold.h"

#include <algorithm>

#include "master/base/probe.h"

namespace quorate::registry {
namespace {

bool all_in_mode(const Registry& registry, const std::vector<MachineId>& ids, MachineMode mode) {
  return std::all_of(ids.begin(), ids.end(), [&](const MachineId& id) {
    auto machine = registry.machines.find(id);
    return machine != registry.machines.end() && machine->second.mode == mode;
  });
}

bool apply(Registry& registry, const ScheduleDecided& decided) {
  std::vector<MachineId> down;
  for (const PlannedWindow& window : decided.plan)
    for (const PlannedMachine& machine : window.machines)
      if (machine.mode == MachineMode::Down) down.push_back(machine.id);
  // All of the plan's are DOWN now, and they are as many: the same machines, since a plan has each
  // once.
  if (!all_in_mode(registry, down, MachineMode::Down)) return false;
  if (down.size() != machines_in(registry, MachineMode::Down).size()) return false;

  set_plan(registry, decided.plan);
  return true;
}

bool apply(Registry& registry, const MachinesWentDown& went_down) {
  if (!all_in_mode(registry, went_down.ids, MachineMode::Draining)) return false;

  for (const MachineId& id : went_down.ids) registry.machines.at(id).mode = MachineMode::Down;
  return true;
}

bool apply(Registry& registry, const MachinesCameUp& came_up) {
  if (!all_in_mode(registry, came_up.ids, MachineMode::Down)) return false;

  for (const MachineId& id : came_up.ids) registry.machines.erase(id);
  std::vector<MaintenanceWindow>& windows = registry.schedule.windows;
  for (MaintenanceWindow& window : windows)
    std::erase_if(window.machine_ids,
                  [&](const MachineId& id) { return !registry.machines.contains(id); });
  std::erase_if(windows,
                [](const MaintenanceWindow& window) { return window.machine_ids.empty(); });
  return true;
}

}  // namespace

Effect fold(Registry& registry, const Entry& entry) {
  if (registry.recent_operations.contains(entry.operation)) {
    probe(Probe::FoldedTwice);
    return Effect::Repeated;
  }

  bool fits =
      std::visit([&](const auto& decision) { return apply(registry, decision); }, entry.decision);
  if (!fits) {
    probe(Probe::EntryUnfitting);
    return Effect::Unfitting;
  }

  registry.recent_operations.remember(entry.operation);
  return Effect::Applied;
}

}  // namespace quorate::registry
