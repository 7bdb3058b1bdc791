#include "master/registry/entry_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/registry/maintenance_codec.h"
#include "master/registry/test_values.h"
#include "master/registry/validate.h"

namespace quorate::registry {
namespace {

const OperationId kId{0x0102030405060708, 0x1112131415161718};
const char* const kIdHex = "08070605040302011817161514131211";

Entry schedule_entry() {
  return {kId, ScheduleDecided{{{{{MachineId{"Ab", Ipv4{0x0a000001}}, MachineMode::Draining},
                                  {MachineId{{}, Ipv4{0x7f000001}}, MachineMode::Down}},
                                 {-2, 3}},
                                {{{MachineId{"c", {}}, MachineMode::Draining}}, {1, {}}}}}};
}
Entry down_entry() { return {kId, MachinesWentDown{{machine("a"), MachineId{"b", {}}}}}; }
Entry up_entry() { return {kId, MachinesCameUp{{MachineId{"", Ipv4{1}}}}}; }

// A change of these bytes is a change of the format: give the entry a new version instead.
TEST(EntryCodec, WritesTheScheduleAsEver) {
  EXPECT_EQ(hex(encode_entry(schedule_entry())),
            std::string("0100"
                        "0100") +
                kIdHex +
                "02000000"  // windows
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
                "0100000000000000"
                "00"  // start 1, no duration
                "01000000"
                "02"
                "01"
                "01000000"
                "63");  // DRAINING, "c"
}

TEST(EntryCodec, WritesAnEmptyScheduleAsEver) {
  EXPECT_EQ(hex(encode_entry({kId, ScheduleDecided{}})),
            std::string("01000100") + kIdHex + "00000000");
}

TEST(EntryCodec, WritesMachinesThatWentDownAsEver) {
  EXPECT_EQ(hex(encode_entry(down_entry())), std::string("0200"
                                                         "0100") +
                                                 kIdHex +
                                                 "02000000"
                                                 "03"
                                                 "01000000"
                                                 "61"
                                                 "0100000a"
                                                 "01"
                                                 "01000000"
                                                 "62");
}

TEST(EntryCodec, WritesMachinesThatCameUpAsEver) {
  EXPECT_EQ(hex(encode_entry(up_entry())), std::string("0300"
                                                       "0100") +
                                               kIdHex +
                                               "01000000"
                                               "03"
                                               "00000000"
                                               "01000000");
}

TEST(EntryCodec, ReadsWhatItWrote) {
  for (const Entry& entry :
       {schedule_entry(), Entry{kId, ScheduleDecided{}}, down_entry(), up_entry()}) {
    Decoded<Entry> back = decode_entry(encode_entry(entry));
    ASSERT_TRUE(std::holds_alternative<Entry>(back));
    EXPECT_EQ(std::get<Entry>(back), entry);
  }
}

TEST(EntryCodec, KeepsTheSpellingOfHostnames) {
  auto back = std::get<Entry>(decode_entry(encode_entry(schedule_entry())));

  const auto& plan = std::get<ScheduleDecided>(back.decision).plan;
  EXPECT_EQ(plan[0].machines[0].id.hostname, "Ab");
}

TEST(EntryCodec, ReadsEveryEntryThatValidationMakes) {
  constexpr std::uint64_t kSeed = 7;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  RandomOperations operations(kSeed);
  Registry registry;
  for (int step = 0; step < 2000; ++step) {
    auto entry = validate(registry, operations.next(registry));
    if (!entry) continue;
    Decoded<Entry> back = decode_entry(encode_entry(*entry));
    ASSERT_TRUE(std::holds_alternative<Entry>(back)) << "step " << step;
    ASSERT_EQ(std::get<Entry>(back), *entry) << "step " << step;
    fold(registry, *entry);
  }
}

TEST(EntryCodec, AnUnknownKindIsNewerThanThisBinaryAndNamed) {
  Bytes bytes = encode_entry(down_entry());
  bytes[0] = 4;

  Decoded<Entry> decoded = decode_entry(bytes);

  ASSERT_TRUE(std::holds_alternative<Newer>(decoded));
  EXPECT_THAT(
      std::get<Newer>(decoded).why,
      testing::AllOf(testing::HasSubstr("kind 4"), testing::HasSubstr("newer than this binary")));
}

TEST(EntryCodec, AnUnknownVersionIsNewerThanThisBinaryWhateverFollows) {
  Bytes bytes = encode_entry(down_entry());
  bytes[2] = 2;
  EXPECT_TRUE(std::holds_alternative<Newer>(decode_entry(bytes)));
  EXPECT_TRUE(std::holds_alternative<Newer>(decode_entry(std::string_view(bytes).substr(0, 4))));
}

TEST(EntryCodec, KindAndVersionZeroAreMalformed) {
  for (std::size_t field : {0u, 2u}) {
    Bytes bytes = encode_entry(down_entry());
    bytes[field] = 0;
    EXPECT_TRUE(std::holds_alternative<Malformed>(decode_entry(bytes))) << field;
  }
}

TEST(EntryCodec, EveryTruncationAndEveryExtraByteIsMalformed) {
  for (const Entry& entry : {schedule_entry(), down_entry(), up_entry()}) {
    Bytes bytes = encode_entry(entry);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      Decoded<Entry> decoded = decode_entry(std::string_view(bytes).substr(0, size));
      EXPECT_TRUE(std::holds_alternative<Malformed>(decoded)) << size;
    }
    EXPECT_TRUE(std::holds_alternative<Malformed>(decode_entry(bytes + '\0')));
  }
}

TEST(EntryCodec, EveryChangeOfOneByteIsAnErrorOrAnEntryWithThatOneEncoding) {
  for (const Entry& entry : {schedule_entry(), down_entry(), up_entry()}) {
    const Bytes bytes = encode_entry(entry);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (int value = 0; value < 256; ++value) {
        Bytes changed = bytes;
        changed[at] = static_cast<char>(value);
        Decoded<Entry> decoded = decode_entry(changed);
        if (auto* other = std::get_if<Entry>(&decoded)) {
          ASSERT_EQ(hex(encode_entry(*other)), hex(changed)) << "byte " << at;
        }
      }
    }
  }
}

