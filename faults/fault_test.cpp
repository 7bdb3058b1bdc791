#include "faults/fault.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace quorate::faults {
namespace {

TEST(Fault, EveryKindHasANameOfItsOwnAndItsVerbBeginsItsForm) {
  std::set<std::string_view> names;
  for (const FaultDescription& kind : fault_kinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_EQ(parse_fault_kind(kind.name), kind.kind);
    EXPECT_EQ(description_of(kind.kind).name, kind.name);
    EXPECT_TRUE(kind.form.starts_with(kind.verb)) << kind.name;
    EXPECT_TRUE(kind.about.ends_with('.')) << kind.name;
    EXPECT_TRUE(kind.in_scenarios || kind.in_log) << kind.name;
  }
  EXPECT_EQ(parse_fault_kind("nothing"), std::nullopt);
}

TEST(Fault, ThereAreAtLeastFortyKindsForScenarios) {
  std::size_t count = 0;
  for (const FaultDescription& kind : fault_kinds()) count += kind.in_scenarios ? 1 : 0;
  EXPECT_GE(count, 40u);
}

TEST(Fault, IsWrittenAsInASchedule) {
  EXPECT_EQ(to_text({.kind = FaultKind::LostWrite,
                     .targets = {"m1"},
                     .after = 3,
                     .file = FileClass::Segment}),
            "lost-write m1 in segment after 3");
  EXPECT_EQ(
      to_text({.kind = FaultKind::SlowSync, .targets = {"m2"}, .by = Duration::milliseconds(250)}),
      "slow-sync m2 by 250ms");
  EXPECT_EQ(to_text({.kind = FaultKind::LoseMessages, .ppm = 20000}), "lose-messages 20000");
}

TEST(Fault, IsWrittenAsInAScenario) {
  EXPECT_EQ(to_text({FaultKind::Kill, {"m1", "L"}, {}, false}), "kill m1 L");
  EXPECT_EQ(to_text({FaultKind::Cut, {}, {{"m1", "m2"}, {"zookeeper"}}, false}),
            "cut {m1 m2} | {zookeeper}");
  EXPECT_EQ(to_text({FaultKind::Cut, {}, {{"m1"}, {"m2"}}, true}), "cut {m1} -> {m2}");
  EXPECT_EQ(to_text({FaultKind::Heal, {}, {}, false}), "heal");
  EXPECT_EQ(to_text({.kind = FaultKind::ClockRate, .targets = {"m1"}, .rate_ppb = -20'000'000}),
            "clock m1 rate=0.98");
}

TEST(Fault, TheDocumentIsTheTable) {
  std::ifstream file("docs/faults.md");
  ASSERT_TRUE(file) << "the test runs in the root of the tree";
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), kinds_as_markdown())
      << "write it anew: quorate-sim faults --markdown > docs/faults.md";
}

}  // namespace
}  // namespace quorate::faults
