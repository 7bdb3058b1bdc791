#include "sim/time.h"

#include <cstdio>

namespace quorate::sim {
namespace {

__extension__ using Wide = __int128;
constexpr std::int64_t kBillion = 1'000'000'000;

}  // namespace

std::int64_t HostClock::scaled(std::int64_t ns, std::int64_t rate_ppb) {
  if (rate_ppb == 0) return ns;
  return static_cast<std::int64_t>(static_cast<Wide>(ns) * (kBillion + rate_ppb) / kBillion);
}

void HostClock::set_rates(std::int64_t rate, std::int64_t wall_rate, SimTime now) {
  const Now before = read(now);
  rate_ppb = rate;
  wall_rate_ppb = wall_rate;
  mono_offset_ns += before.mono.ns - mono(now).ns;
  wall_offset_ns += before.wall.ns - wall(now).ns;
}

SimTime HostClock::when(MonoTime at, SimTime now) const {
  if (at == MonoTime::never()) return SimTime::never();
  if (mono(now) >= at) return now;
  if (rate_ppb == 0) return SimTime{at.ns - mono_offset_ns};
  Wide ns = static_cast<Wide>(at.ns - mono_offset_ns) * kBillion / (kBillion + rate_ppb);
  SimTime found{static_cast<std::int64_t>(ns)};
  while (mono(found) < at) found.ns += 1;  // the division rounds down
  return found;
}

Duration HostClock::truly(Duration shown) const {
  if (rate_ppb == 0) return shown;
  return {
      static_cast<std::int64_t>(static_cast<Wide>(shown.ns) * kBillion / (kBillion + rate_ppb))};
}

SimTimeText to_text(SimTime time) {
  SimTimeText out;
  std::snprintf(out.text, sizeof out.text, "%lld.%06llds",
                static_cast<long long>(time.ns / kBillion),
                static_cast<long long>(time.ns % kBillion / 1000));
  return out;
}

}  // namespace quorate::sim
