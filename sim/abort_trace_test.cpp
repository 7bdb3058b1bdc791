#include "sim/abort_trace.h"

#include <gtest/gtest.h>

#include "master/base/check.h"
#include "master/base/json.h"
#include "sim/scenario_parser.h"
#include "sim/toy_node.h"

namespace quorate::sim {
namespace {

// A toy whose run of this number breaks an invariant when it starts.
class BreakingFactory final : public NodeFactory {
 public:
  explicit BreakingFactory(int breaking) : breaking_(breaking) {}
  std::unique_ptr<Node> make(const HostSpec& spec, const Ports& ports,
                             std::uint64_t seed) override {
    int run = ++runs_;
    CHECK(run != breaking_);
    return toys_.make(spec, ports, seed);
  }

 private:
  ToyFactory toys_;
  int breaking_;
  int runs_ = 0;
};

std::optional<Drawn> drawn(int breaking) {
  ParsedScenario parsed = parse_scenario(
      "f", "scenario: x\nmasters m1 m2 m3\nat 0s start m1 m2 m3\nat 5s kill m2\nat 9s start m2\n");
  BreakingFactory factory(breaking);
  RunOptions options;
  options.replay_check = false;
  return draw_aborting({"p", "f", "x", "", 3}, parsed.scenario, parsed.scenario.sections.at(0),
                       factory, options);
}

TEST(AbortTrace, ABrokenInvariantLeavesItsWordsAndWhatCameBefore) {
  auto run = drawn(4);

  ASSERT_TRUE(run);
  EXPECT_NE(run->result.text.find("run != breaking_"), std::string::npos) << run->result.text;
  EXPECT_NE(run->result.text.find("(at 9.000000s)"), std::string::npos) << run->result.text;
  Result<Json> trace = parse_json(run->trace);
  ASSERT_TRUE(trace);
  EXPECT_EQ(*trace->find("verdict")->find("name")->string(), "safety violated");
  EXPECT_EQ(*trace->find("run")->find("simulated_ns")->integer(), 9'000'000'000);
  EXPECT_GT(trace->find("messages")->find("rows")->array()->size(), 10u);
}

TEST(AbortTrace, ARunThatEndsByItselfGivesNothing) { EXPECT_FALSE(drawn(99)); }

}  // namespace
}  // namespace quorate::sim
