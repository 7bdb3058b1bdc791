#include "bench/usage.h"

#include <sys/resource.h>

#include <fstream>
#include <string>

#include "master/base/check.h"

namespace quorate::bench {
namespace {

Duration to_duration(const timeval& time) {
  return Duration::seconds(time.tv_sec) + Duration::microseconds(time.tv_usec);
}

// ru_maxrss also counts what the process was before exec.
std::uint64_t resident_bytes_max() {
  std::ifstream status("/proc/self/status");
  std::string word;
  std::uint64_t kilobytes = 0;
  while (status >> word)
    if (word == "VmHWM:") status >> kilobytes;
  return kilobytes * 1024;
}

}  // namespace

Usage own_usage() {
  constexpr std::uint64_t kUsageBlockBytes = 512;
  rusage usage{};
  CHECK(::getrusage(RUSAGE_SELF, &usage) == 0);
  return {.cpu = to_duration(usage.ru_utime) + to_duration(usage.ru_stime),
          .resident_bytes = resident_bytes_max(),
          .written_bytes = static_cast<std::uint64_t>(usage.ru_oublock) * kUsageBlockBytes};
}

// The first line of /proc/stat: user nice system idle iowait irq softirq steal, in ticks.
MachineTime machine_time() {
  constexpr int kFields = 8;
  constexpr int kIdle = 3;
  constexpr int kWaiting = 4;
  std::ifstream stat("/proc/stat");
  std::string word;
  stat >> word;
  MachineTime time;
  for (int field = 0; field < kFields; ++field) {
    std::uint64_t ticks = 0;
    stat >> ticks;
    time.all_ticks += ticks;
    if (field != kIdle && field != kWaiting) time.busy_ticks += ticks;
  }
  return time;
}

double busy_percent(const MachineTime& before, const MachineTime& after) {
  if (after.all_ticks <= before.all_ticks) return 0;
  return 100 * static_cast<double>(after.busy_ticks - before.busy_ticks) /
         static_cast<double>(after.all_ticks - before.all_ticks);
}

}  // namespace quorate::bench
