#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/line_reader.h"
#include "sim/scenario.h"

namespace quorate::sim {

struct ParsedScenario {
  Scenario scenario;
  std::vector<Mistake> mistakes;  // all of the file, in order; empty: it may run
};

// `file` is only for reports.
ParsedScenario parse_scenario(std::string file, std::string_view text);

// "leader not L", "exit m1 code=69": as written.
std::string to_text(const Condition& condition);

}  // namespace quorate::sim
