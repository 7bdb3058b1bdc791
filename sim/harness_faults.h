#pragma once

#include <optional>
#include <string>

#include "faults/fault.h"

namespace quorate::sim {

// Errors planted in the harness itself, so that `quorate-sim selftest` can show that each is
// noticed. Nothing else sets any of them.
struct HarnessFaults {
  std::string skipped_oracle;                   // is told nothing; a name of docs/simulator.md
  std::optional<faults::FaultKind> idle_fault;  // is carried out as nothing
  bool half_cuts = false;                       // a cut holds in one direction only
  bool power_keeps_all = false;                 // power loss loses nothing
  bool clocks_stand = false;                    // clocks of hosts show one time for ever
  bool answers_dropped = false;                 // every third answer is missing in the history
  bool seed_ignored = false;                    // every run draws from the same streams
  bool effects_unhashed = false;                // the hash sees events only
  bool giving_up_passes = false;                // a checker without a result is content
  bool replay_skipped = false;                  // no recording is replayed
};

}  // namespace quorate::sim
