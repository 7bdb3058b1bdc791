#pragma once

#include <cstdint>
#include <string>

#include "sim/scenario_runner.h"

namespace quorate::sim {

// One run of one section with one seed.
struct RunId {
  std::string program;  // as it was called, for the line that replays
  std::string file;
  std::string scenario;
  std::string section;
  std::uint64_t seed = 0;
};

// "leader_dies[plain]".
std::string to_text(const RunId& id);
// "build/dev/quorate-sim run --seed=7 --section=plain scenarios/x.scenario".
std::string replay_command(const RunId& id);
// One line for a pass, a few for a failure; with its end of line.
std::string text_report(const RunId& id, const RunResult& result);
// One JSON object in one line.
std::string json_report(const RunId& id, const RunResult& result);

}  // namespace quorate::sim
