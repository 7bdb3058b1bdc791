#include <gtest/gtest.h>

#include <cstdio>
#include <string_view>

#include "master/base/text.h"
#include "master/paxos/world_test.h"

namespace quorate::paxos::test {
Options options;
namespace {

bool take(std::string_view argument) {
  if (argument == "--update") return options.update_golden = true;
  const std::size_t equals = argument.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view name = argument.substr(0, equals);
  const auto number = parse_u64(argument.substr(equals + 1));
  if (!number) return false;
  if (name == "--seed") options.seed = *number;
  if (name == "--seeds") options.seeds = *number;
  if (name == "--steps") options.steps = *number;
  if (name == "--states") options.states_max = *number;
  return name == "--seed" || name == "--seeds" || name == "--steps" || name == "--states";
}

}  // namespace
}  // namespace quorate::paxos::test

// paxos_test [--seed=N] [--seeds=N] [--steps=N] [--states=N] [--update], besides the flags of
// GoogleTest.
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (quorate::paxos::test::take(argv[i])) continue;
    std::fprintf(stderr, "%s: known are --seed=N, --seeds=N, --steps=N, --states=N and --update\n",
                 argv[i]);
    return 64;
  }
  return RUN_ALL_TESTS();
}
