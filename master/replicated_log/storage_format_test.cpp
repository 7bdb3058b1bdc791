#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "master/replicated_log/storage_test_kit.h"

// A log of format version 1, kept as text: what was written once must be read for ever. After a
// wanted change of what is written, QUORATE_REWRITE_GOLDEN=1 writes the file anew; review the
// difference.

namespace quorate::replicated_log {
namespace {

using testing::ElementsAre;
using Image = std::map<std::string, Bytes>;

const std::filesystem::path kGolden =
    std::filesystem::path(__FILE__).parent_path() / "testdata" / "log-format-1.txt";

// Two incarnations: a small and a large batch, a seal, metadata, a carry, a learned record.
Image example_log() {
  MemoryDisk disk;
  {
    Host host(disk, 1);
    host.run();
    Metadata metadata = host.storage.metadata();
    metadata.ensemble = {0x1122334455667788, 0x99aabbccddeeff00};
    metadata.status = paxos::ReplicaStatus::Voting;
    metadata.epoch = 3;
    host.storage.save(metadata);
    host.append(slot_record(1));
    host.append(promise(5));
    host.run();
    host.storage.seal();
    host.run();
  }
  Host host(disk, 2);
  host.run();
  paxos::SlotRecord learned = slot_record(2);
  learned.learned = true;
  host.append(learned);
  host.append(paxos::LearnedRecord{paxos::Position{2}, Digest{0xab, 0xcd}});
  host.storage.seal();
  host.run();
  return disk.image();
}

// "file <name> <size>", then for each sector that is not zeros "<offset> <hex, without final
// zeros>".
std::string text_of(const Image& image) {
  std::ostringstream text;
  for (const auto& [name, bytes] : image) {
    text << "file " << name << ' ' << bytes.size() << '\n';
    for (std::size_t at = 0; at < bytes.size(); at += kTestSectorBytes) {
      std::string_view sector = std::string_view(bytes).substr(at, kTestSectorBytes);
      sector = sector.substr(0, sector.find_last_not_of('\0') + 1);
      if (!sector.empty()) text << at << ' ' << hex(sector) << '\n';
    }
  }
  return text.str();
}

Bytes from_hex(const std::string& digits) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

Image image_of(const std::string& text) {
  Image image;
  std::istringstream in(text);
  std::string first, second;
  Bytes* file = nullptr;
  while (in >> first >> second) {
    if (first == "file") {
      std::size_t size = 0;
      in >> size;
      file = &(image[second] = Bytes(size, '\0'));
      continue;
    }
    const Bytes bytes = from_hex(second);
    file->replace(std::stoul(first), bytes.size(), bytes);
  }
  return image;
}

std::string golden() {
  if (std::getenv("QUORATE_REWRITE_GOLDEN") != nullptr)
    std::ofstream(kGolden) << text_of(example_log());
  std::ostringstream text;
  text << std::ifstream(kGolden).rdbuf();
  return text.str();
}

TEST(StorageFormat, OfTheFirstVersionIsStillWritten) {
  EXPECT_EQ(text_of(example_log()), golden());
}

TEST(StorageFormat, OfTheFirstVersionIsStillRead) {
  const LogRead log = read_log(image_of(golden()));

  ASSERT_FALSE(log.refusal) << log.refusal->why;
  ASSERT_TRUE(log.metadata);
  EXPECT_EQ(log.metadata->metadata.promised, promise(5).promised);
  EXPECT_EQ(log.metadata->metadata.epoch, 3u);
  EXPECT_EQ(log.metadata->metadata.status, paxos::ReplicaStatus::Voting);
  EXPECT_EQ(log.metadata->metadata.ensemble.low, 0x99aabbccddeeff00u);
  EXPECT_EQ(log.metadata->metadata.incarnation.start, 2u);
  paxos::SlotRecord learned = slot_record(2);
  learned.learned = true;
  std::vector<paxos::Record> records;
  for (const RecordRead& read : log.records) records.push_back(read.record);
  EXPECT_THAT(
      records,
      ElementsAre(paxos::Record(slot_record(1)), paxos::Record(learned),
                  paxos::Record(paxos::LearnedRecord{paxos::Position{2}, Digest{0xab, 0xcd}})));
}

}  // namespace
}  // namespace quorate::replicated_log
