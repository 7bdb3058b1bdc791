#include "sim/wire_trace.h"

#include <gtest/gtest.h>

#include "master/base/checksum.h"
#include "master/paxos/codec.h"
#include "sim/toy_node.h"

namespace quorate::sim {
namespace {

using paxos::Position;

struct Nobody final : HostWatcher {
  void on_exit(const Host&, const ExitRecord&) override {}
  void on_replay_difference(const Host&, const std::string&) override {}
};

class WireTraceTest : public testing::Test {
 protected:
  static ClusterSpec spec() {
    ClusterSpec out;
    for (std::uint32_t i = 1; i <= 2; ++i)
      out.masters.push_back({"m" + std::to_string(i), Ipv4{0x0a000000 + i}, 5050, {}});
    return out;
  }
  static Bytes framed(const paxos::Message& message) {
    paxos::Header header;
    header.sender = ReplicaId(77);
    Bytes payload = encode(header, message);
    ByteWriter out;
    out.u32(static_cast<std::uint32_t>(payload.size()));
    out.u32(crc32c(payload));
    out.raw(payload);
    return out.take();
  }
  Place place(const char* name) { return cluster.find(name)->place(); }

  ToyFactory factory;
  Nobody nobody;
  Cluster cluster{spec(), factory, nobody};
  HttpClients clients{cluster};
  RunTrace trace;
  Votes votes;
  WireTrace wires{trace, votes, cluster, clients};
  const Bytes hello = "GET /quorate/peer HTTP/1.1\r\nUpgrade: quorate-peer/1\r\n\r\n";
  const paxos::Ballot ballot{1, ReplicaId(77)};
};

TEST_F(WireTraceTest, AMessageIsReceivedWithItsLastByteHoweverTheStreamIsCut) {
  Bytes accept = framed(paxos::Accept{ballot, Position(5), {}, {paxos::Entry::no_op()}, {}, {}});
  for (std::size_t cut = 1; cut < accept.size(); cut += 7) {
    std::uint64_t wire = cut;
    std::size_t before = trace.messages().size();
    wires.on_wire(wire, place("m1"), place("m2"), hello + accept.substr(0, cut));
    wires.on_wire(wire, place("m1"), place("m2"), accept.substr(cut));
    ASSERT_EQ(trace.messages().size(), before + 2) << "cut at " << cut;

    wires.on_read(wire, place("m1"), hello.size() + accept.size() - 1);
    EXPECT_NE(trace.messages()[before].received, SimTime::never());
    EXPECT_EQ(trace.messages()[before + 1].received, SimTime::never());
    wires.on_read(wire, place("m1"), 1);
    EXPECT_NE(trace.messages()[before + 1].received, SimTime::never());
    EXPECT_EQ(trace.messages()[before + 1].kind, TraceMessageKind::Accept);
  }
  EXPECT_EQ(wires.replicas().at(ReplicaId(77)), place("m1"));
}

TEST_F(WireTraceTest, LearnedPositionsAreMarkedOnceWithTheirBallot) {
  wires.on_wire(1, place("m1"), place("m2"), hello);
  wires.on_wire(1, place("m1"), place("m2"),
                framed(paxos::Accept{ballot, Position(1), {}, {paxos::Entry::no_op()}, {}, {}}));
  for (int twice = 0; twice < 2; ++twice)
    wires.on_wire(1, place("m1"), place("m2"), framed(paxos::Learned{ballot, Position(1), {}}));

  ASSERT_EQ(trace.small_marks().size(), 1u);
  EXPECT_EQ(trace.small_marks()[0].position, Position(1));
  EXPECT_EQ(trace.small_marks()[0].ballot, ballot);
}

TEST_F(WireTraceTest, AnAnswerInPiecesIsOneMessageWithTheBeginningOfItsBody) {
  wires.on_wire(1, cluster.client_place(), place("m1"), "GET /x HTTP/1.1\r\nHost: m1\r\n\r\n");
  wires.on_wire(1, place("m1"), cluster.client_place(),
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: //m2:5050\r\n\r\nab\ncd");
  wires.on_wire(1, place("m1"), cluster.client_place(), "more");

  ASSERT_EQ(trace.messages().size(), 2u);
  EXPECT_EQ(trace.messages()[0].text, "GET /x");
  EXPECT_EQ(trace.messages()[1].text, "307 Temporary Redirect -> //m2:5050 ab cd");
  EXPECT_EQ(trace.messages()[1].kind, TraceMessageKind::Answer);
}

TEST_F(WireTraceTest, BytesThatAreNoMessageAreLeftOut) {
  wires.on_wire(1, place("m1"), place("m2"), hello + std::string("\x04\0\0\0....junk", 12));
  wires.on_wire(2, place("m1"), place("m2"), "POST / HTTP/1.1\r\n\r\n");
  wires.on_wire(3, place("m1"), place("m2"), "");

  EXPECT_EQ(trace.messages().size(), 2u) << "the upgrade, and the other request";
}

}  // namespace
}  // namespace quorate::sim
