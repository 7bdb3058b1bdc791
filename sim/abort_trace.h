#pragma once

#include <optional>

#include "sim/picture_files.h"

namespace quorate::sim {

// A broken invariant ends the process of its run, and what it had seen is gone. So the run is done
// once more in a forked process that tells, before it ends, what it has collected: a verdict with
// the invariant's words, and a trace up to that event. Nothing: it did not abort this time.
std::optional<Drawn> draw_aborting(const RunId& id, const Scenario& scenario,
                                   const Section& section, NodeFactory& factory,
                                   const RunOptions& options);

}  // namespace quorate::sim
