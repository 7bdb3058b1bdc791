#pragma once

#include <string>
#include <vector>

#include "faults/fault.h"
#include "master/base/time.h"

namespace quorate::faults {

struct TimedFault {
  Duration at;  // since the phase began
  Fault fault;

  bool operator==(const TimedFault&) const = default;
};

// Faults, then healing: at its end whoever carries it out undoes what can be undone, starts every
// program, gives replicas that refuse their log an empty disk, and waits until all serve again.
// Only then the next phase begins, so what one phase cost is paid before the next.
struct Phase {
  Duration length;
  std::vector<TimedFault> faults;  // by time

  bool operator==(const Phase&) const = default;
};

struct Schedule {
  std::vector<Phase> phases;

  bool operator==(const Schedule&) const = default;
};

// One line for each fault: "phase 1 at 1.250s lost-write r2 in segment after 3".
std::vector<std::string> to_lines(const Schedule& schedule);

// The replica numbered from 0, as schedules name it: "r1".
std::string replica_name(std::size_t number);

}  // namespace quorate::faults
