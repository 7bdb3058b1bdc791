#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "master/base/random.h"
#include "master/registry/registrar.h"

// Values that the tests of this folder share.
namespace quorate::registry {

inline MachineId machine(std::string hostname, std::uint32_t ip = 0x0a000001) {
  return {std::move(hostname), Ipv4{ip}};
}

inline MaintenanceWindow window(std::vector<MachineId> ids,
                                Unavailability unavailability = {1, {}}) {
  return {std::move(ids), unavailability};
}

// Each call gives an id that no other call gave.
inline OperationId fresh_id() {
  static std::uint64_t last = 0;
  return {7, ++last};
}

inline Operation schedule(std::vector<MaintenanceWindow> windows) {
  return {fresh_id(), UpdateMaintenanceSchedule{{std::move(windows)}}};
}
inline Operation down(std::vector<MachineId> ids) {
  return {fresh_id(), StartMaintenance{std::move(ids)}};
}
inline Operation up(std::vector<MachineId> ids) {
  return {fresh_id(), StopMaintenance{std::move(ids)}};
}

// Operations over four host names, two addresses and absent parts, valid or not; every request is
// drawn so that a fair share is valid.
class RandomOperations {
 public:
  explicit RandomOperations(std::uint64_t seed) : random_(seed, "operations") {}

  Operation next(const Registry& registry) {
    OperationId id{random_.next(), 0};
    id.low = random_.next();
    switch (random_.below(5)) {
      case 0:
      case 1: return {id, UpdateMaintenanceSchedule{any_schedule(registry)}};
      case 2:
      case 3: return {id, StartMaintenance{some_of(registry, MachineMode::Draining)}};
      default: return {id, StopMaintenance{some_of(registry, MachineMode::Down)}};
    }
  }

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

 private:
  MachineId any_machine() {
    MachineId id;
    if (random_.below(8) != 0)
      id.hostname = std::string(1, static_cast<char>("abcdABCD"[random_.below(8)]));
    if (random_.below(8) != 0) id.ip = Ipv4{static_cast<std::uint32_t>(random_.below(2))};
    return id;
  }

  std::vector<MachineId> some_of(const Registry& registry, MachineMode mode) {
    std::vector<MachineId> ids;
    for (const MachineId& id : machines_in(registry, mode))
      if (random_.below(2) == 0) ids.push_back(id);
    if (random_.below(8) == 0) ids.push_back(any_machine());
    return ids;
  }

  // Mostly keeps the machines that are DOWN, each in a window of its own.
  MaintenanceSchedule any_schedule(const Registry& registry) {
    MaintenanceSchedule schedule;
    for (const MachineId& id : machines_in(registry, MachineMode::Down))
      if (random_.below(16) != 0) schedule.windows.push_back({{id}, any_unavailability()});
    for (std::uint64_t windows = random_.below(3); windows > 0; --windows) {
      MaintenanceWindow window{{}, any_unavailability()};
      for (std::uint64_t ids = random_.below(4); ids > 0; --ids)
        window.machine_ids.push_back(any_machine());
      schedule.windows.push_back(window);
    }
    return schedule;
  }

  Unavailability any_unavailability() {
    Unavailability unavailability{random_.between(-5, 5), {}};
    if (random_.below(2) == 0) unavailability.duration_ns = random_.between(-1, 20);
    return unavailability;
  }

  RandomStream random_;
};

}  // namespace quorate::registry
