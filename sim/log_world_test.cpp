#include "sim/log_world.h"

#include <gtest/gtest.h>

#include "sim/log_campaign.h"

namespace quorate::sim {
namespace {

using faults::Bounds;
using faults::FaultKind;
using faults::FileClass;

Duration ms(std::int64_t count) { return Duration::milliseconds(count); }

// No fault loses votes here; those that do are the business of the campaign.
const std::set<FaultKind> kFree = {FaultKind::Kill,
                                   FaultKind::PowerLoss,
                                   FaultKind::Pause,
                                   FaultKind::Stop,
                                   FaultKind::Cut,
                                   FaultKind::SlowSync,
                                   FaultKind::FailedSync,
                                   FaultKind::DiskFull,
                                   FaultKind::LoseMessages,
                                   FaultKind::TwoLeaders,
                                   FaultKind::DuplicateMessages,
                                   FaultKind::DelayMessages,
                                   FaultKind::MutateMessages};

TEST(LogWorld, BearsWhatCostsNothingOnEverySeed) {
  std::uint64_t acknowledged = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const LogResult result =
        LogWorld(seed, {.bounds = Bounds::Budget, .kinds = kFree, .schedule = {}}).run();
    EXPECT_EQ(result.verdict, Verdict::Pass) << "seed " << seed << ": " << result.text;
    EXPECT_EQ(result.reborn, 0u) << "seed " << seed;
    EXPECT_FALSE(result.exits.contains(65)) << "seed " << seed;
    acknowledged += result.acknowledged;
  }
  EXPECT_GT(acknowledged, 5000u) << "clients must have been served between faults";
}

TEST(LogWorld, ASeedGivesTheSameHashTwiceAndAnotherSeedAnother) {
  const LogSettings settings{.bounds = Bounds::Budget, .kinds = kFree, .schedule = {}};
  const LogResult one = LogWorld(5, settings).run();
  const LogResult again = LogWorld(5, settings).run();
  const LogResult other = LogWorld(6, settings).run();
  EXPECT_EQ(one.hash, again.hash);
  EXPECT_EQ(one.handled, again.handled);
  EXPECT_NE(one.hash, other.hash);
}

TEST(LogWorld, CarriesOutTheScheduleThatItIsGiven) {
  faults::Schedule schedule;
  schedule.phases.push_back(
      {ms(1500),
       {{ms(100), {.kind = FaultKind::SlowSync, .targets = {"r1"}, .by = ms(300)}},
        {ms(200), {.kind = FaultKind::PowerLoss, .targets = {"r2"}, .after = 3}},
        {ms(300), {.kind = FaultKind::FailedSync, .targets = {"r3"}, .file = FileClass::Segment}},
        {ms(50), {.kind = FaultKind::LoseMessages, .ppm = 200'000}}}});
  const LogResult result =
      LogWorld(3, {.replicas = 3, .bounds = Bounds::Budget, .kinds = {}, .schedule = schedule})
          .run();
  EXPECT_EQ(result.verdict, Verdict::Pass) << result.text;
  EXPECT_EQ(result.carried_out.at(FaultKind::SlowSync), 1u);
  EXPECT_EQ(result.carried_out.at(FaultKind::PowerLoss), 1u);
  EXPECT_EQ(result.carried_out.at(FaultKind::FailedSync), 1u);
  EXPECT_GT(result.carried_out.at(FaultKind::LoseMessages), 2u);
  EXPECT_EQ(result.exits.at(74), 1u);
  EXPECT_EQ(result.faults.size(), 4u);
}

TEST(LogWorld, AClusterThatCannotServeIsALivenessViolation) {
  // Two of three disks go at once, which is beyond the budget that it claims.
  faults::Schedule schedule;
  schedule.phases.push_back({ms(500),
                             {{ms(0), {.kind = FaultKind::Wipe, .targets = {"r1", "r2"}}},
                              {ms(50), {.kind = FaultKind::Start, .targets = {"r1", "r2"}}}}});
  const LogResult result =
      LogWorld(4, {.replicas = 3, .bounds = Bounds::Budget, .kinds = {}, .schedule = schedule})
          .run();
  EXPECT_EQ(result.verdict, Verdict::LivenessViolated);
}

TEST(LogCampaign, SumsTravelAsBytes) {
  LogSum sum;
  sum.runs = 3;
  sum.passed = 2;
  sum.time = Duration::seconds(7);
  sum.carried_out[FaultKind::Wipe] = 4;
  sum.exits[65] = 1;
  sum.bounds[Bounds::None] = 3;
  LogSum twice = LogSum::decode(sum.encode());
  twice.add(sum);
  EXPECT_EQ(twice.runs, 6u);
  EXPECT_EQ(twice.time, Duration::seconds(14));
  EXPECT_EQ(twice.carried_out[FaultKind::Wipe], 8u);
  EXPECT_EQ(twice.exits[65], 2u);
  const std::string table = to_text(twice);
  EXPECT_NE(table.find("6, 4 passed"), std::string::npos);
  EXPECT_NE(table.find("never occurred: start"), std::string::npos);
}

TEST(LogCampaign, NamesTheCommandThatReplaysASeed) {
  LogCampaignSettings settings;
  settings.program = "quorate-sim";
  settings.options = " --replicas=5";
  EXPECT_EQ(LogCampaign(settings).replay_command(7), "quorate-sim log --replay=7 --replicas=5");
}

}  // namespace
}  // namespace quorate::sim
