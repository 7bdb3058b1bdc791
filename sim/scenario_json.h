#pragma once

#include <string>
#include <string_view>

#include "master/base/result.h"

namespace quorate::sim {

// The JSON twin of a scenario (docs/scenarios.md): header lines, sections, steps, and comments that
// stand on lines of their own, all in their order. What text and twin mean is the same; spaces and
// comments behind a step are lost. An error: the text has mistakes.
Result<std::string> scenario_to_json(std::string_view text);
// The text of a twin. An error: it is no twin, or the text that it gives has mistakes.
Result<std::string> scenario_from_json(std::string_view json);

}  // namespace quorate::sim
