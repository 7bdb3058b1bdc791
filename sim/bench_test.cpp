#include "sim/bench.h"

#include <gtest/gtest.h>

#include <map>

#include "master/base/json.h"
#include "sim/linearizability.h"
#include "sim/scenario_parser.h"

namespace quorate::sim {
namespace {

// A clock that moves by two seconds whenever somebody looks at it: no figure depends on the
// machine.
ProcessorClock two_seconds_a_look() {
  return [now = std::uint64_t{0}]() mutable { return now += 2'000'000'000; };
}

BenchSettings small() {
  BenchSettings settings;
  settings.first_seed = 3;
  settings.last_seed = 4;
  settings.steady_time = Duration::seconds(60);
  settings.core_events = 1000;
  settings.operations = 300;
  settings.shares = false;
  return settings;
}

// The schedule is read by the readers of every run.
TEST(Bench, TheSteadyScenarioHasNoMistakeAndTheAskedRates) {
  const ParsedScenario parsed = parse_scenario("steady", steady_scenario(Duration::minutes(2)));
  ASSERT_TRUE(parsed.mistakes.empty());
  std::map<std::string, int> each_second;
  for (const Step& step : parsed.scenario.sections.front().steps) {
    if (step.timing != Timing::Every || step.time != Duration::seconds(1)) continue;
    const auto& asked = std::get<ClientStep>(step.action);
    ++each_second[asked.generated_write ? "write" : asked.path];
  }
  EXPECT_EQ(each_second,
            (std::map<std::string, int>{{"/health", 3}, {"/metrics/snapshot", 3}, {"write", 1}}));
}

TEST(Bench, SteadyIsSimulatedTimeByProcessorTime) {
  const Measure measure = bench_steady(small(), two_seconds_a_look());
  EXPECT_EQ(measure.wrong, "");
  // 60 s and a little in 2 s: 1800 s, half an hour, in a minute.
  EXPECT_GE(measure.figure, 500u);
  EXPECT_LT(measure.figure, 510u);
  EXPECT_FALSE(measure.holds());
  EXPECT_EQ(measure.processor_ns, 2'000'000'000u);
  EXPECT_NE(measure.what.find("the best of 3 runs"), std::string::npos) << measure.what;
}

TEST(Bench, TheCheapestOfTheSteadyRunsCounts) {
  // Looks come in pairs, before and after a run: 4 s, 2 s, 6 s.
  const std::vector<std::uint64_t> seconds = {0, 4, 10, 12, 20, 26};
  std::size_t look = 0;
  const ProcessorClock clock = [&] { return seconds.at(look++) * 1'000'000'000; };
  const Measure measure = bench_steady(small(), clock);
  EXPECT_EQ(measure.wrong, "");
  EXPECT_EQ(measure.processor_ns, 2'000'000'000u);
  EXPECT_EQ(look, seconds.size());
}

TEST(Bench, StormIsMeasuredOverAllSeeds) {
  const Measure measure = bench_storm(small(), two_seconds_a_look());
  EXPECT_EQ(measure.wrong, "");
  EXPECT_NE(measure.what.find("2 seeds"), std::string::npos) << measure.what;
  EXPECT_GT(measure.figure, 0u);

  const Measure seed = bench_storm_seed(small(), two_seconds_a_look());
  EXPECT_EQ(seed.wrong, "");
  // Figures are of the same runs: hours a minute = 5 simulated minutes / CPU-s of them.
  const std::uint64_t hours = 300 * 60 * 1000 / 3600 * 1000 / seed.figure;
  EXPECT_NEAR(static_cast<double>(hours), static_cast<double>(measure.figure),
              static_cast<double>(hours) / 20);
}

TEST(Bench, TheCoreTakesTheRecordedEventsAsOftenAsAsked) {
  BenchSettings settings = small();
  settings.core_events = 30'000;  // more than a minute of them
  const Measure measure = bench_core(settings, two_seconds_a_look());
  EXPECT_EQ(measure.wrong, "");
  EXPECT_GE(measure.figure, 15'000'000u);  // in 2 s, in thousandths
  EXPECT_LT(measure.figure, 25'000'000u);
}

TEST(Bench, LinearizabilityIsMeasuredOnLegalHistories) {
  const Measure measure = bench_linearizability(small(), two_seconds_a_look());
  EXPECT_EQ(measure.wrong, "");
  EXPECT_EQ(measure.figure, 2000u);
  EXPECT_FALSE(measure.holds());  // at most one second
  for (bool modes : {false, true}) {
    std::vector<RegistryOperation> history = drawn_history(1, 4, 500, modes);
    EXPECT_EQ(history.size(), 500u);
    EXPECT_EQ(check_linearizable(history).result, LinearResult::Linearizable);
    // And the check sees what it is given: a read of what nobody wrote.
    RegistryOperation read;
    read.call = RegistryCall::ReadSchedule;
    read.machines = {"nobody"};
    read.begins = SimTime{1'000'000};
    read.ends = SimTime{1'000'001};
    history.push_back(read);
    EXPECT_EQ(check_linearizable(history).result, LinearResult::Violated);
  }
}

TEST(Bench, AFailedRunHoldsNoGoal) {
  Measure measure{.goal = "G1", .name = "steady", .what = "a run", .unit = "hours"};
  measure.figure = 60'000;
  measure.limit = 50'000;
  EXPECT_TRUE(measure.holds());
  EXPECT_NE(to_text({measure}).find("60.000"), std::string::npos);
  EXPECT_NE(to_text({measure}).find("holds"), std::string::npos);
  measure.figure = 49'999;
  EXPECT_NE(to_text({measure}).find("not reached"), std::string::npos);
  measure.figure = 60'000;
  measure.wrong = "seed 1: safety violated";
  EXPECT_FALSE(measure.holds());
  EXPECT_NE(to_text({measure}).find("FAILED: seed 1"), std::string::npos);
}

TEST(Bench, JsonHasEachMeasureWithItsShares) {
  Measure measure{.goal = "G16", .name = "linearizability", .what = "a check", .unit = "CPU-s"};
  measure.figure = 250;
  measure.limit = 1000;
  measure.at_least = false;
  measure.samples = 10;
  measure.shares = {{"oracles", 900}, {"dispatch, other", 100}};
  Result<Json> parsed = parse_json(json_text({measure}, "abc"));
  ASSERT_TRUE(parsed.has_value());
  const Json& one = parsed->find("measures")->array()->front();
  EXPECT_EQ(*one.find("rule")->string(), "at most");
  EXPECT_EQ(*one.find("unit")->string(), "CPU-s");
  EXPECT_NE(one.find("shares_per_mille")->find("oracles"), nullptr);
  EXPECT_NE(to_text({measure}).find("90.0 %"), std::string::npos);
}

TEST(CostKind, TheReplayCheckAndOraclesHoldWhateverTheyCall) {
  EXPECT_EQ(cost_kind({"_ZN7quorate5xxh3_E", "_ZN7quorate6Master6handleE",
                       "_ZN7quorate3sim6Replay4stepEv"}),
            "replay check");
  EXPECT_EQ(cost_kind({"", "_ZN7quorate10parse_jsonE", "_ZN7quorate3sim8Workload5judgeE"}),
            "oracles");
}

TEST(CostKind, OtherwiseTheInnermostKnownFunctionDecides) {
  EXPECT_EQ(cost_kind({"malloc", "_ZN7quorate10JsonWriter3keyE", "_ZN7quorate6Master6handleE"}),
            "JSON");
  EXPECT_EQ(cost_kind({"", "_ZN7quorate6Master6handleE", "_ZN7quorate3sim6Fabric7deliverE"}),
            "master code");
  EXPECT_EQ(cost_kind({"_ZN7quorate3sim6Fabric5writeE", "_ZN7quorate6Master6handleE"}),
            "simulated network");
  EXPECT_EQ(cost_kind({"", "main"}), "dispatch, other");
}

}  // namespace
}  // namespace quorate::sim
