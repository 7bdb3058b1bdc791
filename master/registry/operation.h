#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "master/values/machine.h"

namespace quorate::registry {

// Names one wish of one client for ever: random, drawn once where the operation is first accepted,
// kept through every retry and failover. The fold of the log applies an id at most once
// (protocol.md 9).
struct OperationId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const OperationId&) const = default;
};

// 32 hexadecimal digits.
std::string to_text(const OperationId& id);

// Replaces the whole schedule. Machines new to it become DRAINING, machines that it no longer names
// are UP again; a DOWN machine stays DOWN and must be named.
struct UpdateMaintenanceSchedule {
  MaintenanceSchedule schedule;
};

// DRAINING machines become DOWN: all of them, or the operation is refused.
struct StartMaintenance {
  std::vector<MachineId> ids;
};

// DOWN machines become UP and leave the schedule: all of them, or the operation is refused.
struct StopMaintenance {
  std::vector<MachineId> ids;
};

// What an operator asks of the registry. It becomes an Entry (entry.h) when it is found valid.
struct Operation {
  OperationId id;
  std::variant<UpdateMaintenanceSchedule, StartMaintenance, StopMaintenance> request;
};

}  // namespace quorate::registry
