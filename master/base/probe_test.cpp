#include "master/base/probe.h"

#include <gtest/gtest.h>

namespace quorate {
namespace {

// This program is linked as a master is: from master_core, without the simulator.
TEST(Probe, NobodyCountsOutsideOfTheSimulator) {
  EXPECT_TRUE(&count_probe == nullptr);
  probe(Probe::PrepareRefused);  // and so this does nothing
}

TEST(Probe, IsDescribedAtItsOwnNumber) {
  const auto& described = probe_descriptions()[static_cast<std::size_t>(Probe::TornTailCut)];
  EXPECT_EQ(described.probe, Probe::TornTailCut);
  EXPECT_EQ(described.name, "TornTailCut");
  EXPECT_EQ(described.room, "recovery");
}

}  // namespace
}  // namespace quorate
