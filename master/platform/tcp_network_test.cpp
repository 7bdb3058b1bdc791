#include "master/platform/tcp_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "master/platform/recording_sink_test.h"

namespace quorate::platform {

namespace {

constexpr SocketAddress kLoopbackAnyPort{Ipv4{0x7f000001}, 0};

// One loop, with a listening network and one that dials it.
class TcpNetworkTest : public testing::Test {
 protected:
  // Dials the listener and waits until both sides are open; `server` is the accepted side.
  void join(ConnectionId dialled = ConnectionId(1)) {
    client = dialled;
    network.listen(kLoopbackAnyPort);
    address = sink.first<Listening>().bound;
    dialler.connect(client, address);
    ASSERT_TRUE(sink.run_until_count<Opened>(2));
    for (const Opened& opened : sink.all<Opened>()) {
      if (is_accepted(opened.connection)) server = opened.connection;
    }
    ASSERT_TRUE(is_accepted(server));
  }

  Bytes received_by(ConnectionId id) {
    Bytes all;
    for (const Received& one : sink.all<Received>()) {
      if (one.connection == id) all += one.bytes;
    }
    return all;
  }

  bool receives(ConnectionId id, std::size_t size) {
    return sink.run_until([this, id, size] {
      std::size_t total = 0;
      for (const Event& event : sink.events) {
        const auto* one = std::get_if<Received>(&event);
        if (one != nullptr && one->connection == id) total += one->bytes.size();
      }
      return total >= size;
    });
  }

