#include "bench/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "master/base/random.h"

namespace quorate::bench {
namespace {

TEST(Histogram, IsZeroWhenEmpty) {
  EXPECT_EQ(Histogram().count(), 0u);
  EXPECT_EQ(Histogram().percentile(50), Duration{});
}

TEST(Histogram, KeepsSmallValuesExactly) {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.add(Duration::nanoseconds(i));

  EXPECT_EQ(histogram.count(), 100u);
  EXPECT_EQ(histogram.percentile(1).ns, 1);
  EXPECT_EQ(histogram.percentile(50).ns, 50);
  EXPECT_EQ(histogram.percentile(99).ns, 99);
  EXPECT_EQ(histogram.percentile(99.9).ns, 100);
  EXPECT_EQ(histogram.percentile(100).ns, 100);
}

// The dumb twin: sort them all and count.
TEST(Histogram, IsNeverBelowTheSortedValuesAndAtMostOnePartIn128Above) {
  constexpr std::uint64_t kSeed = 7;
  RandomStream random(kSeed, "histogram test");
  Histogram histogram;
  std::vector<std::int64_t> sorted;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = random.below(40);
    sorted.push_back(random.between(0, std::int64_t{1} << bits));
    histogram.add(Duration::nanoseconds(sorted.back()));
  }
  std::sort(sorted.begin(), sorted.end());

  for (double percent : {0.01, 1.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    const auto rank = static_cast<std::size_t>(
        std::max(0.0, std::ceil(percent / 100 * static_cast<double>(sorted.size())) - 1));
    const std::int64_t exact = sorted[rank];
    EXPECT_GE(histogram.percentile(percent).ns, exact) << percent << ", seed " << kSeed;
    EXPECT_LE(histogram.percentile(percent).ns, exact + exact / 128 + 1)
        << percent << ", seed " << kSeed;
  }
}

TEST(Histogram, TakesAnythingAndForgetsWhenCleared) {
  Histogram histogram;
  histogram.add(Duration::nanoseconds(-5));
  histogram.add(Duration::seconds(1'000'000));
  EXPECT_EQ(histogram.percentile(50), Duration{});
  EXPECT_GE(histogram.percentile(100), Duration::minutes(60));

  histogram.clear();

  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.percentile(100), Duration{});
}

}  // namespace
}  // namespace quorate::bench
