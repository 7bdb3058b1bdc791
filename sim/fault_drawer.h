#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faults/schedule.h"
#include "master/base/random.h"

namespace quorate::sim {

// What a drawn fault can be about.
struct FaultGround {
  std::vector<std::string> masters;
  std::vector<std::string> lost;     // those whose votes may be lost (faults/budget.h)
  std::vector<std::string> by_role;  // names that are bound when the fault comes: L, other1...
  std::size_t zookeeper_servers = 3;
  Duration until{};  // what undoes a fault comes by then
};

// A fault and what undoes it or brings it to light, by time. The one place that knows how to draw
// the parameters of each kind. Empty: nothing of this kind can befall this ground (a disk fault
// where nobody may lose its votes), or the kind only undoes others.
std::vector<faults::TimedFault> draw_fault(faults::FaultKind kind, Duration at,
                                           const FaultGround& ground, RandomStream& random);

// Those of one time stay in the order in which they were put in.
void insert_by_time(std::vector<faults::TimedFault>& faults, faults::TimedFault fault);

// The kinds that begin something, that the language of scenarios has and that draw_fault knows.
std::vector<faults::FaultKind> drawable_kinds();
// The kinds of the language that no drawn scenario can have, neither as a beginning nor as an end.
std::vector<faults::FaultKind> undrawable_kinds();

}  // namespace quorate::sim
