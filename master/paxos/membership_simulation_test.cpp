#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "master/base/random.h"
#include "master/paxos/world_test.h"

// Storms over an ensemble that changes its members: rules 20 to 24 and the message list of
// protocol.md 5.

namespace quorate::paxos::test {
namespace {

struct Shape {
  std::size_t replicas = 5;
  std::size_t founders = 3;
  std::size_t members_max = 3;  // of a configuration
};

// As the Story of simulation_test.cpp, with changes, and with replicas that die for good.
class Story {
 public:
  Story(const Shape& shape, std::uint64_t seed, Plant plant = Plant::None)
      : world({shape.replicas, shape.founders, plant, false}),
        shape_(shape),
        random_(seed, "membership simulation"),
        dead_(shape.replicas) {}

  void storm(std::uint64_t steps) {
    for (std::uint64_t i = 0; i < steps && world.violation.empty(); ++i) step();
  }

  // No more losses and crashes. True if some member of the newest configuration leads within the
  // rounds, and every living one has learned a write of it.
  bool calm(std::size_t rounds) {
    for (std::size_t round = 0; round < rounds && world.violation.empty(); ++round) {
      const std::vector<std::size_t> members = living(world.judge().newest());
      const std::size_t leader = members[(round / 4) % members.size()];
      Proposer& proposer = world.replicas[leader].proposer;
      // Who is outbid finds it out from its own acceptor, as ReplicatedLog does.
      const bool outbid = world.replicas[leader].acceptor.promised() > proposer.ballot();
      if (outbid || proposer.phase() == Proposer::Phase::Idle) world.lead(leader);
      drain();
      if (proposer.established() && proposer.takes_entries()) {
        world.append(leader);
        const Position written = proposer.end();
        world.repeat(leader);
        drain();
        const auto learned = [&](std::size_t i) {
          return world.replicas[i].table.learned() >= written;
        };
        const std::vector<std::size_t> now = living(world.judge().newest());
        if (std::all_of(now.begin(), now.end(), learned)) return true;
      }
      world.repeat(leader);
      drain();
    }
    return false;
  }

  World world;
  std::uint64_t deaths = 0;

 private:
  void step() {
    const std::uint64_t what = random_.below(1000);
    const std::size_t who = random_.below(world.replicas.size());
    if (what < 620 && !world.network.empty()) return network_step();
    if (dead_[who]) return;
    if (what < 850) return world.sync(who, 1 + random_.below(4));
    if (what < 910) return world.append(who);
    if (what < 955) return world.repeat(who);
    if (what < 965) return world.confirm(who);
    if (what < 978) return change(who);
    if (what < 988) return world.lead(who);
    if (what < 996) return world.crash(who, random_.below(4));
    if (what < 999) return wipe(who);
    if (random_.below(4) == 0) die(who);
  }

  void change(std::size_t who) {
    std::vector<std::size_t> all;
    const MaybeConfiguration& present = world.replicas[who].proposer.configuration();
    for (std::size_t i = 0; i < world.replicas.size(); ++i)
      if (!dead_[i] && present && !is_retired(*present, world.replicas[i].id)) all.push_back(i);
    if (all.empty()) return;
    std::vector<std::size_t> members;
    const std::size_t size = std::min(all.size(), 1 + random_.below(shape_.members_max));
    while (members.size() < size) {
      const std::size_t taken = random_.below(all.size());
      members.push_back(all[taken]);
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(taken));
    }
    world.change(who, members);
  }

  static bool is_retired(const Configuration& configuration, ReplicaId id) {
    return std::find(configuration.retired.begin(), configuration.retired.end(), id) !=
           configuration.retired.end();
  }

  // A majority is left in every configuration that is in force or under way anywhere: until a
  // quorum of the new one has learned it, a change needs both (rule 24), and so does one that
  // somebody may begin again.
  bool expendable(std::size_t who) const {
    if (!spared(world.judge().newest(), who)) return false;
    if (!world.settled() && !spared(world.judge().before_newest(), who)) return false;
    for (const Replica& replica : world.replicas)
      for (Position p = replica.table.begin(); p <= replica.table.end(); p = p.next())
        if (const MaybeConfiguration held = configuration_in(replica.table.find(p)->entry))
          if (held->epoch >= world.judge().newest().epoch && !spared(*held, who)) return false;
    for (const Replica& replica : world.replicas)
      if (replica.proposer.changing_to() && !spared(*replica.proposer.changing_to(), who))
        return false;
    for (const Packet& packet : world.network)
      if (const auto* accept = std::get_if<Accept>(&packet.message))
        for (const Entry& entry : accept->entries)
          if (const MaybeConfiguration sent = configuration_in(entry); sent && !spared(*sent, who))
            return false;
    return true;
  }

