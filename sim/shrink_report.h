#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/shrink.h"

namespace quorate::sim {

// The smaller scenario as a file: its comments say how it fails, of which build, and what happens
// without each event that stayed.
std::string shrunk_file(const Shrunk& shrunk, const Signature& wanted, std::uint64_t seed,
                        std::string_view build);
// One JSON object in one line.
std::string json_report(const Shrunk& shrunk, const Signature& wanted, std::uint64_t seed,
                        std::string_view replay);

}  // namespace quorate::sim
