#include <gtest/gtest.h>

#include "master/election/election.h"
#include "master/election/test_world.h"

// The lease, cut connections and pauses. The negotiated timeout is 10 s: a ping leaves every 3.33
// s, and the lease ends 9 s after the sending of the last answered call.

namespace quorate::election {
namespace {

std::size_t pings(const Host& host) {
  std::size_t count = 0;
  for (const std::string& call : host.client.calls) {
    if (call.starts_with("exists") && call.find("json.info_") != std::string::npos) ++count;
  }
  return count;
}

TEST(Lease, IsKeptByALightRequestEveryThirdOfTheTimeout) {
  TestWorld world;
  Host& a = world.contender("a");
  world.pass(Duration::seconds(60));

  EXPECT_TRUE(a.election.lease_valid(world.now));
  EXPECT_GE(pings(a), 17u);
  EXPECT_LE(pings(a), 19u);
}

TEST(Lease, FollowsTheNegotiatedTimeoutNotTheOneAskedFor) {
  TestWorld world;
  world.tree.timeout = Duration::seconds(40);
  Host& a = world.contender("a");
  EXPECT_EQ(a.election.session_timeout(), Duration::seconds(40));
  a.client.disconnect();
  world.pass(Duration::seconds(35));
  EXPECT_TRUE(a.election.lease_valid(world.now));

  world.pass(Duration::seconds(2));
  EXPECT_TRUE(a.ended());
}

TEST(Lease, EndsNineTenthsOfTheTimeoutAfterTheLastAnsweredCallWasSent) {
  TestWorld world;
  Host& a = world.contender("a");
  world.settle();
  MonoTime elected = world.now.mono;
  // The servers fall silent at once; the client library tells of it only much later.
  world.jump(Duration::seconds(6));
  a.client.disconnect();
  world.settle();
  ASSERT_FALSE(a.ended());
  EXPECT_EQ(a.election.next_deadline(), elected + Duration::seconds(9));

  world.now.mono = elected + Duration::milliseconds(8999);
  a.election.on_time(world.now);
  EXPECT_TRUE(a.election.lease_valid(world.now));
  world.now.mono = elected + Duration::seconds(9);
  EXPECT_FALSE(a.election.lease_valid(world.now));
  a.election.on_time(world.now);
  world.settle();

  ASSERT_TRUE(a.ended());
  EXPECT_EQ(a.ended()->exit, Exit::LeadershipLost);
  EXPECT_NE(a.ended()->why.find("lease"), std::string::npos);
  EXPECT_EQ(a.ended()->why.find('\n'), std::string::npos);
}

TEST(Lease, IsCountedFromTheSendingNotFromTheAnswer) {
  TestWorld world;
  Host& a = world.contender("a");
  world.jump(Duration::seconds(4));
  a.election.on_time(world.now);  // sends a ping
  MonoTime sent = world.now.mono;
  world.jump(Duration::seconds(4));
  a.client.disconnect();  // so that no later ping is answered
  world.settle();         // the answer of the first one took 4 s

  EXPECT_TRUE(a.election.leading());
  EXPECT_EQ(a.election.next_deadline(), sent + Duration::seconds(9));
}

TEST(Lease, ThatEndedDuringAPauseEndsTheMasterBeforeAnythingElse) {
  for (bool expired : {false, true}) {
    TestWorld world;
    Host& a = world.contender("a");
    world.jump(Duration::seconds(60));
    // What arrived meanwhile, good or bad, no longer counts.
    if (expired) a.client.expire();
    a.client.events.push_back(
        WatchFired{a.client.handle, WatchKind::ChildrenChanged, "/top/mesos"});
    std::size_t calls = a.client.calls.size();

    EXPECT_FALSE(a.election.lease_valid(world.now));
    world.settle();

    ASSERT_TRUE(a.ended());
    EXPECT_EQ(a.outcomes.back(), Outcome(*a.ended()));
    EXPECT_EQ(a.ended()->exit, Exit::LeadershipLost);
    EXPECT_EQ(a.client.calls.size(), calls);
  }
}

TEST(Lease, SurvivesAShortLossOfTheConnection) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");
  a.client.disconnect();
  world.pass(Duration::seconds(5));
  a.client.connect();
  world.pass(Duration::seconds(60));

  EXPECT_TRUE(a.election.lease_valid(world.now));
  EXPECT_EQ(a.all<LeaderChanged>().size(), 1u);
  EXPECT_EQ(b.all<LeaderChanged>().size(), 1u);
  EXPECT_EQ(world.candidates().size(), 2u);
}

TEST(Lease, IsNotLengthenedByAConnectionThatAnswersNothing) {
  TestWorld world;
  Host& a = world.contender("a");
  MonoTime elected = world.now.mono;
  a.client.disconnect();
  world.pass(Duration::seconds(7));
  for (int i = 0; i < 20; ++i) {
    a.client.faults.push_back({"exists"});
    a.client.faults.push_back({"children"});
  }
  a.client.connect();
  world.pass(Duration::milliseconds(1900));
  EXPECT_TRUE(a.election.connected());
  EXPECT_FALSE(a.ended());

  world.pass(Duration::milliseconds(100));
  EXPECT_EQ(world.now.mono, elected + Duration::seconds(9));
  EXPECT_TRUE(a.ended());
}

TEST(Lease, AStandbyThatIsCutOffWaitsAndComesBack) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");
  b.client.disconnect();
  world.pass(Duration::seconds(300));
  EXPECT_FALSE(b.ended());
  EXPECT_GT(b.client.opened, 2);
  EXPECT_EQ(b.election.leader(), std::nullopt);

  b.client.connect();
  world.pass(Duration::seconds(5));
  EXPECT_EQ(b.election.leader(), a.info);
  EXPECT_EQ(world.candidates().size(), 2u);
}

TEST(Lease, AStandbyGivesItsSessionUpOneTimeoutAfterTheLastContact) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");
  (void)a;
  b.client.disconnect();
  world.pass(Duration::milliseconds(9900));
  EXPECT_EQ(b.client.opened, 1);
  world.pass(Duration::milliseconds(200));
  EXPECT_EQ(b.client.opened, 2);
}

TEST(Lease, APausedStandbyIsNotHurt) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");
  world.jump(Duration::seconds(8));
  a.election.on_time(world.now);
  world.settle();
  EXPECT_FALSE(b.ended());
  EXPECT_TRUE(a.election.leading());
  EXPECT_EQ(b.election.leader(), a.info);
}

}  // namespace
}  // namespace quorate::election
