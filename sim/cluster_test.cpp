#include "sim/cluster.h"

#include <gtest/gtest.h>

#include "sim/toy_node.h"

namespace quorate::sim {
namespace {

struct Notes final : HostWatcher {
  void on_exit(const Host& host, const ExitRecord& exit) override {
    exits.push_back(host.spec().name + " " + std::to_string(exit.code));
  }
  void on_replay_difference(const Host&, const std::string& difference) override {
    differences.push_back(difference);
  }
  std::vector<std::string> exits;
  std::vector<std::string> differences;
};

ClusterSpec three(std::uint64_t seed) {
  ClusterSpec spec;
  spec.seed = seed;
  for (std::uint32_t i = 1; i <= 3; ++i)
    spec.masters.push_back({"m" + std::to_string(i), Ipv4{0x0a000000 + i}, 5050, {}});
  return spec;
}

SimTime at(std::int64_t seconds) { return SimTime{Duration::seconds(seconds).ns}; }

std::uint64_t run(std::uint64_t seed, Notes& notes) {
  ToyFactory factory;
  Cluster cluster(three(seed), factory, notes);
  for (auto& host : cluster.hosts()) host->start();
  cluster.run_until(at(5));
  cluster.hosts()[0]->kill();
  cluster.run_until(at(30));
  cluster.hosts()[0]->start();
  cluster.run_until(at(60));
  cluster.finish();
  return cluster.world().hash();
}

TEST(Cluster, TheSameSeedGivesTheSameHashAndAnotherSeedAnother) {
  Notes notes;
  std::uint64_t first = run(1, notes);
  EXPECT_EQ(run(1, notes), first);
  EXPECT_NE(run(2, notes), first);
}

TEST(Cluster, ARecordingReplayedOnAFreshNodeHasTheSameEffects) {
  Notes notes;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) run(seed, notes);
  EXPECT_EQ(notes.differences, std::vector<std::string>{});
}

TEST(Cluster, AReplayOfANodeThatLooksOutsideOfItsEventsDiffers) {
  Notes notes;
  ToyFactory factory;
  factory.broken = true;
  Cluster cluster(three(1), factory, notes);
  for (auto& host : cluster.hosts()) host->start();
  cluster.run_until(at(10));
  cluster.finish();
  ASSERT_EQ(notes.differences.size(), 3u);
  EXPECT_NE(notes.differences[0].find("(Woken)"), std::string::npos) << notes.differences[0];
}

TEST(Cluster, ALeaderCutFromZookeeperEndsWith69AndTheSupervisorStartsItAgain) {
  Notes notes;
  ToyFactory factory;
  Cluster cluster(three(3), factory, notes);
  cluster.find("m2")->start();
  cluster.run_until(at(5));
  for (std::size_t i = 0; i < 3; ++i) {
    cluster.links().cut(cluster.find("m2")->place(), cluster.zookeeper().place(i));
    cluster.links().cut(cluster.zookeeper().place(i), cluster.find("m2")->place());
  }
  cluster.run_until(at(20));
  EXPECT_EQ(notes.exits, std::vector<std::string>{"m2 69"});
  EXPECT_EQ(cluster.find("m2")->incarnation(), 2u);
  EXPECT_TRUE(cluster.find("m2")->running());
}

TEST(Cluster, AStoppedHostClosesItsSessionAndEndsWith0) {
  Notes notes;
  ToyFactory factory;
  Cluster cluster(three(3), factory, notes);
  cluster.find("m1")->start();
  cluster.run_until(at(5));
  EXPECT_EQ(cluster.zookeeper().tree().find("/toy")->children.size(), 1u);
  cluster.find("m1")->stop();
  cluster.run_until(at(6));
  EXPECT_EQ(notes.exits, std::vector<std::string>{"m1 0"});
  EXPECT_TRUE(cluster.zookeeper().tree().find("/toy")->children.empty());
}

TEST(Cluster, APausedHostLosesItsSessionAndLearnsOfItWhenResumed) {
  Notes notes;
  ToyFactory factory;
  Cluster cluster(three(4), factory, notes);
  cluster.find("m1")->start();
  cluster.run_until(at(5));
  cluster.find("m1")->pause();
  cluster.run_until(at(30));
  EXPECT_TRUE(cluster.zookeeper().tree().find("/toy")->children.empty());
  EXPECT_TRUE(notes.exits.empty());
  cluster.find("m1")->resume();
  cluster.run_until(at(35));
  EXPECT_EQ(notes.exits, std::vector<std::string>{"m1 69"});
}

}  // namespace
}  // namespace quorate::sim
