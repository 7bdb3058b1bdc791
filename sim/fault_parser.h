#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "faults/fault.h"
#include "sim/known_names.h"

namespace quorate::sim {

// The verbs of faults that scenarios have, each once.
std::vector<std::string_view> fault_verbs();

// Reads what comes after the verb of a fault; faults::to_text() writes what this reads. A master
// that it adds (start-extra) is known from then on. Mistakes stay in the reader.
faults::Fault parse_fault(LineReader& in, KnownNames& names, std::string_view verb);

}  // namespace quorate::sim
