#include "master/registry/snapshot_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/registry/test_values.h"
#include "master/registry/validate.h"

namespace quorate::registry {
namespace {

// One machine is DRAINING, one is DOWN; two operations are remembered.
Registry some_registry() {
  Registry registry;
  MaintenancePlan plan{{{{MachineId{"Ab", Ipv4{0x0a000001}}, MachineMode::Draining},
                         {MachineId{{}, Ipv4{0x7f000001}}, MachineMode::Draining}},
                        {-2, 3}}};
  fold(registry, {{1, 2}, ScheduleDecided{plan}});
  fold(registry, {{3, 4}, MachinesWentDown{{MachineId{{}, Ipv4{0x7f000001}}}}});
  return registry;
}

// A change of these bytes is a change of the format: give the snapshot a new version instead.
TEST(SnapshotCodec, WritesTheRegistryAsEver) {
  EXPECT_EQ(hex(encode_snapshot(some_registry())),
            "51524547"
            "0100"      // "QREG", version
            "01000000"  // windows
            "feffffffffffffff"
            "01"
            "0300000000000000"  // start -2, duration 3
            "02000000"          // machines
            "02"
            "03"
            "02000000"
            "4162"
            "0100000a"  // DRAINING, "Ab", 10.0.0.1
            "03"
            "02"
            "0100007f"  // DOWN, 127.0.0.1
            "02000000"  // recent operations
            "0100000000000000"
            "0200000000000000"
            "0300000000000000"
            "0400000000000000");
}

TEST(SnapshotCodec, WritesTheEmptyRegistryAsEver) {
  EXPECT_EQ(hex(encode_snapshot({})),
            "51524547"
            "0100"
            "00000000"
            "00000000");
}

TEST(SnapshotCodec, TheDigestOfAStateIsAsEver) {
  EXPECT_EQ(hex(Registry{}.state_digest().high), "b8c11350d25b9dc6");
  EXPECT_EQ(hex(some_registry().state_digest().high), "9ee791973e8cde0a");
}

TEST(SnapshotCodec, ReadsWhatItWrote) {
  for (const Registry& registry : {Registry{}, some_registry()}) {
    Decoded<Registry> back = decode_snapshot(encode_snapshot(registry));
    ASSERT_TRUE(std::holds_alternative<Registry>(back));
    EXPECT_EQ(std::get<Registry>(back), registry);
  }
}

TEST(SnapshotCodec, ReadsAFullListOfRecentOperations) {
  Registry registry;
  for (std::uint64_t n = 0; n < RecentOperations::kCapacity; ++n)
    registry.recent_operations.remember({n, 0});

  auto back = decode_snapshot(encode_snapshot(registry));

  ASSERT_TRUE(std::holds_alternative<Registry>(back));
  EXPECT_EQ(std::get<Registry>(back), registry);
}

TEST(SnapshotCodec, ALaterVersionIsNewerThanThisBinary) {
  Bytes bytes = encode_snapshot(some_registry());
  bytes[4] = 2;

  Decoded<Registry> decoded = decode_snapshot(bytes);

  ASSERT_TRUE(std::holds_alternative<Newer>(decoded));
  EXPECT_THAT(std::get<Newer>(decoded).why,
              testing::AllOf(testing::HasSubstr("version 2"),
                             testing::HasSubstr("newer than this binary")));
}

TEST(SnapshotCodec, VersionZeroAndAnotherMagicAreMalformed) {
  for (std::size_t at : {0u, 3u, 4u}) {
    Bytes bytes = encode_snapshot(some_registry());
    bytes[at] = 0;
    EXPECT_TRUE(std::holds_alternative<Malformed>(decode_snapshot(bytes))) << at;
  }
}

TEST(SnapshotCodec, EveryTruncationAndEveryExtraByteIsMalformed) {
  Bytes bytes = encode_snapshot(some_registry());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Decoded<Registry> decoded = decode_snapshot(std::string_view(bytes).substr(0, size));
    EXPECT_TRUE(std::holds_alternative<Malformed>(decoded)) << size;
  }
  EXPECT_TRUE(std::holds_alternative<Malformed>(decode_snapshot(bytes + '\0')));
}

TEST(SnapshotCodec, EveryChangeOfOneByteIsAnErrorOrAStateWithThatOneEncoding) {
  const Bytes bytes = encode_snapshot(some_registry());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      Bytes changed = bytes;
      changed[at] = static_cast<char>(value);
      Decoded<Registry> decoded = decode_snapshot(changed);
      if (auto* other = std::get_if<Registry>(&decoded)) {
        ASSERT_EQ(hex(encode_snapshot(*other)), hex(changed)) << "byte " << at;
      }
    }
  }
}

TEST(SnapshotCodec, RefusesAnOperationListedTwiceAndMoreThanAreRemembered) {
  Bytes empty = encode_snapshot({});
  Bytes head = empty.substr(0, empty.size() - 4);
  ByteWriter twice, many;
  twice.raw(head);
  twice.u32(2);
  for (int i = 0; i < 4; ++i) twice.u64(5);
  many.raw(head);
  many.u32(RecentOperations::kCapacity + 1);
  for (std::uint64_t n = 0; n <= RecentOperations::kCapacity; ++n) {
    many.u64(n);
    many.u64(n);
  }

  EXPECT_TRUE(std::holds_alternative<Malformed>(decode_snapshot(twice.bytes())));
  EXPECT_TRUE(std::holds_alternative<Malformed>(decode_snapshot(many.bytes())));
}

TEST(StateDigest, DiffersWhereStatesDiffer) {
  Registry registry = some_registry(), respelled = registry, remembering = registry;
  respelled.schedule.windows[0].machine_ids[0].hostname = "aB";
  remembering.recent_operations.remember({9, 9});

  EXPECT_EQ(registry.state_digest(), some_registry().state_digest());
  EXPECT_NE(registry.state_digest(), Registry{}.state_digest());
  EXPECT_NE(registry.state_digest(), respelled.state_digest());
  EXPECT_NE(registry.state_digest(), remembering.state_digest());
}

}  // namespace
}  // namespace quorate::registry
