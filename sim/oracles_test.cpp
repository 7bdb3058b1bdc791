#include "sim/oracles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "master/base/random.h"

namespace quorate::sim {
namespace {

SimTime t(std::int64_t ns) { return SimTime{ns}; }

TEST(ScheduleKey, NamesTheMachinesInOrder) {
  EXPECT_EQ(schedule_key("{}"), "");
  EXPECT_EQ(schedule_key(R"({"windows":[{"machine_ids":[{"hostname":"b","ip":"1"}]},
                                        {"machine_ids":[{"hostname":"a"}]}]})"),
            "a/ b/1");
  EXPECT_EQ(schedule_key("no"), std::nullopt);
  EXPECT_EQ(schedule_key(R"({"windows":3})"), std::nullopt);
}

TEST(DurabilityOracle, TheLastAcknowledgedWriteMustBeRead) {
  DurabilityOracle oracle;
  auto a = oracle.began(t(10), "a");
  oracle.acknowledged(a, t(20));
  EXPECT_EQ(oracle.read(t(30), t(40), "a", "m1"), std::nullopt);
  auto b = oracle.began(t(50), "b");
  oracle.acknowledged(b, t(60));
  EXPECT_EQ(oracle.read(t(70), t(80), "b", "m1"), std::nullopt);
  EXPECT_NE(oracle.read(t(70), t(80), "a", "m1"), std::nullopt);
  EXPECT_NE(oracle.read(t(70), t(80), "", "m1"), std::nullopt);
}

TEST(DurabilityOracle, ConcurrentWritesMayWinInEitherOrder) {
  DurabilityOracle oracle;
  auto a = oracle.began(t(10), "a");
  auto b = oracle.began(t(15), "b");
  oracle.acknowledged(a, t(20));
  oracle.acknowledged(b, t(30));
  EXPECT_EQ(oracle.read(t(40), t(50), "a", "m1"), std::nullopt);
  EXPECT_EQ(oracle.read(t(40), t(50), "b", "m1"), std::nullopt);
}

TEST(DurabilityOracle, AnUnansweredWriteMayTakeEffectLateButOnlyOnce) {
  DurabilityOracle oracle;
  oracle.began(t(10), "lost");
  auto b = oracle.began(t(20), "b");
  oracle.acknowledged(b, t(30));
  EXPECT_EQ(oracle.read(t(40), t(50), "lost", "m1"), std::nullopt);
  auto c = oracle.began(t(60), "c");
  oracle.acknowledged(c, t(70));
  EXPECT_NE(oracle.read(t(80), t(90), "lost", "m1"), std::nullopt);
}

TEST(DurabilityOracle, AValueThatNobodyWroteIsAViolation) {
  DurabilityOracle oracle;
  EXPECT_EQ(oracle.read(t(1), t(2), "x", "m2"),
            "m2 showed the schedule {x} to a read from 0.000000s to 0.000000s, which nobody wrote");
}

TEST(DurabilityOracle, AReadMayShowAWriteThatIsStillUnderWay) {
  DurabilityOracle oracle;
  oracle.began(t(10), "a");
  EXPECT_EQ(oracle.read(t(5), t(12), "a", "m1"), std::nullopt);
  EXPECT_NE(oracle.read(t(5), t(9), "a", "m1"), std::nullopt);
}

TEST(DurabilityOracle, AfterAnUnforeseeableEffectAnythingMayBeRead) {
  DurabilityOracle oracle;
  auto a = oracle.began(t(10), "a b");
  oracle.acknowledged(a, t(20));
  oracle.acknowledged(oracle.anything_began(t(30)), t(40));
  EXPECT_EQ(oracle.read(t(50), t(60), "b", "m1"), std::nullopt);
  auto c = oracle.began(t(70), "c");
  oracle.acknowledged(c, t(80));
  EXPECT_NE(oracle.read(t(90), t(95), "b", "m1"), std::nullopt);
}

TEST(LeaderOracle, OneLeaderAfterAnotherIsLegal) {
  LeaderOracle oracle;
  EXPECT_EQ(oracle.confirmed({"m1", 1, t(1), t(2)}), std::nullopt);
  EXPECT_EQ(oracle.confirmed({"m2", 1, t(3), t(4)}), std::nullopt);
  EXPECT_EQ(oracle.confirmed({"m1", 2, t(5), t(6)}), std::nullopt);
}

TEST(LeaderOracle, AnAnswerThatOverlapsTheHandoverIsLegal) {
  LeaderOracle oracle;
  EXPECT_EQ(oracle.confirmed({"m1", 1, t(1), t(2)}), std::nullopt);
  EXPECT_EQ(oracle.confirmed({"m2", 1, t(4), t(5)}), std::nullopt);
  EXPECT_EQ(oracle.confirmed({"m1", 1, t(3), t(9)}), std::nullopt);
}

