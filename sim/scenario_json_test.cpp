#include "sim/scenario_json.h"

#include <gtest/gtest.h>

#include "sim/scenario_files.h"
#include "sim/scenario_generator.h"

namespace quorate::sim {
namespace {

// What a scenario means, as text: without lines of the file.
std::string meaning(std::string_view text) {
  const ParsedScenario parsed = parse_scenario("f", text);
  EXPECT_TRUE(parsed.mistakes.empty());
  const Scenario& s = parsed.scenario;
  std::string out = s.name + "|" + s.about + "|" + s.world + "|" + std::to_string(s.first_seed) +
                    "|" + std::to_string(s.last_seed) + "|" + s.profile + "|" +
                    std::to_string(s.zookeeper_servers) + "|" +
                    std::to_string(s.session_timeout.ns) + "\n";
  for (const Section& section : s.sections) {
    out += "[" + section.name + "]" + (section.supervised ? "" : " alone");
    for (const std::string& master : section.masters) out += " " + master;
    for (const std::string& flag : section.flags) out += ", " + flag;
    out += "\n";
    for (const Step& step : section.steps) out += step.text + "\n";
  }
  return out;
}

void expect_round_trip(std::string_view text) {
  const Result<std::string> json = scenario_to_json(text);
  ASSERT_TRUE(json) << json.error().text;
  const Result<std::string> back = scenario_from_json(*json);
  ASSERT_TRUE(back) << back.error().text << "\n" << *json;
  EXPECT_EQ(meaning(*back), meaning(text));
  EXPECT_EQ(*scenario_to_json(*back), *json);
}

TEST(ScenarioJson, KeepsEverythingThereAndBack) {
  expect_round_trip(
      "# a comment\nscenario: x\nabout: one\nabout: two\nworld: both\nseeds: 1..9\n"
      "zookeeper: 5 servers, session-timeout=6s\nsupervisor: off\n\n[first]\n"
      "masters m1 m2 m3, quorum=2, log_repair=peers\nat 0s start m1 m2 m3\n"
      "expect one leader within 20s as L   # L leads\nafter leader not m2 +1s kill L\n"
      "after exit m1 code=69 start m1\nat 30s\nevery 500ms client write\n"
      "client POST /machine/down [{\"hostname\":\"h 1\"}] via L -> 200\n[second]\n"
      "masters a, quorum=1\nat 0s start a\n");
}

TEST(ScenarioJson, KeepsEveryScenarioOfTheRepositoryAndDrawnOnes) {
  const Result<std::vector<std::string>> files = scenario_files({"scenarios"});
  ASSERT_TRUE(files) << files.error().text;
  EXPECT_GT(files->size(), 5u);
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    expect_round_trip(generate_scenario("storm", seed));
}

TEST(ScenarioJson, SplitsAStepIntoWhenAndWhat) {
  const Result<std::string> json = scenario_to_json(
      "scenario: x\nmasters m1\nat 0s start m1\nafter exit m1 code=69 +1s kill m1\n");
  ASSERT_TRUE(json);
  EXPECT_NE(json->find(R"({"when":"at 0s","do":"start m1"})"), std::string::npos) << *json;
  EXPECT_NE(json->find(R"({"when":"after exit m1 code=69 +1s","do":"kill m1"})"), std::string::npos)
      << *json;
}

TEST(ScenarioJson, RefusesWhatIsNoTwinAndSaysWhy) {
  EXPECT_FALSE(scenario_to_json("scenario: x\n"));
  EXPECT_FALSE(scenario_from_json("{"));
  EXPECT_FALSE(scenario_from_json("{}"));
  const auto other = scenario_from_json(R"({"format":"quorate-scenario-9","lines":[]})");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().text.find("quorate-scenario-9"), std::string::npos);
  EXPECT_FALSE(scenario_from_json(R"({"format":"quorate-scenario-1","lines":[{"x":1}]})"));
}

}  // namespace
}  // namespace quorate::sim
