#include <gtest/gtest.h>

#include "sim/zookeeper.h"

namespace quorate::sim {
namespace {

using Kind = ZkMessage::Kind;

// A client that speaks with one server and keeps what it hears.
struct Speaker final : ZkClient {
  Speaker(Zookeeper& ensemble, Links& links, const std::string& name)
      : zookeeper(ensemble), place(links.add(name)) {}
  void on_zookeeper(ZkConnectionId, ZkMessage message) override {
    heard.push_back(std::move(message));
  }
  void on_zookeeper_lost(ZkConnectionId) override { lost += 1; }

  void connect(std::size_t server, std::int64_t session = 0, std::int64_t seen = 0) {
    connection = zookeeper.connect(*this, place, server);
    ZkRequest hello;
    hello.op = ZkOp::Connect;
    hello.session = session;
    hello.timeout = Duration::seconds(30);
    hello.seen = seen;
    zookeeper.send(connection, std::move(hello));
  }
  void ask(ZkOp op, const std::string& path, bool ephemeral = false, bool watch = false) {
    ZkRequest request;
    request.op = op;
    request.path = path;
    request.mode.ephemeral = ephemeral;
    request.watch = watch;
    zookeeper.send(connection, std::move(request));
  }
  CoordinationCode last_code() const { return heard.back().reply.code; }

  Zookeeper& zookeeper;
  Place place;
  ZkConnectionId connection;
  std::vector<ZkMessage> heard;
  int lost = 0;
};

class ZookeeperFaults : public testing::Test {
 protected:
  void run(std::int64_t ms) {
    SimTime until = world.now() + Duration::milliseconds(ms);
    while (world.step(until)) {}
  }
  void meet() {
    a.connect(0);
    b.connect(1);
    run(200);
    a.heard.clear();
    b.heard.clear();
  }
  std::uint64_t felt(faults::FaultKind kind) const {
    auto found = world.faults_felt().find(kind);
    return found == world.faults_felt().end() ? 0 : found->second;
  }

