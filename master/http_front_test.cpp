#include "master/http_front.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace quorate {
namespace {

struct FakeNetwork final : Network {
  std::map<ConnectionId, Bytes> written;
  std::vector<ConnectionId> closed;
  std::map<ConnectionId, bool> receiving;

  void listen(SocketAddress) override {}
  void connect(ConnectionId, SocketAddress) override {}
  void write(ConnectionId id, Bytes bytes) override { written[id] += bytes; }
  void close(ConnectionId id, bool) override { closed.push_back(id); }
  void receive(ConnectionId id, bool on) override { receiving[id] = on; }
};

constexpr ConnectionId client(std::uint64_t n) { return ConnectionId(kAcceptedConnectionBit | n); }
constexpr SocketAddress from(std::uint32_t host) { return {{0x0a000000 | host}, 40000}; }

struct HttpFrontTest : testing::Test {
  FakeNetwork network;
  FrontLimits limits;
  Now now{{5'000'000'000}, {1'700'000'000'000'000'000}};

  HttpFrontTest() {
    limits.connections_max = 3;
    limits.connections_per_address_max = 2;
  }
};

TEST_F(HttpFrontTest, AnAnswerFindsItsConnection) {
  HttpFront front(limits, network);
  front.on(now, Opened{client(1), from(1)});
  front.on(now, Opened{client(2), from(2)});
  front.on(now, Received{client(2), "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"});
  std::vector<FrontRequest> requests = front.take_requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].client, from(2));
  front.respond(now, requests[0].key, http::empty(200));
  EXPECT_TRUE(network.written[client(2)].starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(network.written[client(1)].empty());
}

TEST_F(HttpFrontTest, AnAnswerForAClientThatLeftIsDropped) {
  HttpFront front(limits, network);
  front.on(now, Opened{client(1), from(1)});
  front.on(now, Received{client(1), "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"});
  const RequestKey key = front.take_requests().at(0).key;
  front.on(Closed{client(1), "reset"});
  front.respond(now, key, http::empty(200));
  EXPECT_TRUE(network.written[client(1)].empty());
  EXPECT_EQ(front.gauges().connections, 0u);
}

TEST_F(HttpFrontTest, RefusesMoreConnectionsThanTheLimits) {
  HttpFront front(limits, network);
  for (std::uint64_t n = 1; n <= 3; ++n) front.on(now, Opened{client(n), from(1)});
  EXPECT_EQ(network.closed, std::vector<ConnectionId>{client(3)});
  EXPECT_TRUE(network.written[client(3)].starts_with("HTTP/1.1 503 "));
  front.on(now, Opened{client(4), from(2)});
  front.on(now, Opened{client(5), from(3)});
  EXPECT_EQ(network.closed.back(), client(5));
  EXPECT_EQ(front.gauges().refused_connections, 2u);
  front.on(Closed{client(1), "done"});
  front.on(now, Opened{client(6), from(1)});
  EXPECT_EQ(network.closed.size(), 2u);
}

TEST_F(HttpFrontTest, ASilentClientIsClosedWhenItsTimeIsUp) {
  HttpFront front(limits, network);
  front.on(now, Opened{client(1), from(1)});
  front.on(now, Received{client(1), "GET /hea"});
  ASSERT_LT(front.next_deadline(), MonoTime::never());
  now.mono = front.next_deadline();
  front.on_time(now);
  EXPECT_TRUE(network.written[client(1)].starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(network.closed, std::vector<ConnectionId>{client(1)});
  EXPECT_EQ(front.next_deadline(), MonoTime::never());
}

TEST_F(HttpFrontTest, AClientWithTooManyOpenRequestsIsMadeToWait) {
  limits.http.pipelined_max = 2;
  HttpFront front(limits, network);
  front.on(now, Opened{client(1), from(1)});
  for (int i = 0; i < 3; ++i)
    front.on(now, Received{client(1), "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_FALSE(network.receiving[client(1)]);
  for (const FrontRequest& request : front.take_requests())
    front.respond(now, request.key, http::empty(200));
  EXPECT_TRUE(network.receiving[client(1)]);
}

TEST_F(HttpFrontTest, AnUpgradeHandsTheConnectionOverWithWhatFollowed) {
  HttpFront front(limits, network);
  front.on(now, Opened{client(1), from(1)});
  front.on(now, Received{client(1),
                         "GET /quorate/peer HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                         "Upgrade: quorate-peer/1\r\n\r\nbytes"});
  std::vector<FrontUpgrade> upgrades = front.take_upgrades();
  ASSERT_EQ(upgrades.size(), 1u);
  EXPECT_EQ(upgrades[0].rest, "bytes");
  EXPECT_FALSE(front.owns(client(1)));
}

}  // namespace
}  // namespace quorate
