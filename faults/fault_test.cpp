#include "faults/fault.h"

#include <gtest/gtest.h>

namespace quorate::faults {
namespace {

TEST(Fault, EveryKindIsDescribedInItsPlace) {
  for (std::size_t i = 0; i < kFaultKinds; ++i)
    EXPECT_EQ(static_cast<std::size_t>(fault_kinds()[i].kind), i);
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
