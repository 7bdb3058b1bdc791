#include "master/election/backoff.h"

#include <gtest/gtest.h>

namespace quorate::election {
namespace {

TEST(Backoff, StartsAtTwoSecondsAndDoublesToSixty) {
  Backoff backoff(1, "test");
  Now now;
  EXPECT_TRUE(backoff.due(now));

  for (std::int64_t seconds : {2, 4, 8, 16, 32, 60, 60}) {
    backoff.failed(now);
    Duration wait = backoff.deadline() - now.mono;
    EXPECT_GE(wait, Duration::seconds(seconds));
    EXPECT_LE(wait, Duration::seconds(seconds) + Duration::seconds(seconds) / 10);
    EXPECT_FALSE(backoff.due(now));
    now.mono = backoff.deadline();
    EXPECT_TRUE(backoff.due(now));
  }
}

TEST(Backoff, BeginsAnewAfterASuccessButNotAfterAReconnection) {
  Backoff backoff(1, "test");
  backoff.failed({});
  backoff.failed({});
  backoff.at_once();
  EXPECT_TRUE(backoff.due({}));
  backoff.failed({});
  EXPECT_GE(backoff.deadline(), MonoTime{} + Duration::seconds(8));

  backoff.succeeded();
  EXPECT_EQ(backoff.deadline(), MonoTime::never());
  backoff.failed({});
  EXPECT_LT(backoff.deadline(), MonoTime{} + Duration::seconds(3));
}

}  // namespace
}  // namespace quorate::election
