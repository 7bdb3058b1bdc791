#include "sim/oracles.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace quorate::sim
