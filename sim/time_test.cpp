#include "sim/time.h"

#include <gtest/gtest.h>

#include "sim/world.h"

namespace quorate::sim {
namespace {

TEST(HostClock, WakesWhenItsOwnClockShowsTheTime) {
  for (std::int64_t rate : {0ll, 200'000'000ll, -300'000'000ll, 1ll}) {
    HostClock clock{1'000'000, 5, rate};
    for (std::int64_t ns : {1'000'000ll, 1'000'001ll, 77'000'000'000ll}) {
      SimTime when = clock.when(MonoTime{ns}, SimTime{0});
      EXPECT_GE(clock.mono(when).ns, ns);
      if (when.ns > 0) { EXPECT_LT(clock.mono(SimTime{when.ns - 1}).ns, ns); }
    }
  }
  EXPECT_EQ(HostClock{}.when(MonoTime::never(), SimTime{0}), SimTime::never());
}

TEST(HostClock, AFastClockIsAheadAndNeedsLessTrueTime) {
  HostClock fast{0, 0, 100'000'000};  // a tenth
  EXPECT_EQ(fast.mono(SimTime{1'000}).ns, 1'100);
  EXPECT_EQ(fast.truly(Duration{1'100}).ns, 1'000);
}

class Noting final : public Actor {
 public:
  void act(const Task& task) override { seen.push_back(task.kind); }
  std::vector<std::uint32_t> seen;
};

TEST(World, TasksRunInTheOrderOfTimeAndThenOfAsking) {
  World world(1);
  Noting actor;
  world.at(SimTime{20}, actor, {3, 0, 0});
  world.at(SimTime{10}, actor, {1, 0, 0});
  world.at(SimTime{10}, actor, {2, 0, 0});
  world.at(SimTime::never(), actor, {9, 0, 0});
  while (world.step(SimTime{15})) {}
  EXPECT_EQ(world.now(), SimTime{15});
  EXPECT_EQ(actor.seen, (std::vector<std::uint32_t>{1, 2}));
  world.at(SimTime{3}, actor, {4, 0, 0});  // has passed: at once
  while (world.step(SimTime{30})) {}
  EXPECT_EQ(actor.seen, (std::vector<std::uint32_t>{1, 2, 4, 3}));
}

TEST(World, TheHashTakesInWhoWhatWhenAndTheOrder) {
  auto hash = [](std::uint64_t who, std::string_view a, std::string_view b) {
    World world(1);
    world.hash(who, a);
    world.hash(who, b);
    return world.hash();
  };
  EXPECT_EQ(hash(1, "a", "b"), hash(1, "a", "b"));
  EXPECT_NE(hash(1, "a", "b"), hash(2, "a", "b"));
  EXPECT_NE(hash(1, "a", "b"), hash(1, "b", "a"));
  World later(1);
  later.step(SimTime{5});
  later.hash(1, "a");
  later.hash(1, "b");
  EXPECT_NE(later.hash(), hash(1, "a", "b"));
}

}  // namespace
}  // namespace quorate::sim
