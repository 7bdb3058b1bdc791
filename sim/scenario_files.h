#pragma once

#include <string>
#include <vector>

#include "master/base/result.h"
#include "sim/scenario_parser.h"

namespace quorate::sim {

// The *.scenario files that these paths name: files as they are, directories with all below them,
// in the order of their names.
Result<std::vector<std::string>> scenario_files(const std::vector<std::string>& paths);
// Reads and parses one file. An error: it cannot be read.
Result<ParsedScenario> load_scenario(const std::string& path);
// "scenarios/x.scenario:3:7: expected ..."
std::string to_text(const std::string& file, const Mistake& mistake);

}  // namespace quorate::sim
