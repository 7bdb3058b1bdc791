#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "master/base/bytes.h"
#include "master/replicated_log/recovery.h"

namespace quorate::replicated_log {

// A record and where it lies.
struct RecordRead {
  SegmentNumber segment;
  std::uint64_t offset = 0;  // of its batch
  BatchNumber batch;
  paxos::Record record;

  // Of a slot, or up to which it says that slots are learned.
  paxos::Position position() const;
};

struct SegmentRead {
  std::string file;
  std::uint64_t bytes = 0;      // of the file
  bool spare = false;           // blank, waiting for its use
  std::uint64_t batches = 0;    // of its own, wholly valid
  std::uint64_t end_bytes = 0;  // where its valid batches end
  Tail tail;
};

// What a log's directory holds, as an open would see it.
struct LogRead {
  std::optional<MetadataRecord> metadata;       // the highest valid slot; none before birth
  std::optional<paxos::SnapshotInfo> snapshot;  // that the log stands on, if it is whole
  std::vector<SegmentRead> segments;
  std::vector<RecordRead> records;  // in the order of writing; what could be read, if refused
  std::vector<paxos::MemberWatermark> members;  // the last that were stored
  std::string tail_file;  // where the log ends, and how; empty without a segment
  Tail tail;
  std::optional<Refusal> refusal;  // why an open would refuse it
  std::vector<Finding> findings;   // what is not as it should be, what an open deals with as well
};

// Reads the whole content of a directory, file by name. A pure function; nothing is repaired.
LogRead read_log(const std::map<std::string, Bytes>& files);

}  // namespace quorate::replicated_log
