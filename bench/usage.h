#pragma once

#include <cstdint>

#include "master/base/time.h"

namespace quorate::bench {

// What this process, with all its threads, has taken so far.
struct Usage {
  Duration cpu;                      // user and system
  std::uint64_t resident_bytes = 0;  // the most that it ever had in memory (VmHWM)
  std::uint64_t written_bytes = 0;   // that went to the disk
};
Usage own_usage();

// What all processors of the machine together did since it started, in ticks of the kernel.
struct MachineTime {
  std::uint64_t busy_ticks = 0;  // of every process and of the kernel itself
  std::uint64_t all_ticks = 0;
};
MachineTime machine_time();
// Percent; 0 if no time has passed.
double busy_percent(const MachineTime& before, const MachineTime& after);

}  // namespace quorate::bench
