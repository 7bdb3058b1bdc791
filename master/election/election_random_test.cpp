#include <gtest/gtest.h>

#include <map>

#include "master/base/random.h"
#include "master/election/test_world.h"

// Three masters under random cuts, pauses, lost answers and restarts. At no moment may two of them
// hold a valid lease; once all is well again, exactly one leads and everybody has one node of each
// kind.

namespace quorate::election {
namespace {

class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : random_(seed, "election test") {
    for (int i = 0; i < 3; ++i) add();
  }

  void trouble() {
    std::uint64_t action = random_.below(8);
    std::size_t slot = random_.below(living_.size());
    Life& life = living_[slot];
    FakeClient& client = life.host->client;
    if (action == 0) client.disconnect();
    if (action == 1) reconnect(life);
    if (action == 2) life.paused = true;
    if (action == 3) life.paused = false;
    if (action == 4 || action == 5) {
      constexpr const char* kCalls[] = {"create", "get", "children", "exists", "remove"};
      const char* call = kCalls[random_.below(5)];
      bool applied = random_.chance_ppm(500'000);
      client.faults.push_back({call, CoordinationCode::ConnectionLoss, applied});
    }
    if (action == 6) restart(slot);
    run(Duration::milliseconds(random_.between(0, 4000)));
  }

  void heal() {
    for (Life& life : living_) {
      life.paused = false;
      life.host->client.faults.clear();
      reconnect(life);
    }
    run(Duration::seconds(200));
  }

  // Everybody moves in small steps, so that what must hold is looked at often.
  void run(Duration duration) {
    for (std::int64_t passed = 0; passed <= duration.ns; passed += 250'000'000) {
      world_.now.mono = world_.now.mono + Duration::milliseconds(250);
      expire_silent_sessions();
      bool more = true;
      while (more) {
        more = false;
        for (Life& life : living_) {
          if (life.paused) continue;
          life.host->election.on_time(world_.now);
          more = world_.step(*life.host) || more;
        }
        expect_one_leader();
      }
      for (std::size_t slot = 0; slot < living_.size(); ++slot) {
        if (living_[slot].host->ended()) restart(slot);
      }
    }
  }

  void expect_one_leader() {
    std::size_t leaders = 0;
    for (const Life& life : living_) leaders += life.host->election.lease_valid(world_.now) ? 1 : 0;
    EXPECT_LE(leaders, 1u);
    most_leaders_ = std::max(most_leaders_, leaders);
  }

  void expect_order() {
    std::size_t leaders = 0;
    for (const Life& life : living_) {
      leaders += life.host->election.leading() ? 1 : 0;
      EXPECT_EQ(life.host->election.replicas().size(), 3u);
      EXPECT_EQ(life.host->election.leader(), living_[0].host->election.leader());
    }
    EXPECT_EQ(leaders, 1u);
    EXPECT_EQ(world_.candidates().size(), 3u);
    EXPECT_EQ(world_.tree.children("/top/mesos/quorate_replicas").size(), 3u);
    EXPECT_EQ(most_leaders_, 1u);
  }

 private:
  struct Life {
    Host* host = nullptr;
    bool paused = false;
  };

  void add() {
    Host& host = world_.add("m" + std::to_string(++born_));
    host.election.start(world_.now);
    host.election.join_replicas(world_.now, "replica of " + host.info.id + ".");
    host.election.contend(world_.now, host.info);
    living_.push_back({&host, false});
    touched_[host.client.session] = world_.now.mono;
  }
  // The process dies; its session lingers at the servers.
  void restart(std::size_t slot) {
    living_[slot].host->client.disconnect();
    living_.erase(living_.begin() + static_cast<std::ptrdiff_t>(slot));
    add();
  }
  void reconnect(Life& life) {
    FakeClient& client = life.host->client;
    if (client.reachable) return;
    bool gone = client.session != 0 && !touched_.contains(client.session);
    gone ? client.expire() : client.connect();
  }
  void expire_silent_sessions() {
    for (const Life& life : living_) {
      FakeClient& client = life.host->client;
      bool alive = client.reachable && !life.paused && client.session != 0;
      bool known = touched_.contains(client.session) || !ended_.contains(client.session);
      if (alive && known) touched_[client.session] = world_.now.mono;
    }
    for (auto it = touched_.begin(); it != touched_.end();) {
      if (it->second + world_.tree.timeout > world_.now.mono) {
        ++it;
        continue;
      }
      ended_.insert(it->first);
      world_.tree.end_session(it->first);
      for (const Life& life : living_) {
        FakeClient& client = life.host->client;
        if (client.session == it->first && client.reachable) client.expire();
      }
      it = touched_.erase(it);
    }
  }

  TestWorld world_;
  RandomStream random_;
  std::vector<Life> living_;
  std::map<std::int64_t, MonoTime>
      touched_;  // living sessions, and when the servers last heard them
  std::set<std::int64_t> ended_;
  int born_ = 0;
  std::size_t most_leaders_ = 0;
};

class RandomTrouble : public ::testing::TestWithParam<int> {};

TEST_P(RandomTrouble, NeverMakesTwoLeadersAndEndsInOrder) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomWorld world(static_cast<std::uint64_t>(GetParam()) * 1000 + seed);
    world.run(Duration::seconds(5));
    for (int step = 0; step < 60; ++step) world.trouble();
    world.heal();

    world.expect_order();
    if (HasFailure()) FAIL() << "seed " << GetParam() * 1000 + static_cast<int>(seed);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTrouble, ::testing::Range(1, 6));

}  // namespace
}  // namespace quorate::election
