#include "sim/search_campaign.h"

#include <gtest/gtest.h>

#include "sim/build_id.h"
#include "sim/master_node.h"
#include "sim/scenario_files.h"
#include "sim/scenario_generator.h"
#include "sim/toy_node.h"

namespace quorate::sim {
namespace {

SearchOutcome outcome(std::uint64_t seed, std::vector<std::uint64_t> states) {
  SearchOutcome out;
  out.seed = seed;
  out.hash = seed * 17;
  out.time = Duration::seconds(90);
  out.states = std::move(states);
  return out;
}

TEST(SearchOutcome, TravelsAsBytes) {
  SearchOutcome sent = outcome(7, {1, 5, 9});
  sent.verdict = Verdict::LivenessViolated;
  sent.line = 12;
  sent.step = "eventually one leader";
  sent.text = "it did not come";
  sent.notes = {"m1: a", "m2: b"};
  sent.events = 1000;
  sent.acknowledged_writes = 3;
  sent.faults = {{faults::FaultKind::Kill, 2}};
  const auto come = SearchOutcome::decode(sent.encode());
  ASSERT_TRUE(come.has_value());
  EXPECT_EQ(come->encode(), sent.encode());
  EXPECT_EQ(come->step, sent.step);
  EXPECT_EQ(come->notes, sent.notes);
  EXPECT_EQ(come->states, sent.states);
  EXPECT_FALSE(SearchOutcome::decode("not an outcome").has_value());
}

TEST(SearchSum, CountsEachStateOnceAndSaysWhatEachThousandBrought) {
  SearchSum sum;
  EXPECT_FALSE(sum.add(outcome(1, {1, 2, 3})));
  EXPECT_FALSE(sum.add(outcome(2, {2, 3, 4})));
  EXPECT_EQ(sum.states(), 4u);
  EXPECT_EQ(sum.new_states(), std::vector<std::uint64_t>{4});
  EXPECT_EQ(sum.new_states_lately(), 2000u);
  for (std::uint64_t seed = 3; seed <= 1001; ++seed) sum.add(outcome(seed, {4}));
  sum.add(outcome(1002, {5}));
  EXPECT_EQ(sum.new_states(), (std::vector<std::uint64_t>{4, 1}));
}

TEST(SearchSum, OfSeveralVerdictsTheSmallestAboveZeroIsTheExitCode) {
  SearchSum sum;
  sum.add(outcome(1, {}));
  EXPECT_EQ(sum.code(), 0);
  SearchOutcome bad = outcome(2, {});
  bad.verdict = Verdict::ExpectationNotMet;
  EXPECT_TRUE(sum.add(bad));
  bad.seed = 3;
  bad.verdict = Verdict::SafetyViolated;
  EXPECT_TRUE(sum.add(bad));
  EXPECT_EQ(sum.code(), 1);
  EXPECT_EQ(sum.failed(), 2u);
}

TEST(SearchSum, TwoHashesOfOneSeedAreNondeterminism) {
  SearchSum sum;
  sum.add(outcome(1, {}));
  EXPECT_FALSE(sum.add_second(outcome(1, {})));
  SearchOutcome other = outcome(1, {});
  other.hash += 1;
  EXPECT_TRUE(sum.add_second(other));
  EXPECT_EQ(sum.code(), 6);
}

TEST(SearchSum, NamesTheKindsThatNeverCame) {
  SearchSum sum;
  EXPECT_FALSE(sum.never_hit().empty());
  SearchOutcome all = outcome(1, {});
  for (const faults::FaultDescription& each : faults::fault_kinds()) all.faults[each.kind] = 1;
  sum.add(all);
  EXPECT_TRUE(sum.never_hit().empty());
}

TEST(Shard, EverySeedBelongsToExactlyOneOfThem) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    int owners = 0;
    for (std::uint64_t index = 1; index <= 7; ++index) owners += Shard{index, 7}.has(seed) ? 1 : 0;
    EXPECT_EQ(owners, 1) << seed;
  }
  EXPECT_TRUE(parse_shard("3/8"));
  for (const char* wrong : {"", "3", "0/8", "9/8", "a/b", "1/"}) EXPECT_FALSE(parse_shard(wrong));
}

TEST(Search, ARunOfTheMastersMeetsStatesAndCountsItsFaults) {
  MasterFactory masters;
  const SearchOutcome first = search_once("lan", 3, masters, false);
  EXPECT_EQ(first.verdict, Verdict::Pass) << first.text;
  EXPECT_GT(first.states.size(), 5u);
  EXPECT_GT(first.faults.at(faults::FaultKind::Start), 0u);
  EXPECT_GT(first.acknowledged_writes, 0u);
  EXPECT_EQ(search_once("lan", 3, masters, false).encode(), first.encode());
}

// The toy keeps its data on one disk only, so a failover loses them.
TEST(Search, FindsAMasterThatLosesWrites) {
  ToyFactory toys;
  bool found = false;
  for (std::uint64_t seed = 1; seed <= 20 && !found; ++seed)
    found = search_once("storm", seed, toys, false).verdict == Verdict::SafetyViolated;
  EXPECT_TRUE(found);
}

TEST(Search, AFailureIsAScenarioThatCanBeRun) {
  SearchOutcome failed = outcome(5, {});
  failed.verdict = Verdict::SafetyViolated;
  failed.text = "durability: lost\nmore";
  const std::string file = failure_file(generate_scenario("lan", 5), failed, "abc");
  const ParsedScenario parsed = parse_scenario("f", file);
  EXPECT_TRUE(parsed.mistakes.empty());
  EXPECT_EQ(parsed.scenario.first_seed, 5u);
  EXPECT_NE(file.find("build abc"), std::string::npos);
}

TEST(BuildId, IsOneOfTheLinker) { EXPECT_GE(build_id().size(), 7u); }

}  // namespace
}  // namespace quorate::sim
