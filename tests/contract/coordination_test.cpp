#include <gtest/gtest.h>

#include "tests/contract/coordination_cases.h"

namespace quorate::contract {

std::vector<CoordinationCase> coordination_cases() {
  std::vector<CoordinationCase> all;
  for (const auto& some :
       {node_cases(), watch_cases(), session_cases(), access_cases(), order_cases()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "\n  " + line;
  return out;
}

void run_case(CoordinationWorld& world, const CoordinationCase& what) {
  CoordinationScript script(world, what);
  const std::vector<std::string> mistakes = script.run();
  EXPECT_TRUE(mistakes.empty()) << joined(mistakes);
}

class Coordinated : public testing::TestWithParam<CoordinationCase> {};
class SimulatedAlone : public Coordinated {};
class SimulatedEnsemble : public Coordinated {};
class RealServer : public Coordinated {};

TEST_P(SimulatedAlone, Keeps) { run_case(*make_simulated_coordination(1, 7), GetParam()); }

TEST_P(SimulatedEnsemble, Keeps) {
  for (std::uint64_t seed : {1u, 2u, 3u, 4u, 5u}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    run_case(*make_simulated_coordination(3, seed), GetParam());
  }
}

TEST_P(RealServer, Keeps) {
  std::string why;
  auto world = make_real_coordination(why);
  if (world == nullptr) GTEST_SKIP() << "no live ZooKeeper test: " << why;
  run_case(*world, GetParam());
}

std::string name_of(const testing::TestParamInfo<CoordinationCase>& info) {
  return std::string(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(Coordination, SimulatedAlone, testing::ValuesIn(coordination_cases()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Coordination, SimulatedEnsemble, testing::ValuesIn(coordination_cases()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Coordination, RealServer, testing::ValuesIn(coordination_cases()),
                         name_of);

}  // namespace
}  // namespace quorate::contract
