#pragma once

#include <optional>
#include <vector>

#include "sim/linearizability.h"
#include "sim/registry_operation.h"

namespace quorate::sim {

// Linearizability without a search, for histories of nothing but schedules that are replaced and
// read, where no two writes write the same and none writes the empty schedule that the registry
// begins with. Then it is a register whose every read says which write it saw, and by Gibbons and
// Korach ("Testing shared memories", 1997) it is enough to look at the zone of each value: from the
// first end of a call that wrote or showed it to the last beginning of one. n log n in all, so it
// never gives up, however many outcomes are unknown.
//
// The same question and the same answer as check_linearizable(); nothing: the history is not of
// that kind.
std::optional<LinearVerdict> check_register(const std::vector<RegistryOperation>& operations);

}  // namespace quorate::sim
