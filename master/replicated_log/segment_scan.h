#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/paxos/acceptor.h"
#include "master/replicated_log/batch.h"

// Reads the whole content of one segment and judges the first batch that is not wholly valid, as
// far as one segment can tell (protocol.md 11). What the segments say about each other is
// recovery.h.

namespace quorate::replicated_log {

// The body of a segment's header block.
struct SegmentInfo {
  std::uint64_t size_bytes = 0;  // of the file at its birth
  // The segment before this one, up to which byte it counts, and the last batch in it. Zero in a
  // log without batches.
  SegmentNumber previous;
  std::uint64_t previous_salt = 0;
  std::uint64_t kept_bytes = 0;
  BatchNumber last_number;
  Digest last_digest;
  BatchNumber first_number;  // of the first batch of its own
  // Begun at an open, on what was merely read; else while running, when the last batch was synced.
  bool opening = false;
  bool carries = false;  // a copy of the last batch follows

  bool operator==(const SegmentInfo&) const = default;
};
Bytes encode(const SegmentInfo& info);
std::optional<SegmentInfo> decode_segment_info(std::string_view body);

enum class TailKind : std::uint8_t {
  Clean,      // zeros to the end
  Torn,       // a write that was not acknowledged, cut short by a power loss
  Damaged,    // acknowledged batches are missing or in the wrong place
  Ambiguous,  // cannot be told apart by this replica alone
};
std::string_view to_text(TailKind kind);

// The first place that is not a wholly valid batch.
struct Tail {
  TailKind kind = TailKind::Clean;
  std::uint64_t offset = 0;
  std::string why;  // empty if Clean
};

struct BatchFound {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  BatchContent content;  // its body only of a carry, and of the last one found
  Digest digest;
  std::vector<paxos::MemberWatermark> members;
  // Which of all records are its own; none of a carry.
  std::size_t first_record = 0;
  std::size_t end_record = 0;
};

struct SegmentScan {
  SegmentNumber number;
  std::uint64_t file_bytes = 0;
  bool blank = false;  // nothing but zeros: a spare
  std::optional<SegmentIdentity> where;
  std::optional<SegmentInfo> info;  // both set if the header block is wholly valid
  std::optional<BatchFound> carry;
  std::vector<BatchFound> batches;  // its own, in order
  // The header sector of a batch of its own is there, be its batch whole or not: then the header
  // block and the carry were synced before.
  bool own_batch_seen = false;
  std::optional<std::uint16_t> newer_format;
  Generation generation;  // the highest that a header names
  Tail tail;

  // Its header block and the carry that it announces are there.
  bool begun() const { return info && (!info->carries || carry); }
  // Header block, carry and own batches end here; kBlockBytes or more.
  std::uint64_t end_bytes() const;
  const BatchFound* last() const;
};

// Appends the records of its own batches to `records`.
SegmentScan scan_segment(SegmentNumber number, std::string_view bytes,
                         std::vector<paxos::Record>& records);

}  // namespace quorate::replicated_log
