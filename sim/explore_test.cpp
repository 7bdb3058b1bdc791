#include "sim/explore.h"

#include <gtest/gtest.h>

#include <set>

namespace quorate::sim {
namespace {

ExploreFound explore(const ExploreSettings& settings, std::uint64_t states_max = ~0ull) {
  return Explore(settings).run(
      [states_max](const ExploreProgress& progress) { return progress.states < states_max; });
}

// The counts are pinned: a space that shrinks unnoticed proves less.
TEST(Explore, EveryOrderOfOneBallotEachIsGood) {
  const ExploreFound found = explore({.ballots_each = 1, .crashes = 0});

  EXPECT_TRUE(found.complete);
  EXPECT_EQ(found.violation, "");
  EXPECT_EQ(found.progress.states, 19077u);
  EXPECT_EQ(found.progress.depth, 17u);
}

TEST(Explore, WithACrashAtEveryEventAndARepeatedMessage) {
  const ExploreFound crashed = explore({.ballots_each = 1, .crashes = 1, .learning = false});
  EXPECT_TRUE(crashed.complete);
  EXPECT_EQ(crashed.violation, "");

  const ExploreFound repeated = explore({.ballots_each = 1, .crashes = 0, .repeats = 1});
  EXPECT_TRUE(repeated.complete);
  EXPECT_EQ(repeated.violation, "");
  EXPECT_GT(repeated.progress.states, 19077u);
}

TEST(Explore, ABeginningOfTheWholeSpaceIsGood) {
  const ExploreFound found = explore({}, 100'000);

  EXPECT_FALSE(found.complete);
  EXPECT_EQ(found.violation, "");
  EXPECT_EQ(found.progress.states, 114'688u);  // asked every 16 384 states
}

TEST(Explore, TwoRunsFindTheSame) {
  const ExploreFound one = explore({.ballots_each = 1, .crashes = 1, .learning = false});
  const ExploreFound two = explore({.ballots_each = 1, .crashes = 1, .learning = false});
  EXPECT_EQ(one.progress.states, two.progress.states);
  EXPECT_EQ(one.progress.transitions, two.progress.transitions);
  EXPECT_EQ(one.parts, two.parts);
}

// An error on purpose: a proposer that counts one vote as a quorum.
TEST(Explore, FindsAQuorumThatIsOffByOneAndTheWayToIt) {
  const ExploreFound found = explore({.quorum = 1});

  EXPECT_FALSE(found.complete);
  EXPECT_NE(found.violation.find("not held by a quorum"), std::string::npos);
  ASSERT_EQ(found.path.size(), found.progress.depth);
  EXPECT_EQ(found.path.front(), "1 begins ballot 1.1");
}

// --- The model itself

TEST(ExploreModel, TheFirstEventsAreTheTwoProposersBallots) {
  ExploreModel model(ExploreSettings{});
  std::set<std::string> events;
  for (const ExploreStep& step : model.next(model.initial()))
    events.insert(model.to_text(step.event));
  EXPECT_EQ(events, (std::set<std::string>{"1 begins ballot 1.1", "2 begins ballot 1.2"}));
}

TEST(ExploreModel, APrepareLeavesOnlyAfterTheOwnPromise) {
  ExploreModel model(ExploreSettings{});
  const ExploreState led = model.next(model.initial()).front().state;
  std::set<std::string> delivered;
  for (const ExploreStep& step : model.next(led))
    if (step.event.kind == ExploreEvent::Kind::Deliver) delivered.insert(model.to_text(step.event));
  EXPECT_EQ(delivered,
            (std::set<std::string>{"Prepare 1.1 from 1 to 2", "Prepare 1.1 from 1 to 3"}));
  EXPECT_NE(led.voters[0], model.initial().voters[0]);
}

TEST(ExploreModel, ACrashBeforeTheSyncForgetsThePromise) {
  ExploreModel model(ExploreSettings{});
  const ExploreState led = model.next(model.initial()).front().state;
  bool found = false;
  for (const ExploreStep& step : model.next(led)) {
    if (step.event.kind != ExploreEvent::Kind::DeliverAndCrash) continue;
    found = true;
    const std::uint8_t replica = step.event.replica;
    EXPECT_EQ(step.state.voters[replica], led.voters[replica]);  // nothing was promised
    EXPECT_EQ(step.state.crashes, 0);
    EXPECT_EQ(step.state.messages, led.messages - 1);  // and nothing answered
  }
  EXPECT_TRUE(found);
}

// --- What it stands on

TEST(FlatHash, KnowsWhatWasPutIn) {
  HashSet set;
  FlatMap map;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    EXPECT_TRUE(set.insert({i, i * i}));
    map.insert(i + 1, static_cast<std::uint32_t>(i));
  }
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    EXPECT_FALSE(set.insert({i, i * i}));
    ASSERT_NE(map.find(i + 1), nullptr);
    EXPECT_EQ(*map.find(i + 1), i);
  }
  EXPECT_EQ(set.size(), 20'000u);
  EXPECT_EQ(map.find(20'001), nullptr);
}

}  // namespace
}  // namespace quorate::sim
