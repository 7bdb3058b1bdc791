#include "faults/generator.h"

#include <gtest/gtest.h>

#include <map>

#include "faults/budget.h"

namespace quorate::faults {
namespace {

TEST(Generator, StaysWithinTheBudgetOnEverySeed) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    for (std::uint32_t replicas : {1u, 3u, 5u}) {
      const Schedule schedule = generate(seed, {.replicas = replicas});
      EXPECT_EQ(over_budget(schedule, replicas), std::nullopt) << "seed " << seed;
    }
  }
}

TEST(Generator, WithoutBoundsItLeavesTheBudget) {
  int beyond = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Schedule schedule = generate(seed, {.replicas = 3, .bounds = Bounds::None});
    if (over_budget(schedule, 3)) ++beyond;
  }
  EXPECT_GT(beyond, 50);
}

TEST(Generator, EveryKindOfTheLogsWorldOccurs) {
  std::map<FaultKind, int> seen;
  for (std::uint64_t seed = 1; seed <= 500; ++seed)
    for (const Phase& phase : generate(seed, {.replicas = 3}).phases)
      for (const TimedFault& timed : phase.faults) ++seen[timed.fault.kind];
  for (const FaultDescription& kind : fault_kinds()) {
    if (kind.in_log) { EXPECT_GT(seen[kind.kind], 0) << kind.name; }
  }
}

TEST(Generator, TheSameSeedGivesTheSameScheduleAndAnotherSeedAnother) {
  const GeneratorSettings settings{.replicas = 5};
  EXPECT_EQ(generate(7, settings), generate(7, settings));
  EXPECT_NE(generate(7, settings), generate(8, settings));
}

TEST(Generator, OnlyTheKindsThatAreWantedAndWhatUndoesThem) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Schedule schedule = generate(seed, {.replicas = 3, .kinds = {FaultKind::Pause}});
    for (const Phase& phase : schedule.phases)
      for (const TimedFault& timed : phase.faults)
        EXPECT_TRUE(timed.fault.kind == FaultKind::Pause || timed.fault.kind == FaultKind::Resume);
  }
}

TEST(Budget, OneOfThreeAndTwoOfFiveMayLoseTheirVotes) {
  const auto wipe = [](std::string name) {
    return TimedFault{{}, {.kind = FaultKind::Wipe, .targets = {std::move(name)}}};
  };
  EXPECT_EQ(over_budget(Phase{{}, {wipe("r1"), wipe("r1")}}, 3), std::nullopt);
  EXPECT_NE(over_budget(Phase{{}, {wipe("r1"), wipe("r2")}}, 3), std::nullopt);
  EXPECT_EQ(over_budget(Phase{{}, {wipe("r1"), wipe("r2")}}, 5), std::nullopt);
  EXPECT_NE(over_budget(Phase{{}, {wipe("r1")}}, 1), std::nullopt);
  EXPECT_EQ(over_budget(Schedule{{Phase{{}, {wipe("r1")}}, Phase{{}, {wipe("r2")}}}}, 3),
            std::nullopt);
}

TEST(Budget, AnOldReplicaNeedsItsPeers) {
  const TimedFault old{{}, {.kind = FaultKind::RestoreCopy, .targets = {"r1"}}};
  const TimedFault own{{}, {.kind = FaultKind::PowerLoss, .targets = {"r1"}}};
  const TimedFault other{{}, {.kind = FaultKind::PowerLoss, .targets = {"r2"}}};
  const TimedFault cut{{}, {.kind = FaultKind::Cut, .sides = {{"r1"}, {"r2"}}}};
  EXPECT_EQ(over_budget(Phase{{}, {old, own}}, 3), std::nullopt);
  EXPECT_NE(over_budget(Phase{{}, {old, other}}, 3), std::nullopt);
  const TimedFault joined{{}, {.kind = FaultKind::Heal, .sides = {{"r1"}, {"r2"}}}};
  EXPECT_NE(over_budget(Phase{{}, {cut, old}}, 3), std::nullopt);
  EXPECT_EQ(over_budget(Phase{{}, {cut, joined, old}}, 3), std::nullopt);
  EXPECT_NE(over_budget(Phase{{}, {old, cut, joined}}, 3), std::nullopt);
}

TEST(Schedule, IsReadAsLines) {
  const Schedule schedule{{Phase{
      {},
      {{Duration::milliseconds(1250), {.kind = FaultKind::Wipe, .targets = {replica_name(1)}}}}}}};
  EXPECT_EQ(to_lines(schedule), std::vector<std::string>{"phase 1 at 1.250s wipe r2"});
}

}  // namespace
}  // namespace quorate::faults
