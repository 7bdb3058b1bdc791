#pragma once

#include <cstdint>

namespace quorate::platform {

// 64 random bits of the kernel (getrandom): the one seed that a Master is given at boot.
std::uint64_t seed();

}  // namespace quorate::platform
