#include <gtest/gtest.h>

#include <iostream>

#include "master/paxos/search_test.h"

namespace quorate::paxos::test {
namespace {

// In an empty log each proposes a Genesis of its own at position 1.
Found explore(const char* what, Plant plant, const Budget& budget, std::size_t states_max) {
  const World begin({.replicas = 3, .founders = 0, .plant = plant, .prompt = true});
  const Found found = Search(states_max).run(begin, budget);
  std::cout << what << ": " << found.states << " states, "
            << (found.complete ? "all there are" : "bounded; --states=N for more") << "\n";
  return found;
}

TEST(Exploration, TwoProposersWithOneBallotEachNeverDisagree) {
  const Found found = explore("2 proposers, 1 ballot each", Plant::None, {1, 0, 0, false}, 30000);

  EXPECT_EQ(found.violation, "");
  EXPECT_TRUE(found.two_leaders) << "the search is too shallow to mean anything";
}

TEST(Exploration, ACrashAtAnyMessageAndARepeatedOneChangeNothing) {
  const Found found = explore("and 1 crash, 1 repeat", Plant::None, {1, 1, 1}, 4000);

  EXPECT_EQ(found.violation, "");
}

TEST(Exploration, TwoProposersWithTwoBallotsEachNeverDisagree) {
  const Found found = explore("2 proposers, 2 ballots each", Plant::None, {2, 0, 0}, 4000);

  EXPECT_EQ(found.violation, "");
}

TEST(Exploration, FindsAnAnswerBeforeItsSync) {
  const Found found =
      explore("planted: answer before sync", Plant::AnswerBeforeSync, {1, 1, 0}, 100000);

  EXPECT_NE(found.violation, "");
}

// --- Members that change (protocol.md 5)

// Recorded, with one leader, everything learned everywhere, and nothing under way.
World born(std::size_t replicas, std::size_t founders) {
  World world({.replicas = replicas, .founders = founders, .plant = Plant::None, .prompt = true});
  world.lead(0);
  while (!world.network.empty()) world.deliver(0);
  world.repeat(0);
  while (!world.network.empty()) world.deliver(0);
  return world;
}

void explore_changes(const char* what, const World& begin, const Budget& budget,
                     std::uint64_t epoch, std::size_t states_max) {
  const Found found = Search(states_max).run(begin, budget);
  std::cout << what << ": " << found.states << " states, epoch " << found.epoch << ", "
            << (found.complete ? "all there are" : "bounded; --states=N for more") << "\n";
  EXPECT_EQ(found.violation, "") << what;
  EXPECT_GE(found.epoch, epoch) << what << ": too shallow to mean anything";
}

TEST(Exploration, AReplacementWithARivalNeverDisagrees) {
  explore_changes("{A,B} -> {A,C}, a rival", born(3, 2),
                  {.ballots_each = 1, .learning = false, .changes = {{0, {0, 2}}}}, 2, 8000);
}

TEST(Exploration, AReplacementWithARivalAndACrashNeverDisagrees) {
  explore_changes("{A,B} -> {A,C}, a rival, a crash", born(3, 2),
                  {.ballots_each = 1, .crashes = 1, .learning = false, .changes = {{0, {0, 2}}}}, 2,
                  4000);
}

TEST(Exploration, AReplacementAmongThreeWithARivalNeverDisagrees) {
  explore_changes("{A,B,C} -> {A,B,D}, a rival", born(4, 3),
                  {.ballots_each = 1, .learning = false, .changes = {{0, {0, 1, 3}}}}, 1, 4000);
}

TEST(Exploration, AGrowthFromOneWithACrashNeverDisagrees) {
  explore_changes("{A} -> {A,B}, a crash", born(2, 1),
                  {.ballots_each = 1, .crashes = 1, .changes = {{0, {0, 1}}}}, 2, 8000);
}

TEST(Exploration, TwoChangesOfTwoLeadersNeverDisagree) {
  explore_changes("{A,B} -> {A} by A, {B} by B", born(2, 2),
                  {.ballots_each = 1, .changes = {{0, {0}}, {1, {1}}}}, 2, 8000);
}

}  // namespace
}  // namespace quorate::paxos::test
