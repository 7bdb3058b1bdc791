#include "sim/shrink.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "sim/process_trial.h"
#include "sim/scenario_parser.h"
#include "sim/shrink_report.h"
#include "sim/simpler_lines.h"
#include "sim/toy_node.h"

namespace quorate::sim {
namespace {

const Signature kFails{Verdict::SafetyViolated, "durability"};

// Judges a text by a function and counts what it was asked.
class FunctionTrial final : public Trial {
 public:
  explicit FunctionTrial(std::function<Signature(const std::string&)> judge)
      : judge_(std::move(judge)) {}
  std::vector<Signature> run(const std::vector<std::string>& texts) override {
    std::vector<Signature> out;
    for (const std::string& text : texts) out.push_back(judge_(text));
    runs += texts.size();
    return out;
  }
  bool out_of_time() override { return runs >= most_runs; }
  void progress(std::size_t, std::uint64_t) override {}

  std::size_t runs = 0;
  std::size_t most_runs = 100'000;

 private:
  std::function<Signature(const std::string&)> judge_;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string with_noise(std::size_t noise) {
  std::string out = "scenario: x\nmasters m1 m2 m3, quorum=2\nat 0s start m1 m2 m3\n";
  for (std::size_t i = 0; i < noise; ++i) {
    if (i == noise / 3) out += "at 20s cut {m1} | {m2}\n";
    if (i == noise / 2) out += "at 30s power-loss m3\n";
    out += "at 15s pause m" + std::to_string(1 + i % 3) + "\n";
  }
  return out;
}

TEST(Shrink, OneSectionIsTakenOutOfAFileWithItsHeader) {
  const std::string text =
      "scenario: x\nprofile: wan  # far\n\n[one]\nmasters m1 m2 m3, quorum=2\nat 0s start m1\n"
      "[two]\nmasters m1, quorum=1\nat 1s start m1\n\n[three]\nmasters m1\nat 2s start m1\n";
  const ParsedScenario parsed = parse_scenario("f", text);
  ASSERT_TRUE(parsed.mistakes.empty());
  const std::string two = only_section(text, parsed.scenario, 1);
  const ParsedScenario alone = parse_scenario("f", two);
  ASSERT_TRUE(alone.mistakes.empty()) << two;
  EXPECT_EQ(alone.scenario.profile, "wan");
  ASSERT_EQ(alone.scenario.sections.size(), 1u);
  EXPECT_EQ(alone.scenario.sections[0].name, "two");
  EXPECT_EQ(alone.scenario.sections[0].steps.size(), 1u);

  const std::string plain = "scenario: x\nmasters m1, quorum=1\nat 0s start m1\n";
  EXPECT_EQ(only_section(plain, parse_scenario("f", plain).scenario, 0), plain);
}

TEST(Shrink, FindsTheTwoEventsThatMeetAmongTwentyOthers) {
  for (std::size_t batch : {1u, 2u, 5u}) {
    FunctionTrial trial([](const std::string& text) {
      return has(text, "cut {m1") && has(text, "power-loss") ? kFails : Signature{};
    });
    const Shrunk shrunk = shrink(with_noise(20), kFails, trial, batch);
    EXPECT_TRUE(shrunk.reproduced);
    EXPECT_TRUE(shrunk.minimal);
    EXPECT_EQ(shrunk.events_before, 23u);
    EXPECT_EQ(shrunk.events, 2u) << shrunk.text;
    EXPECT_LT(trial.runs, 100u * batch);
  }
}

TEST(Shrink, SaysWhatHappensWithoutEachEventThatStayed) {
  FunctionTrial trial([](const std::string& text) -> Signature {
    if (has(text, "cut") && has(text, "power-loss")) return kFails;
    if (has(text, "cut")) return {Verdict::LivenessViolated, "eventually one leader"};
    return {};
  });
  const Shrunk shrunk = shrink(with_noise(6), kFails, trial, 2);
  ASSERT_EQ(shrunk.needs.size(), 2u);
  EXPECT_EQ(shrunk.needs[0].without, "pass");
  EXPECT_EQ(shrunk.needs[1].without, "liveness violated (eventually one leader)");
  const std::string file = shrunk_file(shrunk, kFails, 7, "abc");
  EXPECT_TRUE(has(file, "# Fails with seed 7: safety violated (durability). Build abc."));
  EXPECT_TRUE(has(file, "-> liveness violated")) << file;
}

TEST(Shrink, AnotherFailureIsNotTheSameFailure) {
  FunctionTrial trial([](const std::string& text) -> Signature {
    if (has(text, "cut")) return kFails;
    return {Verdict::SafetyViolated, "agreement"};
  });
  const Shrunk shrunk = shrink(with_noise(6), kFails, trial, 1);
  EXPECT_EQ(shrunk.events, 1u) << shrunk.text;
}

TEST(Shrink, WhatDoesNotFailIsLeftAsItIs) {
  FunctionTrial trial([](const std::string&) { return Signature{}; });
  const Shrunk shrunk = shrink(with_noise(3), kFails, trial, 1);
  EXPECT_FALSE(shrunk.reproduced);
  EXPECT_EQ(shrunk.events, shrunk.events_before);
}

TEST(Shrink, EndsWithWhatItHasWhenTheTimeIsOver) {
  FunctionTrial trial([](const std::string& text) {
    return has(text, "cut {m1") && has(text, "power-loss") ? kFails : Signature{};
  });
  trial.most_runs = 5;
  const Shrunk shrunk = shrink(with_noise(20), kFails, trial, 1);
  EXPECT_FALSE(shrunk.minimal);
  EXPECT_LT(shrunk.events, shrunk.events_before);
  EXPECT_TRUE(has(shrunk.text, "power-loss"));
}

TEST(Shrink, TakesSimplerValuesThatStillFail) {
  FunctionTrial trial([](const std::string& text) {
    return has(text, "kill") && has(text, "m2") ? kFails : Signature{};
  });
  const Shrunk shrunk = shrink(
      "scenario: x\nprofile: storm\nmasters m1 m2 m3, quorum=2, log_repair=peers\n"
      "at 12345ms kill m1 m2 m3 after 7\n",
      kFails, trial, 1);
  EXPECT_TRUE(has(shrunk.text, "at 10s kill m")) << shrunk.text;
  EXPECT_TRUE(has(shrunk.text, "profile:  lan"));
  EXPECT_FALSE(has(shrunk.text, "log_repair"));
  EXPECT_FALSE(has(shrunk.text, "after 7"));
}

TEST(SimplerLines, EachFormIsSimplerSoItComesToAnEnd) {
  std::string line = "at 12345ms cut {m1 m2} | {m3 zookeeper}";
  for (int steps = 0; !simpler_steps(line).empty(); ++steps) {
    ASSERT_LT(steps, 20) << line;
    line = simpler_steps(line).back();
  }
}

TEST(Signature, IsTheOracleOrTheStepWhateverItsLimit) {
  EXPECT_EQ(signature_of(Verdict::SafetyViolated, "", "durability: m1 lost w7").what, "durability");
  EXPECT_EQ(signature_of(Verdict::LivenessViolated, "eventually one leader within 95s as L", "x"),
            signature_of(Verdict::LivenessViolated, "eventually one leader within 20s", "y"));
  EXPECT_EQ(signature_of(Verdict::Nondeterminism, "kill m1", "z").what, "");
}

// The toy of the simulator with a bug planted around it: it ends with 65 once both m1 and m2 were
// started a second time. The world is the real one.
class TwoFaultsMeet final : public Trial {
 public:
  std::vector<Signature> run(const std::vector<std::string>& texts) override {
    std::vector<Signature> out;
    for (const std::string& text : texts) out.push_back(one(text));
    return out;
  }
  bool out_of_time() override { return false; }
  void progress(std::size_t, std::uint64_t) override {}

