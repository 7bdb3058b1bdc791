#include <gtest/gtest.h>

#include "master/election/election.h"
#include "master/election/test_world.h"

namespace quorate::election {
namespace {

constexpr const char* kGroup = "/top/mesos/quorate_replicas";

Host& replica(TestWorld& world, const std::string& name) {
  Host& host = world.add(name);
  host.election.start(world.now);
  host.election.join_replicas(world.now, "data of " + name);
  world.settle();
  return host;
}

std::vector<Bytes> group(const Host& host) {
  std::vector<Bytes> data;
  for (const ReplicaNode& node : host.election.replicas()) data.push_back(node.data);
  return data;
}

TEST(ReplicaGroup, EveryMemberSeesTheDataOfAll) {
  TestWorld world;
  Host& a = replica(world, "a");
  Host& b = replica(world, "b");

  EXPECT_EQ(group(a), (std::vector<Bytes>{"data of a", "data of b"}));
  EXPECT_EQ(group(b), group(a));
  EXPECT_EQ(world.tree.children(kGroup), (std::vector<std::string>{"0000000000", "0000000001"}));
  EXPECT_EQ(a.all<ReplicasChanged>().back().replicas[1], (ReplicaNode{1, "data of b"}));
}

TEST(ReplicaGroup, AnOwnNodeThatVanishesIsMadeAgain) {
  TestWorld world;
  Host& a = replica(world, "a");
  Host& b = replica(world, "b");
  world.tree.erase(std::string(kGroup) + "/0000000000");
  world.settle();

  EXPECT_EQ(group(b), (std::vector<Bytes>{"data of b", "data of a"}));
  EXPECT_EQ(group(a), group(b));
}

TEST(ReplicaGroup, StandsAsItWasWhileTheConnectionIsLostAndWhileTheSessionIsNew) {
  TestWorld world;
  Host& a = replica(world, "a");
  Host& b = replica(world, "b");
  (void)b;
  a.client.disconnect();
  world.pass(Duration::seconds(60));
  EXPECT_EQ(group(a), (std::vector<Bytes>{"data of a", "data of b"}));

  a.client.connect();
  world.pass(Duration::seconds(5));
  for (const ReplicasChanged& changed : a.all<ReplicasChanged>()) {
    EXPECT_FALSE(changed.replicas.empty());
  }
  EXPECT_EQ(group(a).size(), 2u);
}

TEST(ReplicaGroup, AMemberThatExpiresComesBackOnce) {
  TestWorld world;
  Host& a = replica(world, "a");
  Host& b = replica(world, "b");
  a.client.expire();
  world.settle();

  EXPECT_EQ(group(b), (std::vector<Bytes>{"data of b", "data of a"}));
  EXPECT_EQ(world.tree.children(kGroup).size(), 2u);
}

TEST(ReplicaGroup, TwoNodesOfOneProcessCountOnceAndOneIsRemoved) {
  TestWorld world;
  Host& a = replica(world, "a");
  Host& b = replica(world, "b");
  world.tree.put(std::string(kGroup) + "/0000000007", "data of a", a.client.session);
  world.settle();

  EXPECT_EQ(world.tree.children(kGroup).size(), 2u);
  EXPECT_EQ(group(b).size(), 2u);
  for (const ReplicasChanged& changed : b.all<ReplicasChanged>()) {
    EXPECT_LE(changed.replicas.size(), 2u);
  }
}

TEST(ReplicaGroup, OddNamesAreNotMembers) {
  TestWorld world;
  Host& a = replica(world, "a");
  world.tree.put(std::string(kGroup) + "/lock", "x");
  world.settle();

  EXPECT_EQ(group(a), (std::vector<Bytes>{"data of a"}));
}

TEST(ReplicaGroup, IsSeenByOneThatDidNotJoin) {
  TestWorld world;
  replica(world, "a");
  Host& watcher = world.contender("watcher");

  EXPECT_EQ(group(watcher), (std::vector<Bytes>{"data of a"}));
}

}  // namespace
}  // namespace quorate::election
