#pragma once

#include "master/base/time.h"

namespace quorate {

// Asked by Master alone, once at the end of each event, for the earliest deadline of all rooms.
// Rooms see no clock: they have next_deadline() and on_time(now).
class Clock {
 public:
  virtual ~Clock() = default;

  // Delivers one Woken at `at` or soon after. A later call replaces an earlier one;
  // MonoTime::never() cancels. A time that has passed is delivered as the next event.
  virtual void wake_at(MonoTime at) = 0;
};

}  // namespace quorate
