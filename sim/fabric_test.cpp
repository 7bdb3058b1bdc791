#include "sim/fabric.h"

#include <gtest/gtest.h>

#include <set>

namespace quorate::sim {
namespace {

constexpr SocketAddress kServer{Ipv4{0x0a000002}, 80};

class End final : public Endpoint {
 public:
  void on_network(Event event) override {
    if (const auto* received = std::get_if<Received>(&event)) {
      bytes += received->bytes;
      ++pieces;
    }
    if (const auto* open = std::get_if<Opened>(&event)) last = open->connection;
    if (std::holds_alternative<Writable>(event)) ++writable;
    if (const auto* gone = std::get_if<Closed>(&event)) ended = gone->why;
    if (const auto* no = std::get_if<Refused>(&event)) ended = no->why;
    if (const auto* listening = std::get_if<Listening>(&event)) bound = *listening;
  }
  bool paused() const override { return halted; }

  Bytes bytes;
  std::size_t pieces = 0, writable = 0;
  ConnectionId last;
  std::string ended;
  Listening bound;
  bool halted = false;
};

class FabricTest : public testing::Test {
 protected:
  void run(Duration time) {
    SimTime until = world.now() + time;
    while (world.step(until)) {}
  }
  void connect() {
    fabric.listen(server, kServer);
    run(Duration::milliseconds(20));
    fabric.connect(client, ConnectionId(1), kServer);
    run(Duration::milliseconds(100));
  }
  void cut() {
    links.cut(there, here);
    links.cut(here, there);
  }

