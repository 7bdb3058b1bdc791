#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "master/replicated_log/metadata_slots.h"
#include "master/replicated_log/segment_scan.h"
#include "master/replicated_log/snapshot_file.h"

// What a directory holds, told from its files as they were read: a pure function, shared by Storage
// and by the offline reader (protocol.md 11, 13, 14).

namespace quorate::replicated_log {

struct DirectoryContent {
  std::array<MetadataFile, kMetadataFileCount> metadata;
  std::vector<SegmentScan> segments;  // by number
  std::vector<SnapshotScan> snapshots;
};

struct RecordFound {
  SegmentNumber segment;
  std::uint64_t offset = 0;  // of its batch
  BatchNumber batch;
  paxos::Record record;
};

struct BatchDigest {
  BatchNumber number;
  Digest digest;
};

struct Recovered {
  std::optional<Refusal> refusal;  // the rest is then what could still be told
  // The directory never was opened: whatever lies there may go.
  bool unborn = false;
  MetadataRecord metadata;
  std::vector<RecordFound> records;  // all that are kept, in the order of writing
  std::vector<std::string> notes;

  // How a segment begun now continues: its info, apart from size_bytes, and the batch to carry.
  SegmentInfo next;
  std::optional<BatchContent> carry;
  // What is in use; the kept bytes of each but the last were named by its successor.
  struct Kept {
    SegmentNumber number;
    std::uint64_t bytes = 0;
    std::uint64_t file_bytes = 0;
    paxos::Position highest;  // of any slot in it or in those before it
    bool batches = false;     // has own ones
  };
  std::vector<Kept> kept;
  std::vector<SegmentNumber> spares;              // blank, to be used from the first to the last
  std::vector<SegmentNumber> unused;              // to be removed once the new segment is synced
  SegmentNumber highest;                          // of any segment seen
  std::vector<paxos::Position> unused_snapshots;  // leftovers, removed together with `unused`
  paxos::Position highest_slot;
  paxos::Ballot accepted;            // the highest ballot of any slot
  std::vector<BatchDigest> digests;  // of all batches that are kept, and of the one before them
  std::vector<paxos::MemberWatermark> members;  // the last that were stored
  // Where the log ends, and how.
  SegmentNumber tail_segment;
  Tail tail;
};

Recovered recover(const DirectoryContent& content);

// A refusal because of a file that no log of ours has: nothing of it was touched.
Refusal foreign_file(const std::string& name);

}  // namespace quorate::replicated_log
