#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "master/base/strong.h"
#include "master/paxos/types.h"

// Which files make up a log's directory (docs/formats/log-segment.md, log-metadata.md,
// log-snapshot.md).

namespace quorate::replicated_log {

// Segments are numbered from 1 up, in the order in which they are made; a number is not used twice.
// 0: none.
using SegmentNumber = Strong<struct SegmentNumberTag>;

inline constexpr std::size_t kMetadataFileCount = 2;
inline constexpr std::string_view kMetadataFiles[kMetadataFileCount] = {"metadata-a", "metadata-b"};

// "segment-" and 16 hexadecimal digits.
std::string segment_file(SegmentNumber number);
// The number in such a name; none for every other name.
std::optional<SegmentNumber> parse_segment_file(std::string_view name);

// "snapshot-" and 16 hexadecimal digits: the last position that is in it.
std::string snapshot_file(paxos::Position position);
std::optional<paxos::Position> parse_snapshot_file(std::string_view name);

// "report-" and a name: a text for a person, beside the log. Never read.
std::string report_file(std::string_view name);

enum class FileKind : std::uint8_t {
  Metadata,
  Segment,
  Snapshot,
  Report,
  Passing,  // the lock, and files under a temporary name: the disk's own business
  Foreign,
};
FileKind kind_of(std::string_view name);

}  // namespace quorate::replicated_log
