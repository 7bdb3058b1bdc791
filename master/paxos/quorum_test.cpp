#include "master/paxos/quorum.h"

#include <gtest/gtest.h>

#include "master/base/random.h"

namespace quorate::paxos {
namespace {

// The dumb twin: tries every position that is a match, and counts.
Position counted(const std::vector<Position>& matches, std::uint32_t quorum) {
  Position best{0};
  for (Position candidate : matches) {
    std::uint32_t count = 0;
    for (Position match : matches) count += match >= candidate ? 1 : 0;
    if (count >= quorum && candidate > best) best = candidate;
  }
  return best;
}

TEST(Quorum, AnyTwoMajoritiesMeet) {
  for (std::uint32_t n = 1; n <= 9; ++n) {
    EXPECT_GT(2 * majority_of(n), n);
    EXPECT_LE(2 * (majority_of(n) - 1), n);
  }
}

TEST(Quorum, IsNotReachedByFewerVotersThanItNeeds) {
  EXPECT_EQ(held_by_quorum({}, 1), Position{0});
  EXPECT_EQ(held_by_quorum({Position{9}}, 2), Position{0});
}

TEST(Quorum, TheMedianOfAMajorityIsHeldByIt) {
  EXPECT_EQ(held_by_quorum({Position{3}, Position{9}, Position{5}}, 2), Position{5});
  EXPECT_EQ(held_by_quorum({Position{3}}, 1), Position{3});
}

TEST(Quorum, AgreesWithCounting) {
  RandomStream random(1, "quorum");
  for (int i = 0; i < 20000; ++i) {
    std::vector<Position> matches(random.below(8));
    for (Position& match : matches) match = Position{random.below(6)};
    const auto quorum = static_cast<std::uint32_t>(1 + random.below(6));
    ASSERT_EQ(held_by_quorum(matches, quorum), counted(matches, quorum));
  }
}

}  // namespace
}  // namespace quorate::paxos
