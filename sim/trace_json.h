#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/report.h"
#include "sim/run_tracer.h"

namespace quorate::sim {

// The trace of a run as one JSON object (docs/formats/sim-trace.md), at most about 1.8 MB. The same
// run gives the same bytes.
inline constexpr int kTraceVersion = 1;
std::string trace_json(const RunId& id, const RunResult& result, const Tracing& tracing);

// The times that a sentence names, as "12.345678s", in its order, each once.
std::vector<SimTime> moments_in(std::string_view text);

}  // namespace quorate::sim
