#include "master/election/election.h"

#include <gtest/gtest.h>

#include "master/election/test_world.h"

namespace quorate::election {
namespace {

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Election, MakesItsDirectoriesAndTheFirstContenderLeads) {
  TestWorld world;
  Host& a = world.contender("a");

  EXPECT_TRUE(a.election.leading());
  EXPECT_TRUE(a.election.lease_valid(world.now));
  EXPECT_EQ(a.all<LeaderChanged>(), (std::vector<LeaderChanged>{{a.info, true}}));
  EXPECT_EQ(world.candidates(), (std::vector<std::string>{"json.info_0000000000"}));
  EXPECT_EQ(world.tree.nodes.at("/top/mesos/json.info_0000000000").data, to_json(a.info));
  EXPECT_TRUE(world.tree.nodes.contains("/top/mesos/quorate_replicas"));
}

TEST(Election, LaterContendersFollowTheFirst) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");

  EXPECT_TRUE(a.election.leading());
  EXPECT_FALSE(b.election.leading());
  EXPECT_EQ(b.all<LeaderChanged>(), (std::vector<LeaderChanged>{{a.info, false}}));
  EXPECT_FALSE(b.election.lease_valid(world.now));
}

TEST(Election, OneThatDoesNotContendOnlyDetects) {
  TestWorld world;
  Host& watcher = world.add("watcher");
  watcher.election.start(world.now);
  world.settle();
  Host& a = world.contender("a");

  EXPECT_EQ(watcher.election.leader(), a.info);
  EXPECT_EQ(world.candidates().size(), 1u);
}

TEST(Election, ACredentialedMasterPresentsItselfFirstAndCreatesForItself) {
  TestWorld world;
  world.settings.authenticated = true;
  Host& a = world.contender("a");

  EXPECT_TRUE(a.election.leading());
  EXPECT_TRUE(a.client.authorized);
  for (const auto& [path, node] : world.tree.nodes) {
    EXPECT_EQ(node.acl, CoordinationAcl::CreatorAll) << path;
  }
}

TEST(Election, RefusedCredentialsEndItAsAConfigurationError) {
  TestWorld world;
  Host& a = world.contender("a");
  a.client.events.push_back(SessionState{a.client.handle, SessionPhase::AuthFailed, 0, {}});
  world.settle();

  ASSERT_TRUE(a.ended());
  EXPECT_EQ(a.ended()->exit, Exit::Configuration);
  EXPECT_TRUE(mentions(a.ended()->why, "credentials"));
}

TEST(Election, ARefusedCreateEndsItAndNamesThePathAndTheCode) {
  TestWorld world;
  Host& a = world.add("a");
  a.client.faults.push_back({"create", CoordinationCode::NoAuth, false});
  a.election.start(world.now);
  world.settle();

  ASSERT_TRUE(a.ended());
  EXPECT_EQ(a.ended()->exit, Exit::Configuration);
  EXPECT_TRUE(mentions(a.ended()->why, "create /top")) << a.ended()->why;
  EXPECT_TRUE(mentions(a.ended()->why, "not authorized")) << a.ended()->why;
}

TEST(Election, WithoutAServerItTriesAgainWithANewHandleOncePerTimeout) {
  TestWorld world;
  Host& a = world.add("a");
  a.client.reachable = false;
  a.election.start(world.now);
  a.election.contend(world.now, a.info);
  world.pass(Duration::seconds(35));
  EXPECT_EQ(a.client.opened, 4);
  EXPECT_FALSE(a.ended());

  a.client.connect();
  world.settle();
  EXPECT_TRUE(a.election.leading());
}

// Each kind of call, lost before and after it took effect, at the first, second and third time.
class LostAnswers : public ::testing::TestWithParam<std::tuple<const char*, bool, int>> {};

