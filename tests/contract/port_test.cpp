#include <gtest/gtest.h>

#include "tests/contract/port_world.h"

// The contracts of disk, clock and network (master/ports): each case runs unchanged on the real
// port and on the simulated one.

namespace quorate::contract {
namespace {

struct Parameter {
  PortCase test;
  std::unique_ptr<PortWorld> (*make)();
  std::string world;
};

std::string name_of(const testing::TestParamInfo<Parameter>& info) {
  return info.param.test.name + "_" + info.param.world;
}

std::vector<Parameter> in_both(const std::vector<PortCase>& cases) {
  std::vector<Parameter> all;
  for (const PortCase& one : cases) {
    all.push_back({one, &real_ports, "real"});
    all.push_back({one, &simulated_ports, "simulated"});
  }
  return all;
}

class PortContract : public testing::TestWithParam<Parameter> {};

TEST_P(PortContract, Holds) {
  const auto world = GetParam().make();
  GetParam().test.run(*world);
}

INSTANTIATE_TEST_SUITE_P(Disk, PortContract, testing::ValuesIn(in_both(disk_cases())), name_of);
INSTANTIATE_TEST_SUITE_P(Clock, PortContract, testing::ValuesIn(in_both(clock_cases())), name_of);
INSTANTIATE_TEST_SUITE_P(Network, PortContract, testing::ValuesIn(in_both(network_cases())),
                         name_of);

}  // namespace
}  // namespace quorate::contract
