#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "master/base/random.h"
#include "master/base/time.h"

namespace quorate::election {

// When a call that failed is tried again: after 2 s, then twice as long each time, up to 60 s, plus
// up to a tenth so that masters which failed together do not return together.
class Backoff {
 public:
  Backoff(std::uint64_t seed, std::string_view stream) : random_(seed, stream) {}

  void failed(Now now) {
    at_ = now.mono + delay_ + Duration{random_.between(0, delay_.ns / 10)};
    delay_ = std::min(delay_ * 2, kLongest);
  }
  void succeeded() {
    delay_ = kShortest;
    at_.reset();
  }
  // Something changed for the better: do not wait, but remember how often it failed.
  void at_once() { at_.reset(); }

  bool due(Now now) const { return !at_ || *at_ <= now.mono; }
  // When to look again; never() while nothing failed.
  MonoTime deadline() const { return at_.value_or(MonoTime::never()); }

 private:
  static constexpr Duration kShortest = Duration::seconds(2);
  static constexpr Duration kLongest = Duration::seconds(60);

  RandomStream random_;
  Duration delay_ = kShortest;
  std::optional<MonoTime> at_;
};

}  // namespace quorate::election
