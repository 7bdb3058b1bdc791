#include "master/base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

namespace quorate {
namespace {

std::vector<std::uint64_t> draws(RandomStream random, int count) {
  std::vector<std::uint64_t> result;
  for (int i = 0; i < count; ++i) result.push_back(random.next());
  return result;
}

// A change of these numbers is a change of every seed's run, and of every recorded one.
TEST(RandomStream, GivesTheSameNumbersAsEver) {
  EXPECT_EQ(draws(RandomStream(1, "network"), 3),
            (std::vector<std::uint64_t>{6185433944990241976u, 17889554893025448483u,
                                        18114651204432006484u}));
  EXPECT_EQ(draws(RandomStream(0, ""), 2),
            (std::vector<std::uint64_t>{6462926535050963950u, 10951855658649450988u}));

  RandomStream random(42, "disk");
  EXPECT_EQ(random.below(1000), 197u);
  EXPECT_EQ(random.between(-500, 500), -124);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(RandomStream, IsDeterminedByItsSeedAndName) {
  EXPECT_EQ(draws(RandomStream(7, "a"), 100), draws(RandomStream(7, "a"), 100));
  EXPECT_NE(draws(RandomStream(7, "a"), 4), draws(RandomStream(8, "a"), 4));
  EXPECT_NE(draws(RandomStream(7, "a"), 4), draws(RandomStream(7, "b"), 4));
}

TEST(RandomStream, ADrawMovesNoOtherStream) {
  RandomStream disk(7, "disk");
  RandomStream network(7, "network");
  for (int i = 0; i < 10; ++i) disk.next();

  EXPECT_EQ(draws(network, 10), draws(RandomStream(7, "network"), 10));
}

TEST(RandomStream, EachKindOfDrawTakesOneStep) {
  RandomStream plain(7, "a"), mixed(7, "a");
  for (int i = 0; i < 4; ++i) plain.next();
  mixed.below(10);
  mixed.between(-3, 3);
  mixed.chance_ppm(500'000);
  mixed.next();

  EXPECT_EQ(mixed.next(), plain.next());
}

TEST(RandomStream, RepeatsNoNumberSoon) {
  auto numbers = draws(RandomStream(7, "a"), 100'000);
  EXPECT_EQ(std::set<std::uint64_t>(numbers.begin(), numbers.end()).size(), numbers.size());
}

TEST(RandomStream, IsUniformBelowABound) {
  RandomStream random(7, "a");
  std::array<int, 10> hits{};
  for (int i = 0; i < 100'000; ++i) ++hits.at(random.below(10));

  for (int count : hits) EXPECT_NEAR(count, 10'000, 500);
}

TEST(RandomStream, ReachesBothEndsOfARange) {
  RandomStream random(7, "a");
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.between(-2, 2));

  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
  EXPECT_EQ(random.between(5, 5), 5);
  EXPECT_EQ(random.between(INT64_MIN, INT64_MIN), INT64_MIN);
}

TEST(RandomStream, DrawsFromTheWholeRangeToo) {
  RandomStream random(7, "a");
  bool negative = false, positive = false;
  for (int i = 0; i < 100; ++i) {
    std::int64_t draw = random.between(INT64_MIN, INT64_MAX);
    negative |= draw < 0;
    positive |= draw > 0;
  }
  EXPECT_TRUE(negative && positive);
}

TEST(RandomStream, ChancesAreOfAMillion) {
  RandomStream random(7, "a");
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) hits += random.chance_ppm(100'000) ? 1 : 0;

  EXPECT_NEAR(hits, 10'000, 500);
  EXPECT_FALSE(random.chance_ppm(0));
  EXPECT_TRUE(random.chance_ppm(1'000'000));
}

TEST(RandomStreamDeathTest, HasNoNumberBelowZeroAndNoneInAnEmptyRange) {
  RandomStream random(7, "a");
  EXPECT_DEATH(random.below(0), "bound > 0");
  EXPECT_DEATH(random.between(1, 0), "from <= to");
}

}  // namespace
}  // namespace quorate