 private:
  class Buggy final : public NodeFactory {
   public:
    std::unique_ptr<Node> make(const HostSpec& spec, const Ports& ports,
                               std::uint64_t seed) override {
      ++starts[spec.name];
      if (starts["m1"] >= 2 && starts["m2"] >= 2)
        ports.process.fail_fast(Exit::LogCorrupt, "planted: both were started again");
      return toys.make(spec, ports, seed);
    }
    ToyFactory toys;
    std::map<std::string, int> starts;
  };

  static Signature one(const std::string& text) {
    Buggy factory;
    const ParsedScenario parsed = parse_scenario("t", text);
    if (!parsed.mistakes.empty()) return {Verdict::ScenarioError, {}};
    RunOptions options;
    options.replay_check = false;
    const RunResult result =
        run_section(parsed.scenario, parsed.scenario.sections.front(), 3, factory, options);
    return signature_of(result.verdict, result.step, result.text);
  }
};

TEST(Shrink, APlantedBugOfTwoFaultsIsShrunkToThemInTheSimulatedWorld) {
  std::string text =
      "scenario: planted\nmasters m1 m2 m3, quorum=2\nat 0s start m1 m2 m3\n"
      "expect one leader within 60s as L\nnever exit m1 code=65\nnever exit m2 code=65\n";
  for (int i = 0; i < 10; ++i) {
    const std::string second = std::to_string(20 + i);
    text += "at " + second + "s cut {m3} | {zk" + std::to_string(1 + i % 3) + "}\n";
    text += "at " + second + "300ms pause m3\n";
    if (i == 3) text += "at 23400ms kill m1\nat 23500ms start m1\n";
    if (i == 7) text += "at 27400ms power-loss m2\nat 27500ms start m2\n";
  }
  TwoFaultsMeet trial;
  const Signature wanted = trial.run({text}).front();
  ASSERT_EQ(wanted.verdict, Verdict::ExpectationNotMet) << to_text(wanted);
  const Shrunk shrunk = shrink(text, wanted, trial, 1);
  EXPECT_TRUE(shrunk.minimal);
  // Both crashes with their starts, the first start, and the line that saw it.
  EXPECT_LE(shrunk.events, 6u) << shrunk.text;
  EXPECT_TRUE(has(shrunk.text, "kill m1")) << shrunk.text;
  EXPECT_TRUE(has(shrunk.text, "power-loss m2")) << shrunk.text;
  EXPECT_FALSE(has(shrunk.text, "cut")) << shrunk.text;
}

}  // namespace
}  // namespace quorate::sim
