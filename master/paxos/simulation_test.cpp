#include <gtest/gtest.h>

#include <iostream>

#include "master/base/random.h"
#include "master/paxos/world_test.h"

namespace quorate::paxos::test {
namespace {

// One run: a network that loses, repeats and reorders, replicas that crash and lose what was not
// synced, and several that want to lead.
class Story {
 public:
  Story(World::Settings settings, std::uint64_t seed)
      : world(settings), random_(seed, "paxos simulation") {}

  void storm(std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps && world.violation.empty(); ++i) step();
  }

  // No more losses and crashes, one leader. True if within the given rounds every replica has
  // learned everything up to a write of that leader.
  bool calm(std::size_t rounds) {
    const std::size_t leader = random_.below(world.replicas.size());
    for (std::size_t round = 0; round < rounds && world.violation.empty(); ++round) {
      Proposer& proposer = world.replicas[leader].proposer;
      if (proposer.phase() == Proposer::Phase::Idle) world.lead(leader);
      if (proposer.established() && written_ == Position{0}) {
        world.append(leader);
        written_ = proposer.end();
      }
      world.repeat(leader);
      drain();
      if (written_ > Position{0} && everywhere(written_)) return true;
      if (proposer.phase() == Proposer::Phase::Idle) written_ = Position{0};
    }
    return false;
  }

  World world;

 private:
  void step() {
    const std::uint64_t what = random_.below(1000);
    const std::size_t who = random_.below(world.replicas.size());
    if (what < 620 && !world.network.empty()) {
      network_step();
    } else if (what < 850) {
      const std::size_t records = 1 + random_.below(4);
      world.sync(who, records);
    } else if (what < 930) {
      world.append(who);
    } else if (what < 970) {
      world.repeat(who);
    } else if (what < 985) {
      world.confirm(who);
    } else if (what < 993) {
      world.lead(who);
    } else {
      const std::size_t kept = random_.below(4);
      world.crash(who, kept);
    }
  }

  void network_step() {
    const std::uint64_t fate = random_.below(100);
    // Mostly near the front, so that conversations get somewhere; sometimes anything.
    const std::size_t near = std::min<std::size_t>(world.network.size(), 4);
    const std::size_t packet = random_.below(fate < 90 ? near : world.network.size());
    if (fate % 10 == 0 || world.network.size() > 300) {
      world.network.erase(world.network.begin() + static_cast<std::ptrdiff_t>(packet));
      return;
    }
    if (fate % 10 == 1) world.network.push_back(world.network[packet]);
    world.deliver(packet);
  }

  void drain() {
    for (std::size_t i = 0; i < 20000 && world.violation.empty(); ++i) {
      for (std::size_t r = 0; r < world.replicas.size(); ++r) world.sync(r, 1000);
      if (world.network.empty()) return;
      world.deliver(0);
    }
  }

  bool everywhere(Position position) const {
    for (const Replica& replica : world.replicas)
      if (replica.table.learned() < position) return false;
    return true;
  }

  RandomStream random_;
  Position written_;
};

struct Totals {
  std::uint64_t chosen = 0;
  std::uint64_t confirmed = 0;
};

void simulate(std::size_t replicas, std::uint64_t seeds, std::uint64_t steps) {
  const std::uint64_t first = options.seed ? options.seed : 1;
  const std::uint64_t last = options.seed ? options.seed : options.seeds ? options.seeds : seeds;
  if (options.steps) steps = options.steps;
  Totals totals;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    Story run({.replicas = replicas, .plant = Plant::None, .prompt = false}, seed);
    run.storm(steps);
    const bool calmed = run.calm(100);
    totals.chosen += run.world.judge().chosen_end().value;
    totals.confirmed += run.world.confirmed;
    const std::string replay =
        "; replay with --seed=" + std::to_string(seed) + " --steps=" + std::to_string(steps);
    ASSERT_EQ(run.world.violation, "") << replay;
    ASSERT_TRUE(calmed) << "no progress after the network healed" << replay;
  }
  std::cout << replicas << " replicas, seeds " << first << " to " << last << ", " << steps
            << " steps each: " << totals.chosen << " positions chosen, " << totals.confirmed
            << " read barriers confirmed\n";
  EXPECT_GT(totals.chosen, last - first);
}

TEST(Simulation, ThreeReplicasAgreeAndLoseNothingAndGoOnAfterTheStorm) { simulate(3, 20, 3000); }

TEST(Simulation, FiveReplicasAgreeAndLoseNothingAndGoOnAfterTheStorm) { simulate(5, 12, 3000); }

TEST(Simulation, TheSameSeedGivesTheSameWorld) {
  const World::Settings settings{.replicas = 3, .plant = Plant::None, .prompt = false};
  Story one(settings, 7);
  Story two(settings, 7);
  one.storm(2000);
  two.storm(2000);

  EXPECT_EQ(one.world.fingerprint(), two.world.fingerprint());
}

// How many runs it takes to see a planted error; 0 if it was never seen.
std::uint64_t seeds_to_find(Plant plant, std::uint64_t seeds_max) {
  for (std::uint64_t seed = 1; seed <= seeds_max; ++seed) {
    Story run({.replicas = 3, .plant = plant, .prompt = false}, seed);
    run.storm(3000);
    if (!run.world.violation.empty()) return seed;
  }
  return 0;
}

TEST(Simulation, FindsAnAcceptorThatDoesNotPromiseByAccepting) {
  EXPECT_GT(seeds_to_find(Plant::AcceptIsNoPromise, 200), 0u);
}

TEST(Simulation, FindsAnAnswerBeforeItsSync) {
  EXPECT_GT(seeds_to_find(Plant::AnswerBeforeSync, 200), 0u);
}

TEST(Simulation, FindsAWatermarkThatTeachesWhateverIsHeld) {
  EXPECT_GT(seeds_to_find(Plant::WatermarkTeachesAll, 200), 0u);
}

TEST(Simulation, FindsAnAcceptorThatTakesEntriesInAnyOrder) {
  EXPECT_GT(seeds_to_find(Plant::OutOfOrder, 200), 0u);
}

}  // namespace
}  // namespace quorate::paxos::test