  EventLoop loop;
  QuietProcess process;
  RecordingSink sink{loop};
  TcpNetwork network{loop, process};
  TcpNetwork dialler{loop, process};
  SocketAddress address;
  ConnectionId client, server;
};

}  // namespace

TEST_F(TcpNetworkTest, CarriesBytesBothWays) {
  join();

  dialler.write(client, "hello ");
  dialler.write(client, "there");
  network.write(server, "welcome");

  EXPECT_TRUE(receives(server, 11));
  EXPECT_TRUE(receives(client, 7));
  EXPECT_EQ(received_by(server), "hello there");
  EXPECT_EQ(received_by(client), "welcome");
}

TEST_F(TcpNetworkTest, TellsTheAddressesOfBothSides) {
  join();

  EXPECT_EQ(address.ip, kLoopbackAnyPort.ip);
  EXPECT_NE(address.port, 0);
  for (const Opened& opened : sink.all<Opened>()) {
    EXPECT_EQ(opened.peer.ip, kLoopbackAnyPort.ip);
    if (opened.connection == client) { EXPECT_EQ(opened.peer, address); }
  }
}

TEST_F(TcpNetworkTest, NamesTheAddressThatCannotBeListenedOn) {
  join();
  TcpNetwork second(loop, process);

  second.listen(address);

  ASSERT_TRUE(sink.run_until_count<Listening>(2));
  auto error = sink.all<Listening>().back().error;
  ASSERT_TRUE(error);
  EXPECT_EQ(*error, "cannot listen on " + to_text(address) + ": Address already in use");
}

TEST_F(TcpNetworkTest, RefusesWhenNobodyListens) {
  dialler.connect(ConnectionId(1), {Ipv4{0x7f000001}, 1});

  Refused refused = sink.first<Refused>();

  EXPECT_EQ(refused.connection, ConnectionId(1));
  EXPECT_EQ(refused.why, "Connection refused");
}

TEST_F(TcpNetworkTest, ReportsThatTheOtherSideClosed) {
  join();

  dialler.close(client, true);

  EXPECT_EQ(sink.first<Closed>(), (Closed{server, "closed by the other side"}));
}

TEST_F(TcpNetworkTest, ReportsAResetAsClosed) {
  join();

  dialler.close(client, false);

  EXPECT_EQ(sink.first<Closed>().connection, server);
}

TEST_F(TcpNetworkTest, FlushesALongQueueBeforeClosing) {
  join();
  Bytes large(3'000'000, 'x');

  network.write(server, large);
  network.write(server, "end");
  network.close(server, true);

  EXPECT_EQ(sink.first<Closed>().connection, client);
  EXPECT_EQ(received_by(client), large + "end");
}

TEST_F(TcpNetworkTest, FlushedAnswerSurvivesBytesThatNobodyReads) {
  join();
  network.receive(server, false);
  dialler.write(client, Bytes(100'000, 'q'));
  sink.run_for(Duration::milliseconds(20));

  network.write(server, "answer");
  network.close(server, true);

  EXPECT_EQ(sink.first<Closed>().connection, client);
  EXPECT_EQ(received_by(client), "answer");
}

TEST_F(TcpNetworkTest, NoEventFollowsAClose) {
  join();
  dialler.write(client, Bytes(200'000, 'x'));
  sink.react = [this](const Event& event) {
    if (std::holds_alternative<Received>(event)) network.close(server, false);
  };

  EXPECT_EQ(sink.first<Closed>().connection, client);
  sink.run_for(Duration::milliseconds(20));

  EXPECT_EQ(sink.all<Received>().size(), 1U);
  EXPECT_EQ(sink.all<Closed>().size(), 1U);
}

TEST_F(TcpNetworkTest, ReadsAtMost64KiBAtOnce) {
  join();

  dialler.write(client, Bytes(1'000'000, 'x'));

  EXPECT_TRUE(receives(server, 1'000'000));
  for (const Received& one : sink.all<Received>()) {
    EXPECT_LE(one.bytes.size(), kReadBytesMax);
    EXPECT_GT(one.bytes.size(), 0U);
  }
}

TEST_F(TcpNetworkTest, BackPressureHoldsTheSenderUntilItIsLifted) {
  join();
  const Bytes large(20'000'000, 'x');
  network.receive(server, false);

  dialler.write(client, large);
  sink.run_for(Duration::milliseconds(100));
  EXPECT_TRUE(sink.all<Received>().empty());
  EXPECT_TRUE(sink.all<Writable>().empty());
  network.receive(server, true);

  EXPECT_TRUE(receives(server, large.size()));
  ASSERT_TRUE(sink.run_until_count<Writable>(1));
  sink.run_for(Duration::milliseconds(20));
  EXPECT_EQ(sink.all<Writable>().size(), 1U);
}

TEST_F(TcpNetworkTest, SmallQueueIsNotReportedWritable) {
  join();

  dialler.write(client, Bytes(kWritableMarkBytes, 'x'));
  EXPECT_TRUE(receives(server, kWritableMarkBytes));
  EXPECT_TRUE(sink.all<Writable>().empty());
  dialler.write(client, Bytes(kWritableMarkBytes + 1, 'x'));

  EXPECT_TRUE(sink.run_until_count<Writable>(1));
}

TEST_F(TcpNetworkTest, WritesOnUnknownConnectionsAreDropped) {
  network.write(ConnectionId(77), "nobody");
  network.close(ConnectionId(77), true);
  network.receive(ConnectionId(77), false);

  sink.run_for(Duration::milliseconds(10));

  EXPECT_TRUE(sink.events.empty());
}

TEST_F(TcpNetworkTest, BytesWrittenWhileConnectingFollowTheOpening) {
  network.listen(kLoopbackAnyPort);
  address = sink.first<Listening>().bound;

  dialler.connect(ConnectionId(1), address);
  dialler.write(ConnectionId(1), "early");

  EXPECT_EQ(sink.first<Received>().bytes, "early");
}

TEST_F(TcpNetworkTest, DrainSendsWhatIsQueued) {
  join();

  network.write(server, "last words");
  network.drain(Duration::seconds(1));

  EXPECT_TRUE(receives(client, 10));
}

TEST_F(TcpNetworkTest, AcceptsAgainAfterDescriptorsRanOut) {
  join();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  // One more descriptor for the dialling side, none for the accepting one.
  int next = ::dup(0);
  ::close(next);
  rlimit tight{static_cast<rlim_t>(next + 1), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);

  dialler.connect(ConnectionId(2), address);
  ASSERT_TRUE(sink.run_until_count<Opened>(3));
  sink.run_for(Duration::milliseconds(150));
  EXPECT_EQ(sink.all<Opened>().size(), 3U);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);

  EXPECT_TRUE(sink.run_until_count<Opened>(4));
}

}  // namespace quorate::platform
