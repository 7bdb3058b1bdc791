#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "master/replicated_log/finding.h"
#include "master/replicated_log/metadata_slots.h"
#include "master/replicated_log/segment_scan.h"
#include "master/replicated_log/snapshot_file.h"

// What a directory holds, told from its files as they were read: a pure function, shared by Storage
// and by the offline reader (protocol.md 11, 13, 14).

namespace quorate::replicated_log {

struct DirectoryContent {
  std::array<MetadataFile, kMetadataFileCount> metadata;
  std::vector<SegmentScan> segments;   // by number
  std::vector<paxos::Record> records;  // of all own batches of the segments, as they were scanned
  std::vector<SnapshotScan> snapshots;
};

struct BatchDigest {
  BatchNumber number;
  Digest digest;
};

// A batch whose records count: some of DirectoryContent::records or, of a carry that stands in for
// the batch that it copies, of Recovered::carried.
struct KeptBatch {
  SegmentNumber segment;
  std::uint64_t offset = 0;
  BatchNumber number;
  bool carried = false;
  std::size_t first_record = 0;
  std::size_t end_record = 0;
};

struct Recovered {
  // In the order in which they were met. Only the last one may refuse the directory; the rest is
  // then what could still be told.
  std::vector<Finding> findings;
  // The directory never was opened: whatever lies there may go.
  bool unborn = false;
  MetadataRecord metadata;
  std::vector<KeptBatch> batches;  // in the order of writing
  std::vector<paxos::Record> carried;

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

  // The finding that refuses the directory.
  const Finding* fatal() const;
  // Always false, for the caller to return.
  bool refuse(Finding finding);
};

Recovered recover(const DirectoryContent& content);

// The records of the batches that are kept, in the order of writing; `content` gives them up.
std::vector<paxos::Record> take_records(DirectoryContent& content, Recovered& found);

// How a directory whose votes are lost begins again: nothing is kept, all of it is unused but the
// blank segments, and numbers and generations go on above everything that is there.
Recovered begin_again(const DirectoryContent& content);

}  // namespace quorate::replicated_log