  World world{5};
  Links links;
  Zookeeper zookeeper{world, links, *find_profile("lan"), {.servers = 3}};
  Speaker a{zookeeper, links, "a"};
  Speaker b{zookeeper, links, "b"};
};

TEST_F(ZookeeperFaults, ALaggingServerShowsThePastOfOthersWrites) {
  meet();
  zookeeper.lag(1, Duration::seconds(3));
  a.ask(ZkOp::Create, "/x");
  run(500);
  EXPECT_EQ(a.last_code(), CoordinationCode::Ok);
  b.ask(ZkOp::Exists, "/x");
  run(500);
  EXPECT_EQ(b.last_code(), CoordinationCode::NoNode);
  run(3000);
  b.ask(ZkOp::Exists, "/x");
  run(500);
  EXPECT_EQ(b.last_code(), CoordinationCode::Ok);
  EXPECT_EQ(felt(faults::FaultKind::LagServer), 1u);
}

TEST_F(ZookeeperFaults, ALaggingServerNeverShowsThePastOfASessionsOwnWrites) {
  meet();
  zookeeper.lag(1, Duration::seconds(3));
  b.ask(ZkOp::Create, "/x");
  b.ask(ZkOp::Exists, "/x");
  run(2000);
  EXPECT_TRUE(b.heard.empty());  // both answers wait until the server has learned of the write
  EXPECT_NE(zookeeper.tree().find("/x"), nullptr);
  run(2000);
  ASSERT_EQ(b.heard.size(), 2u);
  EXPECT_EQ(b.heard[0].reply.code, CoordinationCode::Ok);
  EXPECT_EQ(b.heard[1].reply.code, CoordinationCode::Ok);
}

TEST_F(ZookeeperFaults, ALaggingServerFiresItsWatchesLateAndBeforeTheAnswers) {
  meet();
  b.ask(ZkOp::Exists, "/x", false, true);
  run(200);
  zookeeper.lag(1, Duration::seconds(2));
  a.ask(ZkOp::Create, "/x");
  run(1500);
  EXPECT_EQ(b.heard.size(), 1u);
  b.ask(ZkOp::Create, "/y");
  run(4000);
  ASSERT_EQ(b.heard.size(), 3u);
  EXPECT_EQ(b.heard[1].kind, Kind::Watch);
  EXPECT_EQ(b.heard[2].kind, Kind::Reply);
}

TEST_F(ZookeeperFaults, AServerThatKnowsLessThanTheClientDoesNotLetItIn) {
  meet();
  zookeeper.lag(1, Duration::seconds(3));
  a.ask(ZkOp::Create, "/x");
  run(200);
  const std::int64_t seen = a.heard.back().zxid;
  a.connect(1, 0, seen);
  run(500);
  EXPECT_EQ(a.lost, 1);
  run(3000);
  a.heard.clear();
  a.connect(1, 0, seen);
  run(500);
  ASSERT_EQ(a.heard.size(), 1u);
  EXPECT_EQ(a.heard[0].kind, Kind::Connected);
}

TEST_F(ZookeeperFaults, ALagThatEndsKeepsTheOrderOfTheChanges) {
  meet();
  zookeeper.lag(1, Duration::seconds(3));
  a.ask(ZkOp::Create, "/x");
  run(200);
  zookeeper.lag(1, Duration{});
  a.ask(ZkOp::Remove, "/x");
  a.ask(ZkOp::Create, "/y");
  run(5000);
  EXPECT_EQ(zookeeper.tree_of(1).find("/x"), nullptr);
  EXPECT_NE(zookeeper.tree_of(1).find("/y"), nullptr);
  EXPECT_EQ(zookeeper.tree_of(1).zxid(), zookeeper.tree().zxid());
}

TEST_F(ZookeeperFaults, AnExpiredSessionLosesItsNodesAndItsConnection) {
  meet();
  a.ask(ZkOp::Create, "/e", true);
  b.ask(ZkOp::Create, "/f", true);
  run(200);
  EXPECT_EQ(zookeeper.expire_sessions(a.place), 1u);
  run(500);
  EXPECT_EQ(zookeeper.tree().find("/e"), nullptr);
  EXPECT_NE(zookeeper.tree().find("/f"), nullptr);
  EXPECT_EQ(a.lost, 1);
  EXPECT_EQ(zookeeper.expire_sessions(a.place), 0u);
}

TEST_F(ZookeeperFaults, NodesRemovedByHandLeaveTheSessionAlone) {
  meet();
  a.ask(ZkOp::Create, "/e", true);
  a.ask(ZkOp::Create, "/p");
  b.ask(ZkOp::Create, "/f", true);
  run(200);
  EXPECT_EQ(zookeeper.remove_nodes(a.place), 1u);
  EXPECT_EQ(zookeeper.tree().find("/e"), nullptr);
  EXPECT_NE(zookeeper.tree().find("/f"), nullptr);
  a.ask(ZkOp::Exists, "/p");
  run(200);
  EXPECT_EQ(a.last_code(), CoordinationCode::Ok);
  EXPECT_EQ(a.lost, 0);
}

TEST_F(ZookeeperFaults, LostAccessRefusesChangesNotReadsAndEnds) {
  meet();
  a.ask(ZkOp::Create, "/x");
  run(200);
  zookeeper.lose_access(world.now() + Duration::seconds(2));
  for (ZkOp op : {ZkOp::Create, ZkOp::Set, ZkOp::Remove}) {
    a.ask(op, "/x");
    run(200);
    EXPECT_EQ(a.last_code(), CoordinationCode::NoAuth);
  }
  a.ask(ZkOp::Get, "/x");
  run(200);
  EXPECT_EQ(a.last_code(), CoordinationCode::Ok);
  run(2000);
  a.ask(ZkOp::Remove, "/x");
  run(200);
  EXPECT_EQ(a.last_code(), CoordinationCode::Ok);
  EXPECT_EQ(felt(faults::FaultKind::LoseAccess), 3u);
}

TEST_F(ZookeeperFaults, AResetIsToldAcrossACut) {
  meet();
  links.cut(a.place, zookeeper.place(0));
  links.cut(zookeeper.place(0), a.place);
  zookeeper.reset_connections(a.place);
  run(500);
  EXPECT_EQ(a.lost, 1);
  EXPECT_EQ(b.lost, 0);
}

}  // namespace
}  // namespace quorate::sim
