#include "sim/scenario_runner.h"

#include <gtest/gtest.h>

#include "sim/scenario_parser.h"
#include "sim/toy_node.h"

namespace quorate::sim {
namespace {

RunResult run(const std::string& steps, std::uint64_t seed = 1, bool broken = false) {
  ParsedScenario parsed = parse_scenario("f", "scenario: x\nmasters m1 m2 m3\n" + steps);
  for (const Mistake& m : parsed.mistakes) ADD_FAILURE() << m.line << ": " << m.text;
  ToyFactory factory;
  factory.broken = broken;
  return run_section(parsed.scenario, parsed.scenario.sections.at(0), seed, factory, {});
}

constexpr const char* kLeader = "at 0s start m1 m2 m3\nexpect one leader within 20s as L\n";

void expect_pass(const std::string& steps) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    RunResult result = run(kLeader + steps, seed);
    EXPECT_EQ(result.verdict, Verdict::Pass) << "seed " << seed << ": " << result.text;
  }
}

TEST(ScenarioRunner, ALeaderIsFoundAndServes) {
  expect_pass(
      "client write via L -> 200\nclient GET /maintenance/schedule via L -> 200 body contains "
      "\"w1\"\n");
}

TEST(ScenarioRunner, AStandbyRedirectsAndTheRedirectIsFollowedWhenAsked) {
  expect_pass(
      "client POST /maintenance/schedule {} via other1 -> 307 location=L\n"
      "client POST /maintenance/schedule {} via other1 follow -> 200\n"
      "client GET /maintenance/schedule -> 200\n");
}

TEST(ScenarioRunner, ALeaderCutFromZookeeperExitsWith69) {
  expect_pass(
      "at 20s cut {L} | {zookeeper}\nexpect exit L code=69 within 15s\n"
      "expect leader not L within 20s\neventually all masters agree\n");
}

// The clients of `every` take two turns between two attempts, so that taking turns with them would
// come back to the same one of three masters.
TEST(ScenarioRunner, WhoTriesAgainAsksAnotherMaster) {
  for (const char* pause : {"20s", "20100ms", "20200ms"})
    expect_pass(std::string("kill other1\nevery 150ms client GET /health\nafter ") + pause +
                " client GET /health -> 200 within 5s\n");
}

TEST(ScenarioRunner, WhoIsBusyWithASlowProcessorWasResumedAllTheSame) {
  expect_pass("at 20s slow-cpu L by 300ms\nat 22s pause L\nat 24s resume L\n");
}

TEST(ScenarioRunner, AKilledLeaderStaysDownUntilItIsStarted) {
  expect_pass("kill L\nexpect down L for 10s\nstart L\nexpect running L\n");
}

TEST(ScenarioRunner, AnExpectationThatIsNotMetNamesItsLine) {
  RunResult result = run(std::string(kLeader) + "expect exit L within 5s\n");
  EXPECT_EQ(result.verdict, Verdict::ExpectationNotMet);
  EXPECT_EQ(result.line, 5u);
  EXPECT_EQ(result.step, "expect exit L within 5s");
}

TEST(ScenarioRunner, WhatTheLastStepBringsIsJudged) {
  const RunResult result = run(std::string(kLeader) + "never exit L\nkill L\n");
  EXPECT_EQ(result.verdict, Verdict::ExpectationNotMet);
  EXPECT_EQ(result.step, "never exit L");
}

TEST(ScenarioRunner, AnEventualityThatDoesNotComeIsALivenessViolation) {
  EXPECT_EQ(run("start m1\neventually leader m2 within 20s\n").verdict, Verdict::LivenessViolated);
}

TEST(ScenarioRunner, AToyThatForgetsAtFailoverViolatesDurability) {
  RunResult result = run(std::string(kLeader) +
                         "client write via L -> 200\nkill L\nexpect leader not L within 20s\n");
  EXPECT_EQ(result.verdict, Verdict::SafetyViolated);
  EXPECT_NE(result.text.find("durability: "), std::string::npos) << result.text;
}

