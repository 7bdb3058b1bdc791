#include "sim/scenario_generator.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <variant>

#include "faults/budget.h"
#include "sim/fault_drawer.h"
#include "sim/scenario_files.h"

namespace quorate::sim {
namespace {

using faults::Fault;
using faults::FaultKind;

constexpr std::uint64_t kSeedsOfEach = 75;  // of seven profiles: 525 scenarios

template <typename Judge>
void for_each_drawn(const Judge& judge) {
  for (std::string_view profile : campaign_profiles()) {
    for (std::uint64_t seed = 1; seed <= kSeedsOfEach; ++seed) {
      SCOPED_TRACE(std::string(profile) + " seed " + std::to_string(seed));
      const std::string text = generate_scenario(profile, seed);
      judge(parse_scenario("drawn", text), text);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(ScenarioGenerator, WhatItWritesHasNoMistake) {
  for_each_drawn([](const ParsedScenario& parsed, const std::string& text) {
    for (const Mistake& mistake : parsed.mistakes)
      ADD_FAILURE() << to_text("drawn", mistake) << "\n" << text;
  });
}

TEST(ScenarioGenerator, ASeedGivesOneTextAndAnotherSeedAnother) {
  EXPECT_EQ(generate_scenario("storm", 7), generate_scenario("storm", 7));
  EXPECT_NE(generate_scenario("storm", 7), generate_scenario("storm", 8));
  EXPECT_NE(generate_scenario("storm", 7), generate_scenario("lan", 7));
}

// The faults between two `eventually` are a phase. Names like L and other1 are of masters that lose
// nothing: what costs votes names its master.
TEST(ScenarioGenerator, EveryPhaseIsWithinTheFaultBudget) {
  for_each_drawn([](const ParsedScenario& parsed, const std::string& text) {
    const Section& section = parsed.scenario.sections.at(0);
    const auto replicas = static_cast<std::uint32_t>(section.masters.size());
    faults::Phase phase;
    std::set<std::string> lost;
    for (const Step& step : section.steps) {
      if (std::holds_alternative<EventuallyStep>(step.action)) {
        EXPECT_EQ(faults::over_budget(phase, replicas).value_or(""), "") << text;
        phase = {};
      }
      const Fault* fault = std::get_if<Fault>(&step.action);
      const bool drawn = step.timing == Timing::At && step.time > Duration{0};
      if (fault == nullptr || !drawn) continue;
      phase.faults.push_back({step.time, *fault});
      if (faults::description_of(fault->kind).cost != faults::Cost::Nothing)
        lost.insert(fault->targets.begin(), fault->targets.end());
    }
    EXPECT_LE(lost.size(), (replicas - 1) / 2) << text;
  });
}

// Quorums of different sizes overlap while none is smaller than a majority. In the end each has its
// right one again.
TEST(ScenarioGenerator, AMistakenQuorumIsTooLargeAndIsPutRight) {
  std::size_t mistaken = 0;
  for_each_drawn([&](const ParsedScenario& parsed, const std::string& text) {
    const Section& section = parsed.scenario.sections.at(0);
    const std::string right = "quorum=" + std::to_string(section.masters.size() / 2 + 1);
    std::map<std::string, std::string> quorums;
    for (const Step& step : section.steps) {
      const auto* fault = std::get_if<Fault>(&step.action);
      if (fault == nullptr) continue;
      EXPECT_NE(fault->kind, FaultKind::StartExtra) << text;
      for (const std::string& flag : fault->flags) {
        if (!flag.starts_with("quorum=")) continue;
        EXPECT_GE(flag, right) << text;  // of one digit
        mistaken += flag > right ? 1 : 0;
        quorums[fault->targets.at(0)] = flag;
      }
    }
    for (const auto& [master, quorum] : quorums) EXPECT_EQ(quorum, right) << master << "\n" << text;
  });
  EXPECT_GT(mistaken, 5u);
}

TEST(ScenarioGenerator, EndsWithLivenessAndAnAcknowledgedWrite) {
  for_each_drawn([](const ParsedScenario& parsed, const std::string&) {
    const std::vector<Step>& steps = parsed.scenario.sections.at(0).steps;
    ASSERT_GE(steps.size(), 3u);
    EXPECT_TRUE(std::holds_alternative<EventuallyStep>(steps[steps.size() - 3].action));
    EXPECT_TRUE(std::holds_alternative<EventuallyStep>(steps[steps.size() - 2].action));
    const auto* last = std::get_if<ClientStep>(&steps.back().action);
    ASSERT_NE(last, nullptr);
    EXPECT_TRUE(last->generated_write);
    EXPECT_EQ(last->status, 200);
  });
}

TEST(ScenarioGenerator, EveryKindThatItKnowsComesAndNoneComesInEverySeed) {
  std::map<FaultKind, std::size_t> seeds_with;
  std::size_t seeds = 0;
  for_each_drawn([&](const ParsedScenario& parsed, const std::string&) {
    ++seeds;
    std::set<FaultKind> kinds;
    for (const Step& step : parsed.scenario.sections.at(0).steps)
      if (const auto* fault = std::get_if<Fault>(&step.action);
          fault != nullptr && step.timing == Timing::At && step.time > Duration{0})
        kinds.insert(fault->kind);
    for (FaultKind kind : kinds) ++seeds_with[kind];
  });
  for (FaultKind kind : drawable_kinds()) {
    EXPECT_GT(seeds_with[kind], 5u) << faults::description_of(kind).name;
    EXPECT_LT(seeds_with[kind], seeds * 9 / 10) << faults::description_of(kind).name;
  }
}

TEST(FaultDrawer, WhatCostsVotesBefallsOnlyWhoMayLoseThem) {
  RandomStream random(1, "test");
  FaultGround ground{{"m1", "m2", "m3"}, {"m2"}, {}, 3, Duration::seconds(60)};
  for (const faults::FaultDescription& each : faults::fault_kinds()) {
    if (each.cost == faults::Cost::Nothing) continue;
    for (int i = 0; i < 20; ++i)
      for (const faults::TimedFault& fault :
           draw_fault(each.kind, Duration::seconds(1), ground, random))
        EXPECT_EQ(fault.fault.targets, std::vector<std::string>{"m2"}) << to_text(fault.fault);
  }
  ground.lost.clear();
  EXPECT_TRUE(draw_fault(FaultKind::Wipe, Duration{0}, ground, random).empty());
}

}  // namespace
}  // namespace quorate::sim
