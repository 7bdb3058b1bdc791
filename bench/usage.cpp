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
  rusage usage{};
  CHECK(::getrusage(RUSAGE_SELF, &usage) == 0);
  return {.cpu = to_duration(usage.ru_utime) + to_duration(usage.ru_stime),
          .resident_bytes = resident_bytes_max()};
}

}  // namespace quorate::bench
