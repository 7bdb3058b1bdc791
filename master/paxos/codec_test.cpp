#include "master/paxos/codec.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "master/base/random.h"
#include "master/paxos/build_test.h"
#include "master/paxos/world_test.h"

namespace quorate::paxos::test {
namespace {

const Header kHeader{{0x0102030405060708, 0x1112131415161718},
                     7,
                     ReplicaId{0xabcdef0123456789},
                     {3, 0x99aabbccddeeff00},
                     RequestNumber{42}};

struct Example {
  const char* name;
  Message message;
};

std::vector<Example> examples() {
  const Ballot b{5, ReplicaId{0xabcdef0123456789}};
  const Digest d{0xa1a2a3a4a5a6a7a8, 0xb1b2b3b4b5b6b7b8};
  const Slot noop{Position{8}, b, Entry::no_op()};
  const Slot full{Position{9}, b, data("payload", d)};
  const Entry genesis = genesis_entry({kHeader.ensemble});
  const Watermark mark{3, 77, d};
  const std::vector<MemberWatermark> marks = {{ReplicaId{1}, mark}, {ReplicaId{2}, {4, 5, d}}};
  const SnapshotInfo info{Position{6}, d, 1, "", d, 12, {{Position{3}, d, d}}};
  return {
      {"prepare", Prepare{b, Position{9}, kHeader.epoch}},
      {"promise", Promise{b, Position{7}, d, {noop, full}}},
      {"accept", Accept{b,
                        Position{1},
                        d,
                        {genesis, Entry::no_op(), data("x", d)},
                        Position{0},
                        d,
                        marks,
                        kHeader.epoch}},
      {"accepted", Accepted{b, Position{9}, mark}},
      {"rejected", Rejected{b, Ballot{6, ReplicaId{1}}}},
      {"missing", Missing{b, Position{4}}},
      {"learned", Learned{b, Position{9}, d, marks}},
      {"fetch", Fetch{Position{4}, Position{9}}},
      {"fetched", Fetched{Position{8}, d, {noop, full}, Position{9}}},
      {"confirm", Confirm{b, kHeader.epoch}},
      {"confirmed", Confirmed{b}},
      {"inquire", Inquire{}},
      {"standing", Standing{ReplicaStatus::Voting, b, Position{7}, d, Position{9}, b, Position{8},
                            2, mark, Watermark{2, 70, d}, Checkpoint{Position{6}, d, d}, 4096}},
      {"truncated", Truncated{b, Position{6}, d}},
      {"fetch_state", FetchState{Position{6}, 8}},
      {"state", State{info, 8, "byte"}},
      {"superseded", Superseded{b, 8, Position{6}, d}},
  };
}

std::filesystem::path golden_file() {
  return std::filesystem::path(__FILE__).parent_path() / "testdata" / "messages.hex";
}

TEST(Codec, EveryKindHasAnExampleAndComesBackAsItWent) {
  const std::vector<Example> all = examples();
  ASSERT_EQ(all.size(), std::variant_size_v<Message>);
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(all[i].message.index(), i);
    const Result<Framed> back = decode(encode(kHeader, all[i].message));
    ASSERT_TRUE(back) << all[i].name << ": " << back.error().text;
    EXPECT_EQ(*back, (Framed{kHeader, all[i].message})) << all[i].name;
  }
}

// paxos_test --update writes the file anew; the difference is reviewed like code.
TEST(Codec, TheBytesAreThoseOfTheGoldenFile) {
  std::ostringstream now;
  for (const Example& example : examples())
    now << example.name << " " << hex(encode(kHeader, example.message)) << "\n";
  // The chain is compared between replicas of different releases, so its algorithm is a format as
  // well.
  Digest chain = kChainOrigin;
  Position position{1};
  const Configuration founders{1, {{ReplicaId{1}, "10.0.0.1:5050"}, {ReplicaId{2}, ""}}, {}, 0};
  const Configuration next = successor(founders, {{ReplicaId{2}, ""}}, 9);
  for (const Entry& entry : {genesis_entry({kHeader.ensemble}), Entry::no_op(), data("x", chain),
                             configuration_entry(next, chain)}) {
    chain = chain_after(chain, position, entry);
    now << "chain-" << to_text(position) << " " << hex(chain.high) << hex(chain.low) << "\n";
    position = position.next();
  }
  if (options.update_golden) std::ofstream(golden_file()) << now.str();

  std::ostringstream golden;
  golden << std::ifstream(golden_file()).rdbuf();

  EXPECT_EQ(now.str(), golden.str()) << "in " << golden_file();
}

TEST(Codec, EveryTruncationIsAnErrorWithTheSize) {
  for (const Example& example : examples()) {
    const Bytes bytes = encode(kHeader, example.message);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const Result<Framed> cut = decode(std::string_view(bytes).substr(0, size));
      ASSERT_FALSE(cut) << example.name << " cut to " << size;
      EXPECT_NE(cut.error().text.find(std::to_string(size) + " bytes"), std::string::npos);
    }
    EXPECT_FALSE(decode(bytes + '\0')) << example.name << " and a byte more";
  }
}