// Entries that validation would never make, written by hand.
TEST(EntryCodec, RefusesWhatIsNotWellFormed) {
  auto malformed = [](const char* what, const Entry& entry) {
    EXPECT_TRUE(std::holds_alternative<Malformed>(decode_entry(encode_entry(entry)))) << what;
  };
  auto plan = [](MachineId id, MachineMode mode, Unavailability unavailability) {
    return Entry{kId, ScheduleDecided{{{{{std::move(id), mode}}, unavailability}}}};
  };

  malformed("window without machines", {kId, ScheduleDecided{{PlannedWindow{}}}});
  malformed("negative duration", plan(machine("a"), MachineMode::Draining, {0, -1}));
  malformed("mode UP", plan(machine("a"), MachineMode::Up, {}));
  malformed("mode 4", plan(machine("a"), static_cast<MachineMode>(4), {}));
  malformed("nobody", plan({}, MachineMode::Draining, {}));
  malformed("nobody, with an empty name", plan({"", {}}, MachineMode::Draining, {}));
  malformed("no machine", {kId, MachinesWentDown{}});
  malformed("no machine", {kId, MachinesCameUp{}});
  malformed("twice", {kId, MachinesWentDown{{machine("a"), machine("A")}}});
  malformed("twice", {kId, MachinesCameUp{{machine("a"), machine("a")}}});
  PlannedWindow twice{{{machine("a"), MachineMode::Draining}}, {}};
  malformed("in two windows", {kId, ScheduleDecided{{twice, twice}}});
}

TEST(EntryCodec, ACountThatPromisesTooMuchCostsNothing) {
  ByteWriter out;
  out.u16(2);
  out.u16(1);
  write(out, kId);
  out.u32(UINT32_MAX);
  out.raw("some bytes");

  EXPECT_TRUE(std::holds_alternative<Malformed>(decode_entry(out.bytes())));
}

}  // namespace
}  // namespace quorate::registry
