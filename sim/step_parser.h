#pragma once

#include "sim/known_names.h"
#include "sim/line_reader.h"
#include "sim/scenario.h"

namespace quorate::sim {

// Reads one step; what it binds is added to `names`. Mistakes stay in the reader.
Step parse_step(LineReader& in, KnownNames& names);

}  // namespace quorate::sim
