#include "master/base/time.h"

#include <gtest/gtest.h>

namespace quorate {
namespace {

TEST(Duration, CountsNanoseconds) {
  EXPECT_EQ(Duration::microseconds(1).ns, 1'000);
  EXPECT_EQ(Duration::milliseconds(1).ns, 1'000'000);
  EXPECT_EQ(Duration::seconds(1).ns, 1'000'000'000);
  EXPECT_EQ(Duration::minutes(2), Duration::seconds(120));
  EXPECT_EQ(Duration::nanoseconds(1'999'999).whole_milliseconds(), 1);
  EXPECT_DOUBLE_EQ(Duration::milliseconds(1500).in_seconds(), 1.5);
}

TEST(Duration, IsAddedSubtractedAndScaled) {
  EXPECT_EQ(Duration::seconds(1) + Duration::seconds(2), Duration::seconds(3));
  EXPECT_EQ(Duration::seconds(1) - Duration::seconds(2), Duration::seconds(-1));
  EXPECT_EQ(Duration::seconds(2) * 3, Duration::seconds(6));
  EXPECT_EQ(Duration::seconds(9) / 3, Duration::seconds(3));
  EXPECT_LT(Duration::seconds(-1), Duration{});
}

TEST(MonoTime, MovesByDurationsAndNeverIsAfterAll) {
  MonoTime at{5};
  EXPECT_EQ(at + Duration{3}, MonoTime{8});
  EXPECT_EQ(at - Duration{3}, MonoTime{2});
  EXPECT_EQ(MonoTime{8} - at, Duration{3});
  EXPECT_LT(at, MonoTime::never());
}

TEST(WallTime, IsToldInSeconds) { EXPECT_DOUBLE_EQ(WallTime{1'500'000'000}.in_seconds(), 1.5); }

}  // namespace
}  // namespace quorate
