#include "faults/fault.h"

#include <gtest/gtest.h>

namespace quorate::faults {
namespace {

TEST(Fault, EveryKindIsDescribedInItsPlace) {
  for (std::size_t i = 0; i < kFaultKinds; ++i)
    EXPECT_EQ(static_cast<std::size_t>(fault_kinds()[i].kind), i);
}

TEST(Fault, EveryVerbIsOneOfAKind) {
  for (const FaultDescription& kind : fault_kinds()) {
    EXPECT_EQ(parse_fault_kind(kind.verb), kind.kind);
    EXPECT_TRUE(kind.form.starts_with(kind.verb));
    EXPECT_TRUE(kind.about.ends_with('.'));
  }
  EXPECT_EQ(parse_fault_kind("nothing"), std::nullopt);
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
}

}  // namespace
}  // namespace quorate::faults