// Whatever decodes is one message in its only encoding.
void expect_canonical(const Bytes& bytes) {
  const Result<Framed> framed = decode(bytes);
  if (!framed) return;
  EXPECT_EQ(encode(framed->header, framed->message), bytes) << hex(bytes);
}

TEST(Codec, EveryChangeOfOneByteIsAnErrorOrAnotherMessage) {
  for (const Example& example : examples()) {
    const Bytes bytes = encode(kHeader, example.message);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      // Each bit turned, all of them, and a few.
      for (int change : {1, 2, 4, 8, 16, 32, 64, 128, 255, 3, 7}) {
        Bytes changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ change);
        expect_canonical(changed);
      }
    }
  }
}

TEST(Codec, RandomBytesAndMutationsAreAnErrorOrAMessage) {
  const std::uint64_t seed = options.seed ? options.seed : 1;
  std::cout << "seed " << seed << "; another with --seed=N\n";
  RandomStream random(seed, "paxos codec");
  const std::vector<Example> all = examples();
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = encode(kHeader, all[random.below(all.size())].message);
    const std::uint64_t changes = 1 + random.below(6);
    for (std::uint64_t i = 0; i < changes; ++i) {
      const std::size_t at = random.below(bytes.size());
      const std::uint64_t kind = random.below(3);
      const auto value = static_cast<char>(random.below(256));
      if (kind == 0) bytes[at] = value;
      if (kind == 1) bytes.insert(at, 1, value);
      if (kind == 2 && bytes.size() > 1) bytes.erase(at, 1);
    }
    expect_canonical(bytes);
  }
}

TEST(Codec, ACountLargerThanTheBytesIsRefusedBeforeAnythingIsReserved) {
  ByteWriter out;
  out.raw(encode(kHeader, Promise{ballot(1), {}, {}, {}}));
  Bytes bytes = out.take();
  for (std::size_t i = bytes.size() - 4; i < bytes.size(); ++i) bytes[i] = '\xff';

  EXPECT_FALSE(decode(bytes));
}

TEST(Codec, AnotherVersionIsRefusedWithBothNumbers) {
  Bytes bytes = encode(kHeader, Inquire{});
  bytes[0] = 9;

  const Result<Framed> framed = decode(bytes);

  ASSERT_FALSE(framed);
  EXPECT_NE(framed.error().text.find("version 9"), std::string::npos);
  EXPECT_NE(framed.error().text.find("only 1"), std::string::npos);
}

TEST(Codec, AnUnknownKindIsNamed) {
  Bytes bytes = encode(kHeader, Inquire{});
  bytes.back() = 99;

  const Result<Framed> framed = decode(bytes);

  ASSERT_FALSE(framed);
  EXPECT_NE(framed.error().text.find("kind 99"), std::string::npos);
}

TEST(Codec, ANoOpHasOneEncoding) {
  const auto decodes = [](const Entry& entry) {
    ByteWriter out;
    put(out, entry);
    ByteReader in(out.bytes());
    get_entry(in);
    return in.done();
  };

  EXPECT_TRUE(decodes(Entry::no_op()));
  EXPECT_FALSE(decodes({EntryKind::NoOp, Digest{0, 1}, ""}));
  EXPECT_FALSE(decodes({EntryKind::NoOp, {}, "x"}));
  EXPECT_FALSE(decodes({static_cast<EntryKind>(6), {}, ""}));
}

TEST(Codec, AGenesisGivesItsEnsembleBack) {
  EXPECT_EQ(genesis_ensemble(genesis_entry({kHeader.ensemble})), kHeader.ensemble);
  EXPECT_EQ(genesis_ensemble(data("sixteen bytes...")), std::nullopt);
  EXPECT_EQ(genesis_ensemble({EntryKind::Genesis, {}, "short"}), std::nullopt);
}

}  // namespace
}  // namespace quorate::paxos::test
