#include "tools/archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/paxos/codec.h"
#include "master/replicated_log/storage_test_kit.h"

namespace quorate::tools {
namespace {

using namespace replicated_log;  // NOLINT: a test of what that room writes
using testing::HasSubstr;

constexpr EnsembleId kEnsemble{0x11, 0x22};

// Genesis, four data entries of which one does not fit its predecessor, a no-op, a cut; the last
// two positions are only accepted.
Loaded example(bool with_snapshot) {
  MemoryDisk disk;
  Host host(disk);
  host.run();
  Metadata metadata = host.storage.metadata();
  metadata.ensemble = kEnsemble;
  metadata.epoch = 3;
  host.storage.save(metadata);
  Digest chain = paxos::kChainOrigin;
  for (std::uint64_t p = 1; p <= 9; ++p) {
    paxos::SlotRecord record = slot_record(p, 300);
    record.slot.entry.assumed_chain = p == 4 ? Digest{6, 6} : chain;
    if (p == 1) record.slot.entry = paxos::genesis_entry({kEnsemble});
    if (p == 5) record.slot.entry = paxos::Entry::no_op();
    if (p == 6) record.slot.entry = {paxos::EntryKind::Cut, chain, {}};
    host.append(record);
    chain = chain_after(chain, record.slot.position, record.slot.entry);
    if (p == 7) host.storage.append(paxos::LearnedRecord{record.slot.position, chain});
    host.run();
    if (p == 3 && with_snapshot) {
      Snapshot snapshot = snapshot_at(3, 200'000);
      snapshot.info.chain = chain;
      host.storage.install(snapshot);
      host.run();
    }
  }
  Loaded loaded{disk.image(), {}};
  loaded.log = read_log(loaded.files);
  EXPECT_FALSE(loaded.log.refusal) << loaded.log.refusal->why;
  return loaded;
}

std::vector<std::string> lines_of(const Loaded& loaded, const Bytes& state) {
  std::vector<std::string> lines;
  const Result<void> done =
      write_archive(loaded, state, [&](const std::string& line) { lines.push_back(line); });
  EXPECT_TRUE(done) << done.error().text;
  return lines;
}

Result<Archive> read_lines(const std::vector<std::string>& lines) {
  ArchiveReader reader;
  for (const std::string& line : lines)
    if (Result<void> taken = reader.take(line); !taken) return tl::unexpected(taken.error());
  return reader.finish();
}

TEST(Archive, HoldsWhatIsLearnedAndNoMore) {
  const Loaded loaded = example(false);
  const Result<Archive> archive = read_lines(lines_of(loaded, {}));

  ASSERT_TRUE(archive) << archive.error().text;
  EXPECT_EQ(archive->ensemble, kEnsemble);
  EXPECT_EQ(archive->epoch, 3u);
  EXPECT_EQ(archive->last(), paxos::Position{7});
  for (std::size_t i = 0; i < archive->entries.size(); ++i)
    EXPECT_EQ(archive->entries[i],
              std::get<paxos::SlotRecord>(loaded.log.records[i].record).slot.entry);
}

TEST(Archive, BeginsWithTheSnapshot) {
  const Bytes state(snapshot_at(3, 200'000).state.view());
  const Result<Archive> archive = read_lines(lines_of(example(true), state));

  ASSERT_TRUE(archive) << archive.error().text;
  ASSERT_TRUE(archive->snapshot);
  EXPECT_EQ(archive->snapshot->state, snapshot_at(3, 200'000).state);
  EXPECT_EQ(archive->snapshot->info.earlier, snapshot_at(3).info.earlier);
  EXPECT_EQ(archive->first(), paxos::Position{4});
  EXPECT_EQ(archive->last(), paxos::Position{7});
}

TEST(Archive, WithAnyLineMissingOrChangedIsRefused) {
  const Bytes state(snapshot_at(3, 200'000).state.view());
  const std::vector<std::string> lines = lines_of(example(true), state);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    SCOPED_TRACE(lines[i].substr(0, 80));
    std::vector<std::string> without = lines;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(read_lines(without));
    std::vector<std::string> cut = lines;
    cut[i].resize(cut[i].size() / 2);
    EXPECT_FALSE(read_lines(cut));
  }
  std::vector<std::string> twice = lines;
  twice.push_back(lines.back());
  EXPECT_FALSE(read_lines(twice));
  std::vector<std::string> changed = lines;
  std::string& entry = changed[changed.size() - 2];
  entry[entry.find("\"payload\":\"") + 12] ^= 1;
  EXPECT_FALSE(read_lines(changed));
}

TEST(Archive, OfALogThatDoesNotFitTogetherIsNotWritten) {
  Loaded loaded = example(false);
  loaded.log.records.erase(loaded.log.records.begin() + 2);

  const Result<void> done = write_archive(loaded, {}, [](const std::string&) {});

  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text, HasSubstr("position 4 does not follow"));
}

TEST(Archive, UnderAnotherEnsembleKeepsItsDataAndItsOrder) {
  const Result<Archive> archive = read_lines(lines_of(example(false), {}));
  ASSERT_TRUE(archive);

  const Archive other = renamed(*archive, {7, 8});

  EXPECT_EQ(paxos::genesis_ensemble(other.entries[0]), (EnsembleId{7, 8}));
  ASSERT_EQ(other.entries.size(), archive->entries.size());
  Digest chain = paxos::kChainOrigin;
  for (std::size_t i = 0; i < other.entries.size(); ++i) {
    const paxos::Entry& entry = other.entries[i];
    if (entry.kind == paxos::EntryKind::Data) {
      EXPECT_EQ(entry.payload, archive->entries[i].payload);
      // Position 4 is skipped here as it was there.
      EXPECT_EQ(entry.assumed_chain == chain, i + 1 != 4);
    }
    chain = chain_after(chain, paxos::Position{i + 1}, entry);
  }
  EXPECT_EQ(other.chain, chain);
  EXPECT_EQ(other.entries[5], paxos::Entry::no_op());  // the cut spoke of the old chain
}

}  // namespace
}  // namespace quorate::tools
