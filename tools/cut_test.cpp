#include "tools/cut.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/replicated_log/storage_test_kit.h"

namespace quorate::tools {
namespace {

using namespace replicated_log;  // NOLINT: a test of what that room writes
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kFirst = segment_file(SegmentNumber{1});
constexpr std::uint64_t kB = kBlockBytes;

paxos::SlotRecord own_slot(const Host& host, std::uint64_t position) {
  paxos::SlotRecord record = slot_record(position, 300);
  record.slot.ballot = {2, host.storage.metadata().replica};
  return record;
}

// A log of one member: positions 1 to 20, a block each, over two segments; a second run with 21.
Files one_member() {
  MemoryDisk disk;
  {
    Host host(disk);
    host.run();
    for (std::uint64_t p = 1; p <= 20; ++p) {
      host.append(own_slot(host, p));
      host.run();
    }
  }
  Host host(disk, 2);
  host.run();
  host.append(own_slot(host, 21));
  host.run();
  return disk.image();
}

Loaded loaded(Files files) {
  Loaded result{std::move(files), {}};
  result.log = read_log(result.files);
  return result;
}

Files applied(Files files, const Cut& cut) {
  for (const auto& [name, bytes] : cut.after) files[name] = bytes;
  for (const std::string& name : cut.removed) files.erase(name);
  return files;
}

std::uint64_t last_of(MemoryDisk& disk, std::uint64_t seed) {
  Host host(disk, seed);
  host.run();
  EXPECT_TRUE(host.storage.opened()) << why(host.storage);
  const std::vector<paxos::SlotRecord> slots = slots_of(host.storage.take_recovered());
  for (std::size_t i = 0; i < slots.size(); ++i)
    EXPECT_EQ(slots[i], own_slot(host, i + 1)) << "position " << i + 1;
  return slots.size();
}

// At every batch of every segment: what is before it stays, the master starts, and goes on.
TEST(Cut, KeepsEverythingBeforeTheDamage) {
  const Files whole = one_member();
  for (const auto& [name, bytes] : whole) {
    if (!parse_segment_file(name)) continue;
    for (std::uint64_t at = 0; at < bytes.size(); at += kB) {
      Files files = whole;
      for (std::uint64_t i = 0; i < 40; ++i) files[name][at + i * 8] ^= 0x33;
      const Loaded damaged = loaded(files);
      if (!damaged.log.refusal) continue;
      SCOPED_TRACE(testing::Message() << name << " at byte " << at);

      const Result<Cut> cut = plan_cut(damaged);

      if (!cut) {  // the first segment's header: nothing would be left
        EXPECT_EQ(name + std::to_string(at), kFirst + "0") << cut.error().text;
        continue;
      }
      MemoryDisk disk;
      disk.set_image(applied(files, *cut));
      EXPECT_EQ(last_of(disk, 5), cut->kept.value);
      EXPECT_EQ(last_of(disk, 6), cut->kept.value);
      EXPECT_TRUE(cut->unreadable || cut->kept.value == 21 || !cut->readable.empty());
      for (paxos::Position lost : cut->readable) EXPECT_GT(lost, cut->kept);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(Cut, SaysWhichPositionsAreLost) {
  Files files = one_member();
  files[kFirst][5 * kB + 600] ^= 1;  // position 5

  const Result<Cut> cut = plan_cut(loaded(files));

  ASSERT_TRUE(cut) << cut.error().text;
  EXPECT_EQ(cut->kept, paxos::Position{4});
  EXPECT_TRUE(cut->unreadable);
  EXPECT_EQ(cut->readable.front(), paxos::Position{6});
  EXPECT_EQ(cut->readable.back(), paxos::Position{21});
  ASSERT_FALSE(cut->pieces.empty());
  EXPECT_EQ(cut->pieces.front().file, kFirst);
  EXPECT_EQ(cut->pieces.front().offset, 5 * kB);
  const std::string_view damaged = files.at(kFirst);
  EXPECT_EQ(cut->pieces.front().bytes.substr(0, kB), damaged.substr(5 * kB, kB));
}

TEST(Cut, IsRefusedForALogWithOtherMembers) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  for (std::uint64_t p = 1; p <= 3; ++p) {
    host.append(slot_record(p));  // at a ballot of replica 7
    host.run();
  }
  Files files = disk.image();
  files[kFirst][2 * kB + 600] ^= 1;

  const Result<Cut> cut = plan_cut(loaded(files));

  ASSERT_FALSE(cut);
  EXPECT_THAT(cut.error().text, HasSubstr("other members"));
}

TEST(Cut, IsRefusedWhereItIsNotTheEndThatIsBad) {
  Files sound = one_member(), no_metadata = one_member();
  no_metadata.erase("metadata-a");
  no_metadata.erase("metadata-b");

  EXPECT_THAT(plan_cut(loaded(sound)).error().text, HasSubstr("sound"));
  EXPECT_THAT(plan_cut(loaded(no_metadata)).error().text, HasSubstr("metadata"));
}

}  // namespace
}  // namespace quorate::tools
