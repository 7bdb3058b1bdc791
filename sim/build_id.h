#pragma once

#include <string>

namespace quorate::sim {

// The first 16 digits of this program's GNU build id, which the linker makes from its content;
// empty if it has none. Read from memory, not from a file.
std::string build_id();

}  // namespace quorate::sim