TEST(LeaderOracle, TheSameRunConfirmedBeforeAndAfterAnotherIsAViolation) {
  LeaderOracle oracle;
  EXPECT_EQ(oracle.confirmed({"m1", 1, t(1), t(2)}), std::nullopt);
  EXPECT_EQ(oracle.confirmed({"m2", 1, t(3), t(4)}), std::nullopt);
  EXPECT_NE(oracle.confirmed({"m1", 1, t(5), t(6)}), std::nullopt);
}

TEST(DurabilityOracle, AWriteThatAnOlderOneReplacedStaysReplaced) {
  DurabilityOracle oracle;
  oracle.acknowledged(oracle.began(t(10), "a"), t(20));
  oracle.acknowledged(oracle.began(t(30), "b"), t(40));
  oracle.began(t(50), "c");  // is not acknowledged
  EXPECT_NE(oracle.read(t(60), t(70), "a", "m1"), std::nullopt);
}

// --- Dumb twins, which go through all that came before

struct DumbWrite {
  std::string key;
  bool anything;
  SimTime began;
  SimTime acknowledged;
};

bool may_be_read(std::vector<DumbWrite>& writes, SimTime sent, SimTime done,
                 const std::string& key) {
  std::vector<DumbWrite*> possible;
  for (DumbWrite& write : writes) {
    if (!write.anything && write.key != key) continue;
    bool replaced = false;
    for (const DumbWrite& later : writes)
      replaced = replaced || (later.began > write.acknowledged && later.acknowledged < sent);
    if (write.began <= done && !replaced) possible.push_back(&write);
  }
  if (possible.size() == 1 && !possible[0]->anything &&
      possible[0]->acknowledged == SimTime::never())
    possible[0]->acknowledged = done;
  return !possible.empty();
}

TEST(DurabilityOracle, SaysTheSameAsGoingThroughAllWrites) {
  std::size_t good = 0, bad = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    RandomStream random(seed, "durability");
    DurabilityOracle oracle;
    std::vector<DumbWrite> writes = {{"", false, t(-1), t(-1)}};
    std::int64_t now = 1000;  // no time is before the run
    for (int i = 0; i < 25; ++i) {
      // Mostly forwards: a workload asks in the order of time.
      now += random.between(seed % 5 == 0 ? -10 : 0, 10);
      const std::uint64_t kind = random.below(20);
      const std::string key(1, static_cast<char>('a' + random.below(4)));
      if (kind == 0) {
        oracle.anything_began(t(now));
        writes.push_back({"", true, t(now), SimTime::never()});
      } else if (kind < 8) {
        oracle.began(t(now), key);
        writes.push_back({key, false, t(now), SimTime::never()});
      } else if (kind < 12) {
        const std::size_t which = random.below(writes.size());
        const SimTime at = t(std::max(now, writes[which].began.ns + 1));
        if (which > 0) oracle.acknowledged(which, at);
        if (which > 0) writes[which].acknowledged = std::min(writes[which].acknowledged, at);
      } else {
        const SimTime sent = t(now - random.between(0, 5));
        const bool expected = may_be_read(writes, sent, t(now), key);
        ++(expected ? good : bad);
        ASSERT_EQ(!oracle.read(sent, t(now), key, "m1").has_value(), expected)
            << "seed " << seed << ", step " << i;
      }
    }
  }
  EXPECT_GT(good, 5000u);
  EXPECT_GT(bad, 5000u);
}

bool two_led(const std::vector<LeaderOracle::Answer>& answers) {
  const LeaderOracle::Answer& last = answers.back();
  const auto own = [&](const auto& x) {
    return x.host == last.host && x.incarnation == last.incarnation;
  };
  for (const auto& first : answers)
    for (const auto& between : answers)
      if (own(first) && !own(between) && between.sent > first.done && between.done < last.sent)
        return true;
  return false;
}

TEST(LeaderOracle, SaysTheSameAsGoingThroughAllAnswers) {
  std::size_t good = 0, bad = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    RandomStream random(seed, "leaders");
    LeaderOracle oracle;
    std::vector<LeaderOracle::Answer> answers;
    std::int64_t now = 0;
    std::uint64_t leader = 0;
    for (int i = 0; i < 12; ++i) {
      if (random.below(4) == 0) leader = random.below(4);
      now += random.between(0, 12);
      const std::int64_t sent = now - random.between(0, 10);
      answers.push_back({leader % 2 == 0 ? "m1" : "m2", 1 + leader / 2, t(sent), t(now)});
      const bool expected = two_led(answers);
      ++(expected ? bad : good);
      ASSERT_EQ(oracle.confirmed(answers.back()).has_value(), expected)
          << "seed " << seed << ", step " << i;
    }
  }
  EXPECT_GT(good, 1000u);
  EXPECT_GT(bad, 1000u);
}

}  // namespace
}  // namespace quorate::sim
