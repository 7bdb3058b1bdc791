#include "master/registry/fold.h"

#include <gtest/gtest.h>

#include "master/registry/snapshot_codec.h"
#include "master/registry/test_values.h"
#include "master/registry/validate.h"

namespace quorate::registry {
namespace {

// Each row of the state machine (facts/mesos-http.md 6.2), through validation and fold.
class MaintenanceStates : public testing::Test {
 protected:
  void apply(const Operation& operation) {
    auto entry = validate(registry, operation);
    ASSERT_TRUE(entry) << entry.error().text;
    ASSERT_EQ(fold(registry, *entry), Effect::Applied);
  }
  bool refused(const Operation& operation) { return !validate(registry, operation); }
  std::optional<MachineInfo> info(const MachineId& id) {
    auto found = registry.machines.find(id);
    return found == registry.machines.end() ? std::nullopt : std::optional(found->second);
  }

  Registry registry;
  const MachineId a = machine("a"), b = machine("b"), c = machine("c");
  const Unavailability soon{10, 5}, later{20, {}};
};

TEST_F(MaintenanceStates, UpBecomesDrainingByBeingScheduled) {
  apply(schedule({window({a, b}, soon), window({c}, later)}));

  EXPECT_EQ(info(a), (MachineInfo{MachineMode::Draining, soon}));
  EXPECT_EQ(info(b), (MachineInfo{MachineMode::Draining, soon}));
  EXPECT_EQ(info(c), (MachineInfo{MachineMode::Draining, later}));
  EXPECT_EQ(registry.schedule, (MaintenanceSchedule{{window({a, b}, soon), window({c}, later)}}));
}

TEST_F(MaintenanceStates, DrainingStaysDrainingWithTheNewWindow) {
  apply(schedule({window({a}, soon)}));
  apply(schedule({window({a}, later)}));

  EXPECT_EQ(info(a), (MachineInfo{MachineMode::Draining, later}));
}

TEST_F(MaintenanceStates, DrainingBecomesUpByNotBeingScheduled) {
  apply(schedule({window({a, b}, soon)}));
  apply(schedule({window({b}, soon)}));

  EXPECT_EQ(info(a), std::nullopt);
  EXPECT_EQ(registry.schedule, (MaintenanceSchedule{{window({b}, soon)}}));
}

TEST_F(MaintenanceStates, DrainingBecomesDown) {
  apply(schedule({window({a, b}, soon)}));
  apply(down({a}));

  EXPECT_EQ(info(a), (MachineInfo{MachineMode::Down, soon}));
  EXPECT_EQ(info(b), (MachineInfo{MachineMode::Draining, soon}));
  EXPECT_EQ(registry.schedule, (MaintenanceSchedule{{window({a, b}, soon)}}));
}

TEST_F(MaintenanceStates, DownStaysDownWithTheNewWindow) {
  apply(schedule({window({a}, soon)}));
  apply(down({a}));
  apply(schedule({window({b}, soon), window({a}, later)}));

  EXPECT_EQ(info(a), (MachineInfo{MachineMode::Down, later}));
  EXPECT_EQ(info(b), (MachineInfo{MachineMode::Draining, soon}));
}

TEST_F(MaintenanceStates, DownCannotLeaveTheSchedule) {
  apply(schedule({window({a, b}, soon)}));
  apply(down({a}));

  EXPECT_TRUE(refused(schedule({window({b}, soon)})));
  EXPECT_TRUE(refused(schedule({})));
}

TEST_F(MaintenanceStates, DownBecomesUpAndLeavesItsWindow) {
  apply(schedule({window({a, b}, soon), window({c}, later)}));
  apply(down({a, c}));
  apply(up({a}));

  EXPECT_EQ(info(a), std::nullopt);
  EXPECT_EQ(info(c), (MachineInfo{MachineMode::Down, later}));
  EXPECT_EQ(registry.schedule, (MaintenanceSchedule{{window({b}, soon), window({c}, later)}}));
}

TEST_F(MaintenanceStates, AWindowLeftEmptyVanishesAndTheScheduleWithTheLastOne) {
  apply(schedule({window({a}, soon), window({b, c}, later)}));
  apply(down({a, b, c}));
  apply(up({a, b}));
  EXPECT_EQ(registry.schedule, (MaintenanceSchedule{{window({c}, later)}}));

  apply(up({c}));
  EXPECT_EQ(registry.schedule, MaintenanceSchedule{});
  EXPECT_TRUE(registry.machines.empty());
}

TEST_F(MaintenanceStates, UpCannotGoDown) { EXPECT_TRUE(refused(down({a}))); }

TEST_F(MaintenanceStates, UpAndDrainingCannotComeUp) {
  EXPECT_TRUE(refused(up({a})));

  apply(schedule({window({a}, soon)}));
  EXPECT_TRUE(refused(up({a})));
}

TEST_F(MaintenanceStates, AnEmptyScheduleReleasesAllThatDrains) {
  apply(schedule({window({a, b}, soon)}));
  apply(schedule({}));

  EXPECT_TRUE(registry.machines.empty());
  EXPECT_TRUE(registry.schedule.windows.empty());
}

TEST_F(MaintenanceStates, OneMachineOfSeveralThatCannotGoDownKeepsAllFromIt) {
  apply(schedule({window({a, b}, soon)}));
  apply(down({a}));

  EXPECT_TRUE(refused(down({b, a})));
  EXPECT_EQ(info(b)->mode, MachineMode::Draining);
}

TEST_F(MaintenanceStates, TheCaseOfAHostnameDoesNotMatter) {
  apply(schedule({window({machine("Host")}, soon)}));
  apply(down({machine("hOST")}));
  apply(schedule({window({machine("HOST")}, later)}));

  EXPECT_EQ(info(machine("host")), (MachineInfo{MachineMode::Down, later}));
  EXPECT_EQ(registry.machines.begin()->first.hostname, "HOST");
  EXPECT_EQ(registry.schedule.windows[0].machine_ids[0].hostname, "HOST");
}

TEST_F(MaintenanceStates, MachinesOfAModeAreListedInTheOrderOfTheirIds) {
  apply(schedule({window({c, machine("B", 2)}, soon), window({b, a}, later)}));
  apply(down({machine("b", 2), c}));

  EXPECT_EQ(machines_in(registry, MachineMode::Draining), (std::vector<MachineId>{a, b}));
  EXPECT_EQ(machines_in(registry, MachineMode::Down), (std::vector<MachineId>{machine("b", 2), c}));
}

// Entries on states that they were not made for.

Registry draining(std::vector<MachineId> ids) {
  Registry registry;
  fold(registry, *validate(registry, schedule({window(std::move(ids))})));
  return registry;
}

TEST(Fold, AppliesAnOperationOnce) {
  Registry registry = draining({machine("a")});
  Entry went_down = *validate(registry, down({machine("a")}));
  Entry came_up{fresh_id(), MachinesCameUp{{machine("a")}}};
  Entry scheduled = *validate(registry, schedule({window({machine("a")})}));

  EXPECT_EQ(fold(registry, went_down), Effect::Applied);
  EXPECT_EQ(fold(registry, came_up), Effect::Applied);
  EXPECT_EQ(fold(registry, scheduled), Effect::Applied);
  Digest before = registry.state_digest();

  EXPECT_EQ(fold(registry, went_down), Effect::Repeated);
  EXPECT_EQ(registry.state_digest(), before);
}

TEST(Fold, AnEntryThatDoesNotFitChangesNothingAndIsNotRemembered) {
  Registry other = draining({machine("a"), machine("b")});
  Entry entry = *validate(other, down({machine("a"), machine("b")}));
  Registry registry = draining({machine("a")});
  Digest before = registry.state_digest();

  EXPECT_EQ(fold(registry, entry), Effect::Unfitting);
  EXPECT_EQ(registry.state_digest(), before);

  fold(registry, *validate(registry, schedule({window({machine("a"), machine("b")})})));
  EXPECT_EQ(fold(registry, entry), Effect::Applied);
}

TEST(Fold, NoScheduleLosesOrInventsADownMachine) {
  Registry registry = draining({machine("a"), machine("b")});
  Entry without_a = *validate(registry, schedule({window({machine("b")})}));
  Entry a_drains = *validate(registry, schedule({window({machine("a")})}));
  Entry b_down{fresh_id(),
               ScheduleDecided{
                   {{{{machine("a"), MachineMode::Down}, {machine("b"), MachineMode::Down}}, {}}}}};
  Entry b_down_for_a{
      fresh_id(),
      ScheduleDecided{
          {{{{machine("a"), MachineMode::Draining}, {machine("b"), MachineMode::Down}}, {}}}}};
  fold(registry, *validate(registry, down({machine("a")})));
  Digest before = registry.state_digest();

  EXPECT_EQ(fold(registry, b_down_for_a), Effect::Unfitting);
  EXPECT_EQ(fold(registry, without_a), Effect::Unfitting);
  EXPECT_EQ(fold(registry, a_drains), Effect::Unfitting);
  EXPECT_EQ(fold(registry, b_down), Effect::Unfitting);
  EXPECT_EQ(registry.state_digest(), before);
}

TEST(Fold, MachinesComeUpOnlyFromDown) {
  Registry registry = draining({machine("a")});

  EXPECT_EQ(fold(registry, {fresh_id(), MachinesCameUp{{machine("a")}}}), Effect::Unfitting);
  EXPECT_EQ(fold(registry, {fresh_id(), MachinesCameUp{{machine("x")}}}), Effect::Unfitting);
}

TEST(RecentOperations, ForgetsTheOldestBeyondItsCapacity) {
  RecentOperations recent;
  for (std::uint64_t n = 0; n <= RecentOperations::kCapacity; ++n) recent.remember({0, n});

  EXPECT_EQ(recent.oldest_first().size(), RecentOperations::kCapacity);
  EXPECT_FALSE(recent.contains({0, 0}));
  EXPECT_TRUE(recent.contains({0, 1}));
  EXPECT_TRUE(recent.contains({0, RecentOperations::kCapacity}));
  EXPECT_EQ(recent.oldest_first().front(), (OperationId{0, 1}));
}

TEST(RecentOperations, AnOperationForgottenIsANewOne) {
  Registry registry = draining({machine("a")});
  Entry first{{1, 1}, std::get<ScheduleDecided>(validate(registry, schedule({}))->decision)};
  fold(registry, first);
  for (std::size_t n = 0; n < RecentOperations::kCapacity; ++n) {
    EXPECT_EQ(fold(registry, first), Effect::Repeated);
    fold(registry, *validate(registry, schedule({})));
  }

  EXPECT_EQ(fold(registry, first), Effect::Applied);
}

TEST(OperationId, IsWrittenWith32HexadecimalDigits) {
  EXPECT_EQ(to_text(OperationId{0x0123456789abcdef, 0xff}), "0123456789abcdef00000000000000ff");
}

// What registry.h promises of every registry.
void expect_invariants(const Registry& registry) {
  std::size_t scheduled = 0;
  for (const MaintenanceWindow& window : registry.schedule.windows) {
    EXPECT_FALSE(window.machine_ids.empty());
    for (const MachineId& id : window.machine_ids) {
      auto found = registry.machines.find(id);
      ASSERT_NE(found, registry.machines.end()) << to_text(id);
      EXPECT_EQ(to_text(found->first), to_text(id));  // spelling too
      EXPECT_NE(found->second.mode, MachineMode::Up);
      EXPECT_EQ(found->second.unavailability, window.unavailability);
      ++scheduled;
    }
  }
  EXPECT_EQ(scheduled, registry.machines.size());
}

TEST(Fold, KeepsTheRegistryWholeForEveryEntryOnEveryState) {
  constexpr std::uint64_t kSeed = 20260722;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  RandomOperations operations(kSeed);
  // Entries made for either state arrive at both, in one order: half of them do not fit.
  Registry left, right;
  int applied = 0, unfitting = 0;
  for (int step = 0; step < 4000; ++step) {
    auto entry = validate(left, operations.next(left));
    if (operations.below(2) == 0) entry = validate(right, operations.next(right));
    if (!entry) continue;
    for (Registry* registry : {&left, &right}) {
      Bytes before = encode_snapshot(*registry);
      Effect effect = fold(*registry, *entry);
      (effect == Effect::Applied ? applied : unfitting)++;
      EXPECT_EQ(encode_snapshot(*registry) == before, effect != Effect::Applied) << "step " << step;
      expect_invariants(*registry);
      if (HasFatalFailure()) return;
    }
    if (operations.below(20) == 0) left = right;
    if (operations.below(20) == 0)
      fold(right, {fresh_id(), MachinesCameUp{machines_in(right, MachineMode::Down)}});
  }
  EXPECT_GT(applied, 1000);
  EXPECT_GT(unfitting, 200);
}

}  // namespace
}  // namespace quorate::registry
