#pragma once

#include <cstdint>
#include <vector>

#include "master/base/time.h"

namespace quorate::bench {

// Counts of durations in buckets whose width is at most 1/128 of their value, so any number of them
// takes 40 KB and nothing is allocated while measuring. Negative ones count as zero, those above an
// hour as one hour.
class Histogram {
 public:
  Histogram();

  void add(Duration value);
  void clear();
  std::uint64_t count() const { return count_; }
  // The least bucket edge that at least `percent` of the values do not exceed; zero when empty.
  // 0 < percent <= 100.
  Duration percentile(double percent) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
};

}  // namespace quorate::bench
