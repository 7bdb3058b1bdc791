#pragma once

#include <cstdint>
#include <set>

#include "faults/schedule.h"

namespace quorate::faults {

enum class Bounds : std::uint8_t {
  Budget,   // within the budget (budget.h): nothing acknowledged may be lost
  Telling,  // any replica loses its votes and can tell, not all are wiped: the log may refuse
  None,     // anything: of what the peers would have to tell, all of them may have lost it
};

struct GeneratorSettings {
  std::uint32_t replicas = 3;  // 1, 3 or 5
  Bounds bounds = Bounds::Budget;
  std::set<FaultKind> kinds =
      {};  // those that may occur; empty: all. What undoes one comes with it
};

// A schedule from a seed. Draws are keyed by phase and place, so that taking a fault out moves no
// other.
Schedule generate(std::uint64_t seed, const GeneratorSettings& settings);

}  // namespace quorate::faults
