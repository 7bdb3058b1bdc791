#include <gtest/gtest.h>

#include <algorithm>

#include "tests/contract/port_world.h"

namespace quorate::contract {
namespace {

constexpr Duration kSoon = Duration::milliseconds(20);
constexpr Duration kLater = Duration::milliseconds(120);

std::size_t woken(const PortWorld& world) { return world.all<Woken>().size(); }

void a_passed_time_is_delivered_next(PortWorld& world) {
  world.clock().wake_at(world.now() - Duration::seconds(1));
  EXPECT_TRUE(world.run_until_count<Woken>(1));
}

void never_before_its_time(PortWorld& world) {
  const MonoTime at = world.now() + kSoon;
  world.clock().wake_at(at);
  ASSERT_TRUE(world.run_until_count<Woken>(1));
  EXPECT_GE(world.times.back(), at);
}

void once_for_each_call(PortWorld& world) {
  world.clock().wake_at(world.now() + kSoon);
  world.run_for(kLater);
  EXPECT_EQ(woken(world), 1u);
}

void a_later_call_with_a_later_time_replaces(PortWorld& world) {
  const MonoTime at = world.now() + kLater;
  world.clock().wake_at(world.now() + kSoon);
  world.clock().wake_at(at);
  ASSERT_TRUE(world.run_until_count<Woken>(1));
  EXPECT_GE(world.times.back(), at);
  world.run_for(kLater);
  EXPECT_EQ(woken(world), 1u);
}

void a_later_call_with_an_earlier_time_replaces(PortWorld& world) {
  const MonoTime late = world.now() + Duration::seconds(20);
  world.clock().wake_at(late);
  world.clock().wake_at(world.now() + kSoon);
  ASSERT_TRUE(world.run_until_count<Woken>(1));
  EXPECT_LT(world.times.back(), late);
  world.run_for(kLater);
  EXPECT_EQ(woken(world), 1u);
}

void never_cancels(PortWorld& world) {
  world.clock().wake_at(world.now() + kSoon);
  world.clock().wake_at(MonoTime::never());
  world.run_for(kLater);
  EXPECT_EQ(woken(world), 0u);
}

void can_be_asked_again(PortWorld& world) {
  for (std::size_t i = 1; i <= 3; ++i) {
    world.clock().wake_at(world.now() + kSoon);
    ASSERT_TRUE(world.run_until_count<Woken>(i));
  }
  EXPECT_TRUE(std::is_sorted(world.times.begin(), world.times.end()));
}

}  // namespace

std::vector<PortCase> clock_cases() {
  return {{"a_passed_time_is_delivered_next", &a_passed_time_is_delivered_next},
          {"never_before_its_time", &never_before_its_time},
          {"once_for_each_call", &once_for_each_call},
          {"a_later_time_replaces", &a_later_call_with_a_later_time_replaces},
          {"an_earlier_time_replaces", &a_later_call_with_an_earlier_time_replaces},
          {"never_cancels", &never_cancels},
          {"can_be_asked_again", &can_be_asked_again}};
}

}  // namespace quorate::contract