TEST(ScenarioRunner, AHazardThatIsDetectedPassesAndNamesItsOracle) {
  const std::string steps =
      std::string(kLeader) + "client write via L -> 200\nkill L\nhazard durability within 20s\n";
  RunResult result = run(steps);
  EXPECT_EQ(result.verdict, Verdict::Pass) << result.text;
  EXPECT_TRUE(result.hazards.contains("durability"));
  EXPECT_NE(result.hazards["durability"].find("durability: "), std::string::npos);
}

TEST(ScenarioRunner, AHazardThatNobodyDetectsIsAnExpectationNotMet) {
  EXPECT_EQ(run(std::string(kLeader) + "hazard durability within 5s\n").verdict,
            Verdict::ExpectationNotMet);
}

TEST(ScenarioRunner, AnotherViolationThanTheHazardStaysAFailure) {
  EXPECT_EQ(run(std::string(kLeader) +
                "client write via L -> 200\nkill L\nexpect leader not L within 20s\n"
                "hazard agreement within 5s\n")
                .verdict,
            Verdict::SafetyViolated);
}

// Which master L is is known at run time only.
TEST(ScenarioRunner, ARunOverTheBudgetIsAScenarioError) {
  const std::string steps = std::string(kLeader) + "wipe L\nwipe m1\nwipe m2\n";
  ParsedScenario parsed = parse_scenario("f", "scenario: x\nmasters m1 m2 m3, quorum=3\n" + steps);
  ASSERT_TRUE(parsed.mistakes.empty()) << parsed.mistakes.front().text;
  int over = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ToyFactory factory;
    RunResult result =
        run_section(parsed.scenario, parsed.scenario.sections.at(0), seed, factory, {});
    over += result.verdict == Verdict::ScenarioError ? 1 : 0;
  }
  EXPECT_GT(over, 0);
  EXPECT_LT(over, 20);
}

TEST(ScenarioRunner, NoWritesHoldsWhileNobodyLeadsAndIsBrokenByALeader) {
  EXPECT_EQ(run("expect no writes for 5s\n").verdict, Verdict::Pass);
  EXPECT_EQ(run(std::string(kLeader) + "expect no writes for 5s\n").verdict,
            Verdict::ExpectationNotMet);
}

TEST(ScenarioRunner, WhatNeverMayBeIsWatchedFromItsLineOn) {
  RunResult result = run(std::string(kLeader) + "never down L\nat 30s kill L\nat 40s heal\n");
  EXPECT_EQ(result.verdict, Verdict::ExpectationNotMet);
  EXPECT_EQ(result.line, 5u);
}

TEST(ScenarioRunner, ANeverMeansTheMasterThatItsNameMeantThere) {
  expect_pass("never exit other1\nkill L\nexpect leader not L within 20s as N\nkill L\n");
}

TEST(ScenarioRunner, AnExitInThePastBreaksANever) {
  EXPECT_EQ(run(std::string(kLeader) + "kill L\nnever exit L\nat 30s heal\n").verdict,
            Verdict::ExpectationNotMet);
}

TEST(ScenarioRunner, AfterAnEventWaitsForIt) {
  expect_pass("cut L | zookeeper\nafter exit L code=69 +2s heal\nexpect running L\n");
}

TEST(ScenarioRunner, APausedLeaderLeavesWhenItGoesOn) {
  expect_pass(
      "pause L\nexpect leader not L within 20s\nresume L\nexpect exit L code=69 within 5s\n");
}

TEST(ScenarioRunner, ANodeThatIsNotAFunctionOfItsEventsIsFound) {
  EXPECT_EQ(run(std::string(kLeader) + "at 10s kill m1\n", 1, true).verdict,
            Verdict::Nondeterminism);
}

TEST(ScenarioRunner, ZookeeperWithoutItsMajorityEndsTheLeader) {
  expect_pass(
      "stop zk1 zk2\nexpect exit L code=69 within 15s\nexpect no leader for 5s\nstart zk1\n"
      "eventually one leader\n");
}

TEST(ScenarioRunner, WritesGoOnInTheBackground) {
  RunResult result =
      run(std::string(kLeader) + "every 500ms client write\nat 30s expect one leader\n");
  EXPECT_EQ(result.verdict, Verdict::Pass) << result.text;
  EXPECT_GT(result.acknowledged_writes, 20u);
}

}  // namespace
}  // namespace quorate::sim
