#pragma once

#include <compare>
#include <cstdint>

#include "master/base/time.h"

namespace quorate::sim {

// A moment of the simulated world: true time, nanoseconds since the run began. No host knows it;
// each has clocks of its own (host_clock.h).
struct SimTime {
  std::int64_t ns = 0;

  static constexpr SimTime never() { return {INT64_MAX}; }

  constexpr auto operator<=>(const SimTime&) const = default;
  constexpr SimTime operator+(Duration d) const { return {ns + d.ns}; }
  constexpr SimTime operator-(Duration d) const { return {ns - d.ns}; }
  constexpr Duration operator-(SimTime o) const { return {ns - o.ns}; }
};

// The clocks of one host. `rate_ppb`: how much faster than true time both clocks run, in parts per
// 1 000 000 000. Wall time may be moved apart from monotonic time by its offset.
struct HostClock {
  std::int64_t mono_offset_ns = 0;
  std::int64_t wall_offset_ns = 0;
  std::int64_t rate_ppb = 0;

  MonoTime mono(SimTime now) const { return {mono_offset_ns + scaled(now.ns)}; }
  WallTime wall(SimTime now) const { return {wall_offset_ns + scaled(now.ns)}; }
  Now read(SimTime now) const { return {mono(now), wall(now)}; }
  // The first true time at which the monotonic clock shows `at` or more; `now` if it does already.
  SimTime when(MonoTime at, SimTime now) const;
  // How long it truly takes until this clock has moved on by `shown`.
  Duration truly(Duration shown) const;

 private:
  std::int64_t scaled(std::int64_t ns) const;
};

// "12.345678s", for reports.
struct SimTimeText {
  char text[32];
};
SimTimeText to_text(SimTime time);

}  // namespace quorate::sim
