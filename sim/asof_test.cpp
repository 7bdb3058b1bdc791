#include "sim/asof.h"

#include <gtest/gtest.h>

#include "sim/master_node.h"
#include "sim/scenario_parser.h"
#include "sim/why.h"

namespace quorate::sim {
namespace {

constexpr const char* kStory =
    "scenario: x\nmasters m1 m2 m3, quorum=2\nat 0s start m1 m2 m3\n"
    "expect one leader within 20s as L\nevery 500ms client write\n"
    "at 25s kill other1\nat 40s pause other2\nat 42s resume other2\nat 45s\n";

std::optional<WorldAt> seen_at(Duration time, std::uint64_t& hash) {
  const ParsedScenario parsed = parse_scenario("f", kStory);
  EXPECT_TRUE(parsed.mistakes.empty());
  MasterFactory masters;
  Snapshotter snapshotter;
  RunOptions options;
  options.replay_check = false;
  options.bystander = &snapshotter;
  options.bystander_at = SimTime{} + time;
  hash = run_section(parsed.scenario, parsed.scenario.sections.front(), 5, masters, options).hash;
  return snapshotter.seen;
}

TEST(Asof, ShowsEveryMasterAtThatTime) {
  std::uint64_t hash = 0;
  const auto world = seen_at(Duration::seconds(41), hash);
  ASSERT_TRUE(world.has_value());
  EXPECT_EQ(world->at, SimTime{} + Duration::seconds(41));
  int leaders = 0;
  int down = 0;
  int paused = 0;
  for (const MasterAt& master : world->masters) {
    leaders += master.glance.elected && master.leader == master.name ? 1 : 0;
    down += master.state == "down" && master.last_exit && master.last_exit->code == 137 ? 1 : 0;
    paused += master.state == "paused" ? 1 : 0;
    if (master.state == "down") continue;
    EXPECT_EQ(master.glance.status, "VOTING");
    EXPECT_GT(master.glance.promised_round, 0u);
    EXPECT_GT(master.glance.learned, 10u);
  }
  EXPECT_EQ(leaders, 1);
  EXPECT_EQ(down, 1);
  EXPECT_EQ(paused, 1);
  const std::string text = to_text(*world);
  EXPECT_NE(text.find("last exit 137"), std::string::npos) << text;
  EXPECT_NE(json_text(*world).find("\"elected\":true"), std::string::npos);
}

TEST(Asof, LookingChangesNothing) {
  std::uint64_t with = 0;
  std::uint64_t without = 0;
  EXPECT_TRUE(seen_at(Duration::seconds(30), with).has_value());
  EXPECT_FALSE(seen_at(Duration::minutes(60), without).has_value());
  EXPECT_EQ(with, without);
}

TEST(Why, TheFailureIsCertainOnceItsCauseHasHappened) {
  // Whoever is called m2 leads in some runs only; after 20 s it is decided.
  const ParsedScenario parsed =
      parse_scenario("f",
                     "scenario: x\nmasters m1 m2 m3, quorum=2\nat 0s start m1 m2 m3\n"
                     "expect one leader within 20s as L\nat 20s\nexpect leader m2 within 1s\n");
  ASSERT_TRUE(parsed.mistakes.empty());
  MasterFactory masters;
  std::uint64_t seed = 1;
  const Section& section = parsed.scenario.sections.front();
  while (run_section(parsed.scenario, section, seed, masters, {}).verdict == Verdict::Pass) ++seed;
  const Signature wanted{Verdict::ExpectationNotMet, "expect leader m2"};
  WhyBatch batch(parsed.scenario, seed, wanted, {SimTime{}, SimTime{} + Duration::seconds(20)}, 12);
  run_jobs(batch, 0);
  EXPECT_LT(batch.points()[0].failed, 12u);
  EXPECT_GT(batch.points()[0].failed, 0u);
  EXPECT_EQ(batch.points()[1].failed, 12u);
  EXPECT_NE(to_text(batch.points(), section).find("rises most between 0.000000s and 20.000000s"),
            std::string::npos)
      << to_text(batch.points(), section);
}

TEST(Why, MomentsAreEvenlySpread) {
  const std::vector<SimTime> moments = evenly(SimTime{100}, 4);
  ASSERT_EQ(moments.size(), 4u);
  EXPECT_EQ(moments[0], SimTime{0});
  EXPECT_EQ(moments[3], SimTime{75});
}

}  // namespace
}  // namespace quorate::sim
