#pragma once

#include "bench/figures.h"
#include "bench/options.h"

namespace quorate::bench {

// Each makes replicas of its own in `options.directory`, which exists and is empty, and measures
// one thing. An error says what failed; a limit that is not reached is no error.

using Figures = std::vector<Figure>;

// A row for each depth.
Result<std::vector<DepthRow>> measure_depths(const LogOptions& options);
// Empty replicas: from the start of their processes until all vote.
Result<Figures> measure_voting(const LogOptions& options);
// A successor that was cut off while 1000 entries were chosen, once the leader is gone.
Result<Figures> measure_takeover(const LogOptions& options);
// Entries of 1 MiB.
Result<Figures> measure_large(const LogOptions& options);
// Opening a log of `entries`.
Result<Figures> measure_opening(const LogOptions& options, std::uint64_t entries);
// An empty replica fetches `entries` of 1 KiB while the leader keeps writing.
Result<Figures> measure_catch_up(const LogOptions& options, std::uint64_t entries);

// `entries` appends under the truncation policy: what is left in memory and on disk.
Result<Figures> measure_truncation(const LogOptions& options, std::uint64_t entries);

// What the depth rows must reach (bare disk), and the row at depth 256 over slow syncs.
Figures judge_depths(const std::vector<DepthRow>& rows);
Figures judge_slow_disk(const DepthRow& row);

}  // namespace quorate::bench
