#include "master/peers/peers.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace quorate::peers {
namespace {

// Keeps what was asked of it.
struct FakeNetwork final : Network {
  struct Dialled {
    ConnectionId connection;
    SocketAddress address;
  };
  std::vector<Dialled> dialled;
  std::map<ConnectionId, Bytes> written;
  std::vector<ConnectionId> closed;

  void listen(SocketAddress) override {}
  void connect(ConnectionId id, SocketAddress address) override {
    dialled.push_back({id, address});
  }
  void write(ConnectionId id, Bytes bytes) override { written[id] += bytes; }
  void close(ConnectionId id, bool) override { closed.push_back(id); }
  void receive(ConnectionId, bool) override {}
};

constexpr ReplicaId kSelf{1};
constexpr ReplicaId kOther{2};
constexpr SocketAddress kOtherAddress{{0x0a000002}, 5050};
constexpr ConnectionId kInbound{kAcceptedConnectionBit | 1};

struct PeersTest : testing::Test {
  FakeNetwork network;
  Peers peers{network, Duration::seconds(10), 42};
  Now now{{1'000'000'000}, {}};

  PeersTest() {
    peers.introduce(kSelf, {1, 11});
    peers.set_peers(now,
                    {{kOther, {1, 22}, kOtherAddress}, {kSelf, {1, 11}, {{0x0a000001}, 5050}}});
  }
  void pass(Duration time) {
    now.mono = now.mono + time;
    peers.on_time(now);
  }
  ConnectionId bring_up() {
    const ConnectionId connection = network.dialled.back().connection;
    peers.on(now, Opened{connection, kOtherAddress});
    peers.on(now, Received{connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"});
    network.written.clear();
    return connection;
  }
};

TEST_F(PeersTest, DialsEveryOtherMasterButNotItself) {
  ASSERT_EQ(network.dialled.size(), 1u);
  EXPECT_EQ(network.dialled[0].address, kOtherAddress);
}

TEST_F(PeersTest, SaysWhoItIsAndWhomItExpects) {
  peers.on(now, Opened{network.dialled[0].connection, kOtherAddress});
  const Bytes& hello = network.written[network.dialled[0].connection];
  EXPECT_NE(hello.find("Upgrade: quorate-peer/1\r\n"), Bytes::npos);
  EXPECT_NE(hello.find("Quorate-Replica: 0000000000000001\r\n"), Bytes::npos);
  EXPECT_NE(hello.find("Quorate-Expects: 0000000000000002\r\n"), Bytes::npos);
}

TEST_F(PeersTest, SendsFramesOnceTheLinkIsUpAndDropsThemBefore) {
  peers.send(now, kOther, "early");
  EXPECT_EQ(peers.gauges().dropped, 1u);
  const ConnectionId connection = bring_up();
  peers.send(now, kOther, "hello");
  EXPECT_EQ(network.written[connection], frame("hello"));
}

TEST_F(PeersTest, DialsAgainAfterARefusalWithGrowingPauses) {
  peers.on(now, Refused{network.dialled.back().connection, "refused"});
  EXPECT_EQ(network.dialled.size(), 1u);
  pass(Duration::milliseconds(200));
  ASSERT_EQ(network.dialled.size(), 2u);
  peers.on(now, Refused{network.dialled.back().connection, "refused"});
  const MonoTime second = peers.next_deadline();
  EXPECT_GE(second - now.mono, Duration::milliseconds(200));
}

TEST_F(PeersTest, ClosesALinkWhoseBytesAreNotAcknowledged) {
  const ConnectionId connection = bring_up();
  peers.send(now, kOther, "hello");
  pass(Duration::seconds(11));
  EXPECT_EQ(network.closed, std::vector<ConnectionId>{connection});
}

TEST_F(PeersTest, KeepsALinkWhoseBytesAreAcknowledged) {
  const ConnectionId connection = bring_up();
  peers.send(now, kOther, "hello");
  ByteWriter count;
  count.u64(frame("hello").size());
  peers.on(now, Received{connection, count.take()});
  pass(Duration::seconds(60));
  EXPECT_TRUE(network.closed.empty());
}

TEST_F(PeersTest, ClosesALinkThatAcknowledgesMoreThanWasSent) {
  const ConnectionId connection = bring_up();
  ByteWriter count;
  count.u64(1);
  peers.on(now, Received{connection, count.take()});
  EXPECT_EQ(network.closed, std::vector<ConnectionId>{connection});
}

TEST_F(PeersTest, AnIdlePeerDoesNotDropABusyQueueForEver) {
  bring_up();
  for (int i = 0; i < 20; ++i) peers.send(now, kOther, Bytes(1 << 20, 'x'));
  EXPECT_GT(peers.gauges().dropped, 0u);
}

TEST_F(PeersTest, TakesMessagesOfALinkThatAnotherDialled) {
  peers.accept(now, kInbound, Hello{kOther, {1, 22}, kSelf}, frame("one"));
  peers.on(now, Received{kInbound, frame("two")});
  std::vector<PeerMessage> messages = peers.take_messages();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].from, kOther);
  EXPECT_EQ(messages[1].bytes, "two");
  EXPECT_TRUE(network.written[kInbound].starts_with("HTTP/1.1 101 "));
}

Bytes acknowledgement(std::uint64_t count) {
  ByteWriter out;
  out.u64(count);
  return out.take();
}

TEST_F(PeersTest, AcknowledgesFewBytesTogetherAfterAWhile) {
  peers.accept(now, kInbound, Hello{kOther, {1, 22}, kSelf}, "");
  network.written.clear();
  peers.on(now, Received{kInbound, frame("one")});
  peers.on(now, Received{kInbound, frame("two")});
  EXPECT_TRUE(network.written.empty());
  EXPECT_EQ(peers.next_deadline(), now.mono + Duration::milliseconds(100));

  pass(Duration::milliseconds(100));

  EXPECT_EQ(network.written[kInbound], acknowledgement(2 * frame("one").size()));
  pass(Duration::seconds(60));
  EXPECT_EQ(network.written[kInbound].size(), 8u);
}

TEST_F(PeersTest, AcknowledgesManyBytesAtOnce) {
  peers.accept(now, kInbound, Hello{kOther, {1, 22}, kSelf}, "");
  network.written.clear();
  const Bytes large = frame(Bytes(300 << 10, 'x'));

  peers.on(now, Received{kInbound, large.substr(0, 200 << 10)});
  EXPECT_TRUE(network.written.empty());
  peers.on(now, Received{kInbound, large.substr(200 << 10)});

  EXPECT_EQ(network.written[kInbound], acknowledgement(large.size()));
  EXPECT_EQ(peers.take_messages().size(), 1u);
}

// Else its sender would think the link half-open.
TEST_F(PeersTest, AcknowledgesAlsoAFrameThatIsNotYetWhole) {
  peers.accept(now, kInbound, Hello{kOther, {1, 22}, kSelf}, frame("hello").substr(0, 5));
  network.written.clear();

  pass(Duration::milliseconds(100));

  EXPECT_EQ(network.written[kInbound], acknowledgement(5));
}

TEST_F(PeersTest, SendsAFrameInPiecesOrWholeWithTheSameBytes) {
  const ConnectionId connection = bring_up();
  const Bytes large(5000, 'x');
  peers.send(now, kOther, large);
  peers.send(now, kOther, "small");
  EXPECT_EQ(network.written[connection], frame(large) + frame("small"));
}

TEST_F(PeersTest, RefusesAPeerThatLooksForAnother) {
  peers.accept(now, kInbound, Hello{kOther, {1, 22}, ReplicaId(9)}, "");
  EXPECT_TRUE(network.written[kInbound].starts_with("HTTP/1.1 409 "));
  EXPECT_EQ(network.closed, std::vector<ConnectionId>{kInbound});
}

TEST_F(PeersTest, ClosesALinkWithADamagedFrame) {
  peers.accept(now, kInbound, Hello{kOther, {1, 22}, kSelf}, "");
  Bytes damaged = frame("hello");
  damaged.back() = '?';
  peers.on(now, Received{kInbound, damaged});
  EXPECT_TRUE(peers.take_messages().empty());
  EXPECT_EQ(network.closed, std::vector<ConnectionId>{kInbound});
}

TEST_F(PeersTest, OfTwoLinksOfOnePeerTheNewestCounts) {
  const ConnectionId later{kAcceptedConnectionBit | 2};
  peers.accept(now, kInbound, Hello{kOther, {1, 22}, kSelf}, "");
  peers.accept(now, later, Hello{kOther, {2, 33}, kSelf}, "");
  EXPECT_EQ(network.closed, std::vector<ConnectionId>{kInbound});
  EXPECT_TRUE(peers.owns(later));
  EXPECT_FALSE(peers.owns(kInbound));
}

TEST(PeerAddress, SurvivesItsTextForm) {
  const PeerAddress peer{kOther, {3, 77}, kOtherAddress};
  EXPECT_EQ(parse_peer_address(to_json(peer)), peer);
}

TEST(PeerAddress, RefusesWhatIsNotAReplicasNode) {
  for (const char* bad :
       {"", "{", "[]", "{}", R"({"replica":"xyz"})", "log-replica(1)@10.0.0.1:5050"})
    EXPECT_FALSE(parse_peer_address(bad)) << bad;
}

}  // namespace
}  // namespace quorate::peers