  World world{7};
  Links links;
  Place here = links.add("client"), there = links.add("server");
  Fabric fabric{world, links, *find_profile("storm")};
  End client_end, server_end;
  EndpointId client = fabric.add(client_end, here, Ipv4{0x0a000001});
  EndpointId server = fabric.add(server_end, there, kServer.ip);
};

TEST_F(FabricTest, BytesArriveInOrderHoweverTheyAreCut) {
  connect();
  run(Duration::seconds(3));
  Bytes sent;
  for (int i = 0; i < 200; ++i) {
    Bytes part = std::to_string(i) + ",";
    sent += part;
    fabric.write(client, ConnectionId(1), part);
  }
  run(Duration::seconds(200));
  EXPECT_EQ(server_end.bytes, sent);
  EXPECT_GT(server_end.pieces, 200u);  // some were cut
}

TEST_F(FabricTest, AnAcceptedConnectionHasAnIdOfTheNetworks) {
  connect();
  run(Duration::seconds(3));
  EXPECT_TRUE(is_accepted(server_end.last));
  fabric.write(server, server_end.last, "hello");
  run(Duration::seconds(5));
  EXPECT_EQ(client_end.bytes, "hello");
}

TEST_F(FabricTest, NobodyListeningRefuses) {
  fabric.connect(client, ConnectionId(1), kServer);
  run(Duration::seconds(4));
  EXPECT_EQ(client_end.ended, "connect 10.0.0.2:80: connection refused");
}

TEST_F(FabricTest, AnUnknownAddressRefuses) {
  fabric.connect(client, ConnectionId(1), {Ipv4{0x0a0000ff}, 80});
  run(Duration::seconds(1));
  EXPECT_NE(client_end.ended.find("no route to host"), std::string::npos);
}

TEST_F(FabricTest, ACutMakesAConnectTimeOutAfter5Seconds) {
  fabric.listen(server, kServer);
  cut();
  fabric.connect(client, ConnectionId(1), kServer);
  run(Duration::milliseconds(4900));
  EXPECT_EQ(client_end.ended, "");
  run(Duration::milliseconds(200));
  EXPECT_EQ(client_end.ended, "connect 10.0.0.2:80: timed out");
}

TEST_F(FabricTest, ACutHoldsBytesBackUntilItHeals) {
  connect();
  run(Duration::seconds(3));
  cut();
  fabric.write(client, ConnectionId(1), "late");
  run(Duration::seconds(20));
  EXPECT_EQ(server_end.bytes, "");
  links.heal_all();
  run(Duration::seconds(5));
  EXPECT_EQ(server_end.bytes, "late");
}

TEST_F(FabricTest, AOneWayCutHoldsBackOneWayOnly) {
  connect();
  run(Duration::seconds(3));
  links.cut(here, there);
  fabric.write(client, ConnectionId(1), "up");
  fabric.write(server, server_end.last, "down");
  run(Duration::seconds(10));
  EXPECT_EQ(server_end.bytes, "");
  EXPECT_EQ(client_end.bytes, "down");
}

TEST_F(FabricTest, ASenderGivesUpAfterAMinuteWithoutAnAnswer) {
  connect();
  run(Duration::seconds(3));
  cut();
  fabric.write(client, ConnectionId(1), "never");
  run(Duration::seconds(70));
  EXPECT_EQ(client_end.ended, "timed out");
  EXPECT_EQ(server_end.ended, "");  // half open
}

TEST_F(FabricTest, AFlushedCloseDeliversWhatWasWritten) {
  connect();
  run(Duration::seconds(3));
  fabric.write(client, ConnectionId(1), "last words");
  fabric.close(client, ConnectionId(1), true);
  run(Duration::seconds(10));
  EXPECT_EQ(server_end.bytes, "last words");
  EXPECT_EQ(server_end.ended, "closed by the other side");
}

TEST_F(FabricTest, AResetLosesWhatWasWritten) {
  connect();
  run(Duration::seconds(3));
  fabric.write(client, ConnectionId(1), "lost");
  fabric.close(client, ConnectionId(1), false);
  run(Duration::seconds(10));
  EXPECT_EQ(server_end.bytes, "");
  EXPECT_EQ(server_end.ended, "connection reset by peer");
  EXPECT_EQ(client_end.ended, "");  // no event of a connection that one closed oneself
}

TEST_F(FabricTest, TheEndOfAProcessEndsItsConnections) {
  connect();
  run(Duration::seconds(3));
  fabric.write(client, ConnectionId(1), "x");
  run(Duration::seconds(2));
  fabric.end_process(server);
  run(Duration::seconds(5));
  EXPECT_EQ(client_end.ended, "closed by the other side");
  fabric.connect(client, ConnectionId(2), kServer);
  run(Duration::seconds(5));
  EXPECT_EQ(client_end.ended, "connect 10.0.0.2:80: connection refused");
}

TEST_F(FabricTest, WritingToAProcessThatIsGoneIsReset) {
  connect();
  run(Duration::seconds(3));
  links.cut(there, here);  // its goodbye does not arrive
  fabric.end_process(server);
  run(Duration::seconds(2));
  links.heal_all();
  fabric.write(client, ConnectionId(1), "x");
  run(Duration::seconds(5));
  EXPECT_FALSE(client_end.ended.empty());
}

TEST_F(FabricTest, WhileReceivingIsOffNothingIsDeliveredAndTheSenderWaits) {
  connect();
  run(Duration::seconds(3));
  fabric.receive(server, server_end.last, false);
  for (int i = 0; i < 10; ++i) fabric.write(client, ConnectionId(1), Bytes(100'000, 'a'));
  run(Duration::seconds(50));
  EXPECT_EQ(server_end.bytes.size(), 0u);
  EXPECT_EQ(client_end.writable, 0u);
  fabric.receive(server, server_end.last, true);
  run(Duration::seconds(50));
  EXPECT_EQ(server_end.bytes.size(), 1'000'000u);
  EXPECT_EQ(client_end.writable, 1u);
}

TEST_F(FabricTest, APausedProcessIsAcceptedForAndReadsLater) {
  fabric.listen(server, kServer);
  run(Duration::milliseconds(20));
  server_end.halted = true;
  fabric.connect(client, ConnectionId(1), kServer);
  run(Duration::seconds(4));
  EXPECT_EQ(client_end.last, ConnectionId(1));
  fabric.write(client, ConnectionId(1), "wait");
  fabric.close(client, ConnectionId(1), true);
  run(Duration::seconds(4));
  EXPECT_EQ(server_end.bytes, "");
  server_end.halted = false;
  fabric.resumed(server);
  EXPECT_EQ(server_end.bytes, "wait");
  EXPECT_EQ(server_end.ended, "closed by the other side");
}

TEST_F(FabricTest, AForeignAddressCannotBeListenedAt) {
  fabric.listen(server, {Ipv4{0x0a000063}, 80});
  run(Duration::seconds(1));
  EXPECT_TRUE(server_end.bound.error.has_value());
  fabric.listen(server, {Ipv4{0}, 0});
  run(Duration::seconds(1));
  EXPECT_EQ(server_end.bound.error, std::nullopt);
  EXPECT_NE(server_end.bound.bound.port, 0);
}

TEST_F(FabricTest, WritesOnUnknownConnectionsAreDropped) {
  fabric.write(client, ConnectionId(9), "x");
  fabric.close(client, ConnectionId(9), true);
  fabric.receive(client, ConnectionId(9), true);
  run(Duration::seconds(1));
  EXPECT_EQ(client_end.ended, "");
}

}  // namespace
}  // namespace quorate::sim
