#include "bench/tally.h"

#include <gtest/gtest.h>

namespace quorate::bench {
namespace {

using paxos::Position;

TEST(Tally, IsEqualOnlyForEqualEntriesInTheSameOrder) {
  Tally one, same, other, turned;
  one.apply(Position{1}, "a");
  one.apply(Position{3}, "b");
  same.apply(Position{1}, "a");
  same.apply(Position{3}, "b");
  other.apply(Position{1}, "a");
  other.apply(Position{3}, "c");
  turned.apply(Position{1}, "b");
  turned.apply(Position{3}, "a");

  EXPECT_EQ(one, same);
  EXPECT_EQ(one.entries, 2u);
  EXPECT_NE(one, other);
  EXPECT_NE(one, turned);
}

}  // namespace
}  // namespace quorate::bench
