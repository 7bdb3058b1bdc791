#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "master/base/random.h"
#include "master/ensemble/admission.h"
#include "master/ensemble/view_test_kit.h"
#include "master/ensemble/wishes.h"

// Random ensembles with random flags, silences, lags and strangers. What is decided is carried out
// until nothing is left to do.

namespace quorate::ensemble {
namespace {

using namespace kit;

constexpr std::uint64_t kSeeds = 10'000;

Flags random_flags(RandomStream& random) {
  static const std::vector<std::vector<std::uint64_t>> kLists = {
      {1}, {1, 2}, {1, 2, 3}, {1, 2, 4}, {2, 3, 4}, {1, 2, 3, 4, 5}, {6}, {4, 5, 6}};
  Flags flags;
  if (random.chance_ppm(700'000)) flags.quorum = random.between(-1, 4);
  if (random.chance_ppm(300'000)) flags.masters = masters(kLists[random.below(kLists.size())]);
  return flags;
}

EnsembleView random_view(RandomStream& random) {
  const std::uint64_t size = 1 + random.below(5);
  std::vector<std::uint64_t> ids;
  for (std::uint64_t id = 1; id <= size; ++id) ids.push_back(id);
  EnsembleView view = ensemble_of(ids);
  const std::uint64_t strangers = random.below(4);
  for (std::uint64_t id = size + 1; id <= size + strangers; ++id)
    view.nodes.push_back(newcomer(id, {}));
  // Mostly one opinion, with some that differ: as in life.
  const Flags common = random_flags(random);
  for (Node& node : view.nodes) {
    node.flags = random.chance_ppm(930'000) ? common : random_flags(random);
    if (random.chance_ppm(150'000)) node.silent = Duration::seconds(random.between(0, 200));
    if (random.chance_ppm(50'000)) node.held = paxos::Position(random.below(1000));
    if (random.chance_ppm(20'000)) node.chain_agrees = false;
    if (random.chance_ppm(10'000)) node.mode = Mode::Discovered;
    if (node.empty && random.chance_ppm(100'000)) node.address = address(1 + random.below(size));
    if (node.empty && random.chance_ppm(30'000)) node.ensemble = kY;
  }
  at(view, 1).silent = {};
  // What a hostile or broken peer may say of itself.
  for (std::uint64_t more = random.below(3); more > 0; --more) {
    Node odd = view.nodes[random.below(view.nodes.size())];
    switch (random.below(4)) {
      case 0: odd.replica = {}; break;
      case 1: odd.address = std::string(1000, 'h') + ":5050"; break;
      case 2: odd.address = ""; break;
      default: odd.address = address(random.below(9)); break;
    }
    view.nodes.push_back(odd);
  }
  return view;
}

std::uint32_t count_of(const std::vector<paxos::Member>& members, const auto& is) {
  return static_cast<std::uint32_t>(std::count_if(members.begin(), members.end(), is));
}

// What must hold of every change, from the rules and not from the code.
void check(const EnsembleView& view, const Change& change) {
  const paxos::Configuration& now = view.configuration;
  const paxos::Configuration& next = change.successor;
  ASSERT_FALSE(broken(next).has_value());
  ASSERT_EQ(next.epoch, now.epoch + 1);
  const auto sound = [&](const paxos::Member& member) { return view.sound(member.replica); };
  ASSERT_GE(count_of(now.members, sound), now.quorum()) << "a change without a quorum";
  ASSERT_GE(
      count_of(next.members, sound),
      std::min<std::uint32_t>(next.quorum() + 1, static_cast<std::uint32_t>(next.members.size())));
  for (const paxos::Member& member : next.members) {
    if (now.contains(member.replica)) continue;
    const Node* node = view.find(member.replica);
    ASSERT_NE(node, nullptr);
    ASSERT_EQ(node->ensemble, view.ensemble) << "a stranger's log";
    ASSERT_TRUE(std::holds_alternative<MayLearn>(admit(view, *node))) << "nobody let it in";
  }
  for (const paxos::Member& member : now.members) {
    if (next.contains(member.replica) || view.gone(member.replica)) continue;
    // Only --masters drops somebody who may be alive, and then a quorum of members names the rest.
    const auto names_others = [&](const paxos::Member& voter) {
      const Node* node = view.find(voter.replica);
      return node != nullptr && node->flags.masters &&
             !node->flags.masters->contains(view.address_of(member.replica));
    };
    ASSERT_GE(count_of(now.members, names_others), now.quorum());
  }
}

// A change by flags: nobody alive in the new ensemble wishes for another size. A replacement keeps
// all but one, who is gone.
void check_agreement(const EnsembleView& view, const Change& change) {
  const paxos::Configuration& next = change.successor;
  const std::vector<paxos::Member>& now = view.configuration.members;
  const bool replaces = next.members.size() == now.size() &&
                        count_of(now, [&](const paxos::Member& member) {
                          return !next.contains(member.replica) && view.gone(member.replica);
                        }) == 1;
  if (replaces) return;
  for (const paxos::Member& member : next.members)
    if (view.alive(member.replica)) {
      ASSERT_EQ(wished_size(view.find(member.replica)->flags), next.members.size());
    }
}

// Everybody who may learn has learned.
void let_all_learn(EnsembleView& view) {
  for (Node& node : view.nodes)
    if (view.alive(node.replica) && std::holds_alternative<MayLearn>(admit(view, node)))
      let_learn(view, node.replica.value);
}

TEST(WishesAtRandom, AreSafeAndComeToAnEnd) {
  int changes = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random(seed, "wishes");
    EnsembleView view = random_view(random);
    std::set<std::vector<ReplicaId>> seen = {view.configuration.replicas()};
    for (int step = 0;; ++step) {
      ASSERT_LT(step, 5) << "it never ends";
      let_all_learn(view);
      const Decision decision = decide(view);
      ASSERT_EQ(decide(view), decision);
      const auto* change = std::get_if<Change>(&decision);
      if (change == nullptr) break;
      check(view, *change);
      check_agreement(view, *change);
      if (HasFailure()) return;
      view.configuration = change->successor;
      ASSERT_TRUE(seen.insert(view.configuration.replicas()).second) << "it flaps";
      ++changes;
    }
  }
  EXPECT_GT(changes, 500);
  RecordProperty("changes", changes);
}

// Once an ensemble is what all its masters wish for, one stale unit file moves nothing.
TEST(WishesAtRandom, OneStaleUnitFileMovesNothing) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomStream random(seed, "stale");
    EnsembleView view =
        random.chance_ppm(500'000) ? ensemble_of({1, 2, 3}) : ensemble_of({1, 2, 3, 4, 5});
    for (std::uint64_t id = 6; id < 9; ++id) {
      view.nodes.push_back(newcomer(id, random_flags(random)));
      let_learn(view, id);
    }
    const std::uint64_t stale = 1 + random.below(view.size());
    at(view, stale).flags = random_flags(random);
    ASSERT_TRUE(std::holds_alternative<Nothing>(decide(view)));
  }
}

}  // namespace
}  // namespace quorate::ensemble