TEST_P(LostAnswers, LeaveExactlyOneNodeOfEachKindInTheEnd) {
  auto [call, applied, which] = GetParam();
  TestWorld world;
  world.tree.timeout = Duration::seconds(60);
  Host& a = world.add("a");
  a.election.start(world.now);
  for (int seen = 0; seen < 200 && world.step(a); ++seen) {
    int times = 0;
    for (const std::string& made : a.client.calls) times += made.starts_with(call) ? 1 : 0;
    if (times == which - 1 && a.client.faults.empty()) {
      a.client.faults.push_back({call, CoordinationCode::ConnectionLoss, applied});
    }
    if (seen == 0) {
      a.election.contend(world.now, a.info);
      a.election.join_replicas(world.now, "replica of a");
    }
  }
  a.client.faults.clear();
  world.pass(Duration::seconds(30));

  EXPECT_FALSE(a.ended());
  EXPECT_TRUE(a.election.leading());
  EXPECT_EQ(world.candidates().size(), 1u);
  EXPECT_EQ(world.tree.children("/top/mesos/quorate_replicas").size(), 1u);
  EXPECT_EQ(a.election.replicas().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(EveryCall, LostAnswers,
                         ::testing::Combine(::testing::Values("create", "children", "get",
                                                              "exists"),
                                            ::testing::Bool(), ::testing::Values(1, 2, 3, 4)));

TEST(Election, ANodeMadeByALostCreateIsAdopted) {
  TestWorld world;
  Host& a = world.add("a");
  a.election.start(world.now);
  world.settle();
  a.client.faults.push_back({"create", CoordinationCode::ConnectionLoss, true});
  a.election.contend(world.now, a.info);
  world.settle();
  EXPECT_FALSE(a.election.leading());

  world.pass(Duration::seconds(3));

  EXPECT_TRUE(a.election.leading());
  EXPECT_EQ(world.candidates(), (std::vector<std::string>{"json.info_0000000000"}));
}

TEST(Election, ACreateThatTakesEffectOnlyAfterTheSearchLeavesNoSecondNode) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");
  // The node of a lost create appears late, then the leader goes: the orphan is removed, not
  // followed.
  world.tree.put("/top/mesos/json.info_0000000002", to_json(b.info), b.client.session);
  world.tree.erase("/top/mesos/json.info_0000000001");
  world.settle();
  a.election.close(world.now);
  world.settle();

  EXPECT_TRUE(b.election.leading());
  EXPECT_EQ(world.candidates().size(), 1u);
}

TEST(Election, TheNodeOfAnOlderSessionIsRemovedBeforeANewOneIsMade) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");
  (void)a;
  // b hears of its end, yet its node stays for a while.
  world.tree.put("/top/mesos/json.info_0000000001", to_json(b.info), 0x999);
  b.client.session = 0;
  b.client.events.push_back(SessionState{b.client.handle, SessionPhase::Expired, 0, {}});
  world.settle();

  EXPECT_EQ(world.candidates(),
            (std::vector<std::string>{"json.info_0000000000", "json.info_0000000002"}));
}

TEST(Election, WhenTheLeaderGoesTheNextOneLeads) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");
  Host& c = world.contender("c");

  a.election.close(world.now);
  world.settle();

  EXPECT_EQ(a.all<SessionClosed>().size(), 1u);
  EXPECT_FALSE(a.ended());
  EXPECT_TRUE(b.election.leading());
  EXPECT_EQ(c.election.leader(), b.info);
  EXPECT_EQ(world.candidates().size(), 2u);
}

TEST(Election, ALeaderWhoseSessionExpiresEnds69) {
  TestWorld world;
  Host& a = world.contender("a");
  a.client.expire();
  world.settle();

  ASSERT_TRUE(a.ended());
  EXPECT_EQ(a.ended()->exit, Exit::LeadershipLost);
  EXPECT_TRUE(mentions(a.ended()->why, "expired")) << a.ended()->why;
  EXPECT_EQ(a.client.opened, 1);
}

TEST(Election, AStandbyWhoseSessionExpiresComesBack) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");
  b.client.expire();
  world.settle();

  EXPECT_FALSE(b.ended());
  EXPECT_EQ(b.client.opened, 2);
  EXPECT_EQ(b.all<LeaderChanged>(),
            (std::vector<LeaderChanged>{{a.info, false}, {std::nullopt, false}, {a.info, false}}));
  EXPECT_EQ(world.candidates().size(), 2u);
}

TEST(Election, ALeaderWhoseNodeIsDeletedByHandEnds69) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");
  world.tree.erase("/top/mesos/json.info_0000000000");
  world.settle();

  ASSERT_TRUE(a.ended());
  EXPECT_EQ(a.ended()->exit, Exit::LeadershipLost);
  EXPECT_TRUE(mentions(a.ended()->why, "/top/mesos/json.info_0000000000 is gone"));
  EXPECT_TRUE(b.election.leading());
}

TEST(Election, AStandbyWhoseNodeIsDeletedByHandContendsAgain) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");
  world.tree.erase("/top/mesos/json.info_0000000001");
  world.settle();

  EXPECT_FALSE(b.ended());
  EXPECT_TRUE(a.election.leading());
  EXPECT_EQ(world.candidates(),
            (std::vector<std::string>{"json.info_0000000000", "json.info_0000000002"}));
}

