#include "sim/agreement.h"

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

class AgreementTest : public testing::Test {
 protected:
  static ClusterSpec spec() {
    ClusterSpec out;
    for (std::uint32_t i = 1; i <= 2; ++i)
      out.masters.push_back({"m" + std::to_string(i), Ipv4{0x0a000000 + i}, 5050, {}});
    return out;
  }
  // As the peers' room writes it on a connection that it dialled.
  static Bytes framed(const paxos::Message& message) {
    Bytes payload = encode(paxos::Header{}, message);
    ByteWriter out;
    out.u32(static_cast<std::uint32_t>(payload.size()));
    out.u32(crc32c(payload));
    out.raw(payload);
    return out.take();
  }
  void say(std::uint64_t wire, const char* from, const Bytes& bytes, std::size_t piece) {
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      oracle.on_wire(wire, cluster.find(from)->place(), cluster.find("m2")->place(),
                     std::string_view(bytes).substr(at, piece));
  }

  ToyFactory factory;
  Nobody nobody;
  Cluster cluster{spec(), factory, nobody};
  AgreementOracle oracle{cluster};
  const Bytes hello = "GET /quorate/peer HTTP/1.1\r\nUpgrade: quorate-peer/1\r\n\r\n";
};

TEST_F(AgreementTest, EqualChainValuesAgree) {
  oracle.learned(Position(1), {1, 1}, "m1");
  oracle.learned(Position(1), {1, 1}, "m2");
  oracle.learned(Position(2), {2, 2}, "m2");
  EXPECT_EQ(oracle.violation(), std::nullopt);
}

TEST_F(AgreementTest, TwoValuesAtOnePositionAreAViolation) {
  oracle.learned(Position(1), {1, 1}, "m1");
  oracle.learned(Position(1), {1, 2}, "m2");
  ASSERT_TRUE(oracle.violation().has_value());
  oracle.learned(Position(1), {9, 1}, "m2");
  EXPECT_TRUE(oracle.violation()->starts_with("position 1 or one below it is learned with two"));
}

TEST_F(AgreementTest, MessagesAreReadFromTheWireHoweverTheyAreCut) {
  Bytes first = hello + framed(paxos::Learned{{1, ReplicaId(1)}, Position(3), {3, 3}});
  say(1, "m1", first, 5);
  EXPECT_EQ(oracle.seen_on_wires(), 1u);
  EXPECT_EQ(oracle.violation(), std::nullopt);
  paxos::Standing standing;
  standing.learned = Position(3);
  standing.chain = {3, 4};
  say(2, "m1", hello + framed(standing), 1000);
  EXPECT_TRUE(oracle.violation().has_value());
}

TEST_F(AgreementTest, FetchedSlotsAreLearnedOneByOne) {
  paxos::Fetched fetched;
  fetched.from = Position(1);
  paxos::Slot slot;
  slot.position = Position(1);
  fetched.slots = {slot};
  say(1, "m1", hello + framed(fetched), 7);
  EXPECT_EQ(oracle.violation(), std::nullopt);
  oracle.learned(Position(1), {9, 9}, "m2");
  EXPECT_TRUE(oracle.violation().has_value());
}

TEST_F(AgreementTest, OtherTrafficIsIgnored) {
  say(1, "m1", "GET /state HTTP/1.1\r\n\r\n", 3);
  say(2, "m1", hello + "\x04" + Bytes(3, '\0') + Bytes(4, '\0') + "junk", 3);
  EXPECT_EQ(oracle.seen_on_wires(), 0u);
  EXPECT_EQ(oracle.violation(), std::nullopt);
}

}  // namespace
}  // namespace quorate::sim
