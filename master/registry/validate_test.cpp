#include "master/registry/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/registry/fold.h"
#include "master/registry/test_values.h"

namespace quorate::registry {
namespace {

using testing::AllOf;
using testing::HasSubstr;

void apply(Registry& registry, const Operation& operation) {
  auto entry = validate(registry, operation);
  ASSERT_TRUE(entry) << entry.error().text;
  ASSERT_EQ(fold(registry, *entry), Effect::Applied);
}

// "a" and "b" are DRAINING, "c" is DOWN.
Registry some_registry() {
  Registry registry;
  apply(registry, schedule({window({machine("a"), machine("c")}), window({machine("b")})}));
  apply(registry, down({machine("c")}));
  return registry;
}

std::string refusal(const Operation& operation, const Registry& registry = some_registry()) {
  auto entry = validate(registry, operation);
  return entry ? "accepted" : entry.error().text;
}

const char* const kA = R"({"hostname":"a","ip":"10.0.0.1"})";
const char* const kC = R"({"hostname":"c","ip":"10.0.0.1"})";

// Of the schedule.

TEST(Validate, RefusesAWindowWithoutMachinesAndNumbersIt) {
  EXPECT_THAT(refusal(schedule({window({machine("c")}), window({})})),
              AllOf(HasSubstr("Window 2"), HasSubstr("empty list of machines")));
}

TEST(Validate, RefusesANegativeDuration) {
  EXPECT_THAT(refusal(schedule({window({machine("c")}, {0, -1})})),
              AllOf(HasSubstr("Window 1"), HasSubstr("negative duration"), HasSubstr("-1 ns")));
}

TEST(Validate, AcceptsANegativeStartAndADurationOfZero) {
  EXPECT_EQ(refusal(schedule({window({machine("c")}, {-1, 0})})), "accepted");
  EXPECT_EQ(refusal(schedule({window({machine("c")}, {INT64_MIN, INT64_MAX})})), "accepted");
}

TEST(Validate, RefusesAMachineWithNeitherHostnameNorIp) {
  for (const MachineId& nobody : {MachineId{}, MachineId{"", {}}}) {
    auto text = HasSubstr("neither a hostname nor an ip");
    EXPECT_THAT(refusal(schedule({window({nobody})}), {}), text);
    EXPECT_THAT(refusal(down({nobody})), text);
    EXPECT_THAT(refusal(up({nobody})), text);
  }
  EXPECT_THAT(refusal(down({MachineId{"", {}}})), HasSubstr(R"({"hostname":""})"));
}

TEST(Validate, AcceptsAMachineWithOneOfBoth) {
  MachineId by_name{"h", {}}, by_ip{{}, Ipv4{1}}, with_empty_name{"", Ipv4{1}};
  EXPECT_EQ(refusal(schedule({window({by_name, by_ip, with_empty_name})}), {}), "accepted");
}

TEST(Validate, RefusesAMachineNamedTwiceWhateverTheCaseOfItsName) {
  auto text = AllOf(HasSubstr("more than once"), HasSubstr(R"({"hostname":"A","ip":"10.0.0.1"})"));
  EXPECT_THAT(refusal(schedule({window({machine("c"), machine("a"), machine("A")})})), text);
  EXPECT_THAT(refusal(down({machine("a"), machine("A")})), text);
  EXPECT_THAT(refusal(up({machine("a"), machine("A")})), text);
}

TEST(Validate, RefusesAMachineNamedInTwoWindows) {
  EXPECT_THAT(refusal(schedule({window({machine("a")}), window({machine("c"), machine("a")})})),
              AllOf(HasSubstr("more than once"), HasSubstr(kA)));
}

TEST(Validate, RefusesAScheduleThatLeavesOutADownMachine) {
  auto text = AllOf(HasSubstr(kC), HasSubstr("deactivated"), HasSubstr("/machine/up"));
  EXPECT_THAT(refusal(schedule({window({machine("a")})})), text);
  EXPECT_THAT(refusal(schedule({})), text);
  // The same name without its address is another machine.
  EXPECT_THAT(refusal(schedule({window({MachineId{"c", {}}})})), text);
}

TEST(Validate, AcceptsAnEmptyScheduleIfNothingIsDown) {
  Registry registry;
  EXPECT_EQ(refusal(schedule({}), registry), "accepted");

  apply(registry, schedule({window({machine("a")})}));
  EXPECT_EQ(refusal(schedule({}), registry), "accepted");
}

// Of machines going down and up.

TEST(Validate, RefusesAnEmptyListOfMachines) {
  EXPECT_THAT(refusal(down({})), HasSubstr("list of machines is empty"));
  EXPECT_THAT(refusal(up({})), HasSubstr("list of machines is empty"));
}

TEST(Validate, RefusesAMachineThatNoScheduleNames) {
  auto text = AllOf(HasSubstr(R"({"hostname":"x","ip":"10.0.0.1"})"),
                    HasSubstr("not part of a maintenance schedule"));
  EXPECT_THAT(refusal(down({machine("a"), machine("x")})), text);
  EXPECT_THAT(refusal(up({machine("c"), machine("x")})), text);
  EXPECT_THAT(refusal(down({MachineId{"a", {}}})), HasSubstr("not part of a maintenance schedule"));
}

TEST(Validate, RefusesToTakeDownAMachineThatIsNotDraining) {
  EXPECT_THAT(refusal(down({machine("a"), machine("c")})),
              AllOf(HasSubstr(kC), HasSubstr("is DOWN"), HasSubstr("not in DRAINING mode")));
}

TEST(Validate, RefusesToBringUpAMachineThatIsNotDown) {
  EXPECT_THAT(refusal(up({machine("c"), machine("a")})),
              AllOf(HasSubstr(kA), HasSubstr("is DRAINING"), HasSubstr("not in DOWN mode")));
}

TEST(Validate, JudgesTheShapeOfTheWholeRequestBeforeTheStateOfAnyMachine) {
  EXPECT_THAT(refusal(down({machine("x"), MachineId{}})), HasSubstr("neither"));
}

// What is decided.

TEST(Validate, DecidesTheModeOfEachMachineInANewSchedule) {
  auto entry = validate(some_registry(), schedule({window({machine("C"), machine("d")}, {5, 6})}));

  ASSERT_TRUE(entry);
  const auto& plan = std::get<ScheduleDecided>(entry->decision).plan;
  EXPECT_EQ(
      plan,
      (MaintenancePlan{
          {{{machine("C"), MachineMode::Down}, {machine("d"), MachineMode::Draining}}, {5, 6}}}));
  EXPECT_EQ(plan[0].machines[0].id.hostname, "C");  // spelled as the operator last did
}

TEST(Validate, CarriesTheIdOfTheOperation) {
  Operation operation = down({machine("a")});
  auto entry = validate(some_registry(), operation);

  ASSERT_TRUE(entry);
  EXPECT_EQ(*entry, (Entry{operation.id, MachinesWentDown{{machine("a")}}}));
}

TEST(Validate, ChangesNothing) {
  Registry registry = some_registry();
  Digest before = registry.state_digest();

  (void)validate(registry, schedule({window({machine("c")})}));
  (void)validate(registry, down({machine("a")}));
  (void)validate(registry, up({machine("c")}));

  EXPECT_EQ(registry.state_digest(), before);
}

}  // namespace
}  // namespace quorate::registry