TEST(Election, ALeaderThatSeesASmallerNodeEnds69AndSaysWhich) {
  TestWorld world;
  Host& a = world.contender("a");
  MasterInfo other = a.info;
  other.id = "other";
  other.pid = "master@10.0.0.9:5050";
  world.tree.put("/top/mesos/json.info_-000000001", to_json(other));
  world.settle();

  ASSERT_TRUE(a.ended());
  EXPECT_EQ(a.ended()->exit, Exit::LeadershipLost);
  EXPECT_TRUE(mentions(a.ended()->why, "master@10.0.0.9:5050")) << a.ended()->why;
}

TEST(Election, AStandbyReportsALeadingNodeThatItCannotRead) {
  const std::pair<const char*, const char*> cases[] = {
      {"json.info_-000000001", "cannot be read"},
      {"info_-000000001", "old format"},
      {"-000000001", "old format"},
      {"backup_-000000001", "unknown label \"backup\""},
  };
  for (const auto& [name, expected] : cases) {
    TestWorld world;
    Host& a = world.add("a");
    world.tree.put("/top", "");
    world.tree.put("/top/mesos", "");
    world.tree.put(std::string("/top/mesos/") + name, "\xff\x00 garbage {");
    a.election.start(world.now);
    a.election.contend(world.now, a.info);
    world.pass(Duration::seconds(60));

    ASSERT_EQ(a.all<ForeignLeader>().size(), 1u) << name;
    EXPECT_EQ(a.all<ForeignLeader>()[0].path, std::string("/top/mesos/") + name);
    EXPECT_TRUE(mentions(a.all<ForeignLeader>()[0].why, expected));
    EXPECT_TRUE(mentions(a.all<ForeignLeader>()[0].why, name));
    EXPECT_FALSE(a.ended());

    world.tree.erase(std::string("/top/mesos/") + name);
    world.settle();
    EXPECT_TRUE(a.election.leading());
  }
}

TEST(Election, ALeaderWhoseNodeIsOverwrittenEnds69) {
  TestWorld world;
  Host& a = world.contender("a");
  world.tree.put("/top/mesos/json.info_0000000000", "garbage", a.client.session);
  world.settle();

  ASSERT_TRUE(a.ended());
  EXPECT_EQ(a.ended()->exit, Exit::LeadershipLost);
}

TEST(Election, ChildrenWithoutANumberAreNoCandidates) {
  TestWorld world;
  Host& a = world.contender("a");
  world.tree.put("/top/mesos/log_replicas", "");
  world.tree.put("/top/mesos/zz", "");
  world.settle();

  EXPECT_TRUE(a.election.leading());
  EXPECT_FALSE(a.ended());
}

TEST(Election, WhenThePathIsDeletedAStandbyMakesItAgainAndContends) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");
  for (const char* path : {"/top/mesos/json.info_0000000000", "/top/mesos/json.info_0000000001",
                           "/top/mesos/quorate_replicas", "/top/mesos", "/top"}) {
    world.tree.erase(path);
  }
  world.pass(Duration::seconds(5));

  EXPECT_EQ(a.ended()->exit, Exit::LeadershipLost);
  EXPECT_TRUE(b.election.leading());
  EXPECT_EQ(world.candidates().size(), 1u);
}

TEST(Election, WithdrawingLetsTheNextLeadAndContendingAgainJoinsTheEnd) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");

  a.election.withdraw(world.now);
  EXPECT_FALSE(a.election.lease_valid(world.now));
  world.settle();
  EXPECT_EQ(a.all<Withdrawn>().size(), 1u);
  EXPECT_FALSE(a.ended());
  EXPECT_TRUE(b.election.leading());
  EXPECT_EQ(a.election.leader(), b.info);

  a.election.contend(world.now, a.info);
  world.settle();
  EXPECT_EQ(world.candidates(),
            (std::vector<std::string>{"json.info_0000000001", "json.info_0000000002"}));
}

TEST(Election, EventsOfAnOlderHandleAreIgnored) {
  TestWorld world;
  Host& a = world.contender("a");
  Host& b = world.contender("b");
  SessionHandle old = b.client.handle;
  b.client.expire();
  world.settle();
  std::size_t before = b.outcomes.size();

  b.client.events.push_back(SessionState{old, SessionPhase::Expired, 0, {}});
  b.client.events.push_back(SessionState{old, SessionPhase::Disconnected, 0, {}});
  b.client.events.push_back(WatchFired{old, WatchKind::ChildrenChanged, "/top/mesos"});
  world.settle();

  EXPECT_EQ(b.outcomes.size(), before);
  EXPECT_TRUE(b.election.connected());
  EXPECT_TRUE(a.election.leading());
}

}  // namespace
}  // namespace quorate::election
