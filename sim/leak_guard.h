#pragma once

#include <string_view>

namespace quorate::sim {

// Catches what would make a run depend on anything but (build, scenario, seed): while a step of a
// world is under way, a call of a real clock, of entropy, threads, files, sockets or the
// environment ends the process, naming the function and its caller (simulation.md G5).
//
// The functions are defined in the program itself and so also stand before those that the libraries
// call. In builds with sanitizers, which define them too, nothing is caught. Not caught: the
// processor's own RDRAND and RDTSC, and calls from within libc.
class LeakGuard {
 public:
  LeakGuard();
  ~LeakGuard();
  LeakGuard(const LeakGuard&) = delete;
  LeakGuard& operator=(const LeakGuard&) = delete;

  static bool works();
};

}  // namespace quorate::sim
