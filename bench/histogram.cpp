#include "bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "master/base/check.h"

namespace quorate::bench {
namespace {

// Values of up to 2 * kSteps stand for themselves; above, each power of two has kSteps buckets.
constexpr std::uint64_t kSteps = 128;
constexpr Duration kLargest = Duration::minutes(60);

std::size_t bucket_of(Duration duration) {
  const auto value = static_cast<std::uint64_t>(duration.ns);
  const auto width = static_cast<std::uint64_t>(std::bit_width(value));
  const std::uint64_t shift = width > 8 ? width - 8 : 0;
  return kSteps * shift + (value >> shift);
}

// The largest value in a bucket.
Duration last_of(std::size_t bucket) {
  const std::uint64_t shift = bucket < 2 * kSteps ? 0 : bucket / kSteps - 1;
  const std::uint64_t step = bucket - kSteps * shift;
  return Duration::nanoseconds(static_cast<std::int64_t>(((step + 1) << shift) - 1));
}

}  // namespace

Histogram::Histogram() : buckets_(bucket_of(kLargest) + 1) {}

void Histogram::add(Duration value) {
  ++buckets_[bucket_of(std::clamp(value, Duration{}, kLargest))];
  ++count_;
}

void Histogram::clear() {
  std::fill(buckets_.begin(), buckets_.end(), 0);
  count_ = 0;
}

Duration Histogram::percentile(double percent) const {
  CHECK(percent > 0 && percent <= 100);
  const double exact = std::ceil(percent / 100.0 * static_cast<double>(count_));
  const auto wanted = static_cast<std::uint64_t>(exact);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted && buckets_[i] > 0) return last_of(i);
  }
  return {};
}

}  // namespace quorate::bench
