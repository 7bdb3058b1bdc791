#pragma once

#include <gtest/gtest.h>

#include <string>

#include "sim/log_world.h"

namespace quorate::sim {

// A history of a log that is told step by step: no faults and no clients but those of the test.
class LogStory {
 public:
  LogStory(std::uint32_t replicas, std::uint64_t seed,
           replicated_log::Repair repair = replicated_log::Repair::Never)
      : world(seed, {.replicas = replicas,
                     .bounds = faults::Bounds::Budget,
                     .kinds = {},
                     .schedule = faults::Schedule{},
                     .repair = repair,
                     .truncate_after_bytes = replicated_log::kNeverTruncate}) {
    world.start();
    EXPECT_TRUE(world.healthy_again(Duration::seconds(20))) << violation();
  }
  ~LogStory() { EXPECT_EQ(world.oracle().violation(), std::nullopt); }

  LogWorld world;

  LogHost& host(std::size_t n) { return world.host(n); }
  std::string violation() const { return world.oracle_text(); }
  void run(Duration time) { world.advance(time); }
  template <typename Condition>
  bool until(Condition condition, Duration at_most = Duration::seconds(15)) {
    return world.advance_until(condition, at_most) && condition();
  }
  // ZooKeeper lets n lead; an earlier leader is not told for a while.
  bool lead(std::size_t n) {
    return until([&] {
      if (host(n).opened() && !host(n).log().established()) world.elector().overtake(host(n));
      return host(n).opened() && host(n).log().established();
    });
  }
  // All vote, and nobody has anything to write.
  bool settle() {
    const bool healthy = world.healthy_again(Duration::seconds(20));
    run(Duration::milliseconds(200));
    return healthy;
  }
  void cut(std::vector<std::string> one, std::vector<std::string> other) {
    world.befall({.kind = faults::FaultKind::Cut, .sides = {std::move(one), std::move(other)}});
  }
  void heal() { world.befall({.kind = faults::FaultKind::Heal}); }
  void befall(faults::FaultKind kind, std::size_t n) {
    world.befall({.kind = kind, .targets = {faults::replica_name(n)}});
  }
  void append(std::size_t n, const Bytes& payload) {
    ASSERT_TRUE(host(n).opened() && host(n).log().established()) << payload;
    host(n).append(payload);
    host(n).flush();
  }
  bool acknowledged(const Bytes& payload) { return world.oracle().is_acknowledged(payload); }
  bool append_and_wait(std::size_t n, const Bytes& payload) {
    append(n, payload);
    return until([&] { return acknowledged(payload); });
  }
  // Whether this incarnation has handed it out, or a state that holds it.
  bool has(std::size_t n, const Bytes& payload) {
    const paxos::Position at = world.oracle().position_of(payload);
    return at.value != 0 && host(n).reader().at >= at;
  }
};

}  // namespace quorate::sim
