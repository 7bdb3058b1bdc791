#pragma once

#include <cstdint>

#include "master/base/time.h"

namespace quorate::bench {

// What this process, with all its threads, has taken so far.
struct Usage {
  Duration cpu;                      // user and system
  std::uint64_t resident_bytes = 0;  // the most that it ever had in memory (VmHWM)
};
Usage own_usage();

}  // namespace quorate::bench
