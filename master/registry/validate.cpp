#include "master/registry/validate.h"

#include <set>
#include <string>
#include <utility>

namespace quorate::registry {
namespace {

using Decision = decltype(Entry::decision);

// Machines named so far in one request; the windows of a schedule share it.
class NamedMachines {
 public:
  // Why this machine cannot be named (again), if it cannot.
  std::optional<Error> name(const MachineId& id) {
    bool without_hostname = !id.hostname || id.hostname->empty();
    if (without_hostname && !id.ip) {
      return Error{"Machine " + to_text(id) +
                   " has neither a hostname nor an ip; name it by at least one of them"};
    }
    if (!ids_.insert(id).second) {
      return Error{"Machine " + to_text(id) +
                   " appears more than once in the request; name each machine once"};
    }
    return std::nullopt;
  }

  bool contains(const MachineId& id) const { return ids_.contains(id); }

 private:
  std::set<MachineId> ids_;
};

std::optional<Error> error_in(const MaintenanceWindow& window, std::size_t number,
                              NamedMachines& named) {
  if (window.machine_ids.empty()) {
    return Error{"Window " + std::to_string(number) +
                 " of the schedule has an empty list of machines; name at least one, or leave the "
                 "window out"};
  }
  if (window.unavailability.duration_ns && *window.unavailability.duration_ns < 0) {
    return Error{"Window " + std::to_string(number) + " of the schedule has a negative duration (" +
                 std::to_string(*window.unavailability.duration_ns) +
                 " ns); give zero or more, or leave it out for no end"};
  }
  for (const MachineId& id : window.machine_ids)
    if (auto error = named.name(id)) return error;
  return std::nullopt;
}

MachineMode mode_in_new_schedule(const Registry& registry, const MachineId& id) {
  auto machine = registry.machines.find(id);
  return machine == registry.machines.end() ? MachineMode::Draining : machine->second.mode;
}

Result<Decision> decide(const Registry& registry, const UpdateMaintenanceSchedule& request) {
  NamedMachines named;
  std::size_t number = 0;
  for (const MaintenanceWindow& window : request.schedule.windows)
    if (auto error = error_in(window, ++number, named)) return tl::unexpected(*error);
  for (const MachineId& id : machines_in(registry, MachineMode::Down)) {
    if (named.contains(id)) continue;
    return failure(
        "Machine " + to_text(id) +
        " is DOWN and cannot be removed from the schedule while it is deactivated; bring "
        "it up first (/machine/up), or keep it in the schedule");
  }

  MaintenancePlan plan;
  for (const MaintenanceWindow& window : request.schedule.windows) {
    PlannedWindow& planned = plan.emplace_back();
    planned.unavailability = window.unavailability;
    for (const MachineId& id : window.machine_ids)
      planned.machines.push_back({id, mode_in_new_schedule(registry, id)});
  }
  return ScheduleDecided{std::move(plan)};
}

std::optional<Error> error_in(const Registry& registry, const std::vector<MachineId>& ids,
                              MachineMode wanted, std::string_view advice) {
  if (ids.empty()) return Error{"The list of machines is empty; name at least one machine"};

  NamedMachines named;
  for (const MachineId& id : ids)
    if (auto error = named.name(id)) return error;
  for (const MachineId& id : ids) {
    auto machine = registry.machines.find(id);
    if (machine == registry.machines.end()) {
      return Error{
          "Machine " + to_text(id) +
          " is not part of a maintenance schedule; hostname and ip must both be given as in "
          "the schedule (/maintenance/schedule)"};
    }
    if (machine->second.mode != wanted) {
      return Error{"Machine " + to_text(id) + " is " + std::string(to_text(machine->second.mode)) +
                   ", not in " + std::string(to_text(wanted)) + " mode; " + std::string(advice)};
    }
  }
  return std::nullopt;
}

Result<Decision> decide(const Registry& registry, const StartMaintenance& request) {
  auto error = error_in(registry, request.ids, MachineMode::Draining,
                        "only machines that the schedule drains can be taken down");
  if (error) return tl::unexpected(*error);
  return MachinesWentDown{request.ids};
}

Result<Decision> decide(const Registry& registry, const StopMaintenance& request) {
  auto error = error_in(registry, request.ids, MachineMode::Down,
                        "to end the draining, leave it out of the posted schedule");
  if (error) return tl::unexpected(*error);
  return MachinesCameUp{request.ids};
}

}  // namespace

Result<Entry> validate(const Registry& registry, const Operation& operation) {
  auto decision =
      std::visit([&](const auto& request) { return decide(registry, request); }, operation.request);
  if (!decision) return tl::unexpected(decision.error());
  return Entry{operation.id, std::move(*decision)};
}

}  // namespace quorate::registry