  void die(std::size_t who) {
    if (deaths == 2 || !expendable(who)) return;
    dead_[who] = true;
    ++deaths;
    world.crash(who, 0);
  }

  void wipe(std::size_t who) {
    const bool member = world.judge().newest().contains(world.replicas[who].id);
    if (!member && world.settled() && expendable(who)) world.wipe(who);
  }

  bool spared(const Configuration& configuration, std::size_t dying) const {
    std::uint32_t alive = 0;
    for (std::size_t i : living(configuration))
      if (i != dying) ++alive;
    return alive >= configuration.quorum();
  }

  std::vector<std::size_t> living(const Configuration& configuration) const {
    std::vector<std::size_t> alive;
    for (std::size_t i = 0; i < world.replicas.size(); ++i)
      if (!dead_[i] && configuration.contains(world.replicas[i].id)) alive.push_back(i);
    return alive;
  }

  void network_step() {
    const std::uint64_t fate = random_.below(100);
    const std::size_t near = std::min<std::size_t>(world.network.size(), 6);
    const std::size_t packet = random_.below(fate < 90 ? near : world.network.size());
    if (fate % 10 == 0 || world.network.size() > 300 || dead(world.network[packet].to)) {
      world.network.erase(world.network.begin() + static_cast<std::ptrdiff_t>(packet));
      return;
    }
    if (fate % 10 == 1) world.network.push_back(world.network[packet]);
    world.deliver(packet);
  }

  bool dead(ReplicaId id) const {
    for (std::size_t i = 0; i < world.replicas.size(); ++i)
      if (world.replicas[i].id == id) return dead_[i];
    return true;  // it was wiped, and has another id
  }

  void drain() {
    for (std::size_t i = 0; i < 20000 && world.violation.empty(); ++i) {
      for (std::size_t r = 0; r < world.replicas.size(); ++r)
        if (!dead_[r]) world.sync(r, 1000);
      std::erase_if(world.network, [this](const Packet& p) { return dead(p.to); });
      if (world.network.empty()) return;
      world.deliver(0);
    }
  }

  Shape shape_;
  RandomStream random_;
  std::vector<bool> dead_;
};

void simulate(const Shape& shape, std::uint64_t seeds, std::uint64_t steps) {
  const std::uint64_t first = options.seed ? options.seed : 1;
  const std::uint64_t last = options.seed ? options.seed : options.seeds ? options.seeds : seeds;
  if (options.steps) steps = options.steps;
  std::uint64_t epochs = 0, chosen = 0, deaths = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    Story run(shape, seed);
    run.storm(steps);
    const std::string replay =
        "; replay with --seed=" + std::to_string(seed) + " --steps=" + std::to_string(steps);
    ASSERT_EQ(run.world.violation, "") << replay;
    const bool calmed = run.calm(200);
    ASSERT_EQ(run.world.violation, "") << replay;
    ASSERT_TRUE(calmed) << "no progress after the network healed" << replay;
    epochs += run.world.judge().newest().epoch - 1;
    chosen += run.world.judge().chosen_end().value;
    deaths += run.deaths;
  }
  std::cout << shape.replicas << " replicas, seeds " << first << " to " << last << ": " << epochs
            << " changes and " << chosen << " positions chosen, " << deaths << " replicas lost\n";
  EXPECT_GT(2 * epochs, last - first);
}

TEST(Membership, ThreeOfFiveChangeAndAgreeAndGoOnAfterTheStorm) { simulate({5, 3, 3}, 30, 4000); }

TEST(Membership, OneGrowsAndShrinksAmongFour) { simulate({4, 1, 3}, 20, 4000); }

TEST(Membership, FiveOfSevenChangeAndAgreeAndGoOnAfterTheStorm) { simulate({7, 3, 5}, 12, 8000); }

}  // namespace
}  // namespace quorate::paxos::test
