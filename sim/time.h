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
// 1 000 000 000; `wall_rate_ppb`: how much more than that the wall clock. Wall time may be moved
// apart from monotonic time by its offset.
struct HostClock {
  std::int64_t mono_offset_ns = 0;
  std::int64_t wall_offset_ns = 0;
  std::int64_t rate_ppb = 0;
  std::int64_t wall_rate_ppb = 0;

  MonoTime mono(SimTime now) const { return {mono_offset_ns + scaled(now.ns, rate_ppb)}; }
  WallTime wall(SimTime now) const {
    return {wall_offset_ns + scaled(now.ns, rate_ppb + wall_rate_ppb)};
  }
  Now read(SimTime now) const { return {mono(now), wall(now)}; }
  // From `now` on; neither clock jumps by it. Above -1 000 000 000.
  void set_rates(std::int64_t rate, std::int64_t wall_rate, SimTime now);
  // The first true time at which the monotonic clock shows `at` or more; `now` if it does already.
  SimTime when(MonoTime at, SimTime now) const;
  // How long it truly takes until this clock has moved on by `shown`.
  Duration truly(Duration shown) const;

 private:
  static std::int64_t scaled(std::int64_t ns, std::int64_t rate_ppb);
};

// "12.345678s", for reports.
struct SimTimeText {
  char text[32];
};
SimTimeText to_text(SimTime time);

}  // namespace quorate::sim
