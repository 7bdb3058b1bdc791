#pragma once

#include <variant>
#include <vector>

#include "master/registry/operation.h"
#include "master/values/machine.h"

namespace quorate::registry {

// A machine in a window, with the mode it is in from now on: DRAINING or DOWN, never UP.
struct PlannedMachine {
  MachineId id;
  MachineMode mode = MachineMode::Draining;

  bool operator==(const PlannedMachine&) const = default;
};

struct PlannedWindow {
  std::vector<PlannedMachine> machines;
  Unavailability unavailability;

  bool operator==(const PlannedWindow&) const = default;
};

// The schedule and the mode of each machine in it, in the operator's order. It holds all that the
// registry knows of maintenance. Well formed: no empty window, no negative duration, each machine
// once, each with a host name or an address, each DRAINING or DOWN.
using MaintenancePlan = std::vector<PlannedWindow>;

// An entry is what the log carries: the values that were decided, not the wish. Whoever folds it
// needs none of the rules by which it was found valid, so those rules may change between versions.
//
// This plan is in force from now on.
struct ScheduleDecided {
  MaintenancePlan plan;

  bool operator==(const ScheduleDecided&) const = default;
};

// These machines, DRAINING until now, are DOWN.
struct MachinesWentDown {
  std::vector<MachineId> ids;

  bool operator==(const MachinesWentDown&) const = default;
};

// These machines, DOWN until now, are UP; they leave their windows, and windows left empty vanish.
struct MachinesCameUp {
  std::vector<MachineId> ids;

  bool operator==(const MachinesCameUp&) const = default;
};

// `operation` is the id of the operation that it answers.
struct Entry {
  OperationId operation;
  std::variant<ScheduleDecided, MachinesWentDown, MachinesCameUp> decision;

  bool operator==(const Entry&) const = default;
};

}  // namespace quorate::registry
