#include "master/base/check.h"

#include <gtest/gtest.h>

#include "master/base/result.h"

namespace quorate {
namespace {

TEST(CheckDeathTest, ABrokenInvariantAbortsAndSaysWhatAndWhere) {
  int index = 3;
  EXPECT_EXIT(CHECK(index < 3), testing::KilledBySignal(SIGABRT),
              "broken invariant: index < 3 \\(.*check_test.cpp:");
}

TEST(Check, EvaluatesItsConditionOnce) {
  int evaluations = 0;
  CHECK(++evaluations > 0);
  EXPECT_EQ(evaluations, 1);
}

TEST(Result, HoldsAValueOrTheReasonWhyThereIsNone) {
  Result<int> value = 5;
  Result<int> none = failure("no number at byte 3");

  EXPECT_EQ(*value, 5);
  EXPECT_FALSE(none);
  EXPECT_EQ(none.error(), Error{"no number at byte 3"});
}

}  // namespace
}  // namespace quorate
