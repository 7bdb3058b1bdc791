#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "master/base/bytes.h"
#include "master/base/checksum.h"
#include "master/base/identity.h"
#include "master/paxos/types.h"
#include "master/replicated_log/file_names.h"

// Batches: what is written to a segment, once, on a 4 KiB boundary (protocol.md 11;
// docs/formats/log-segment.md). A batch is a header sector, list sectors, and body sectors:
//
//   | header, 96 checksums | list: 127 checksums each ... | body, zero-padded to 4 KiB |
//
// The header and every list sector carry a checksum of their own; the rest is covered by theirs.

namespace quorate::replicated_log {

inline constexpr std::uint64_t kSectorBytes = 512;
inline constexpr std::uint64_t kBlockBytes = 4096;
inline constexpr std::uint16_t kLogFormat = 1;

// Counts batches over all segments of a replica; never reused, not even that of a batch that was
// cut. 0 is the header block of a segment.
using BatchNumber = Strong<struct BatchNumberTag>;
// Counts the writings of the guarded metadata.
using Generation = Strong<struct GenerationTag>;

enum class BatchKind : std::uint16_t {
  SegmentHeader = 0,  // the first block of a segment
  Records = 1,        // an empty one is a seal
  Carry = 2,          // a copy of the last batch that was kept at open
};

// Whose batch it is and in which file it belongs; with the offset the seed of every checksum.
struct SegmentIdentity {
  EnsembleId ensemble;  // zero if it was not known when the segment was begun
  ReplicaId replica;
  SegmentNumber segment;
  std::uint64_t salt = 0;

  bool operator==(const SegmentIdentity&) const = default;
};

// What a batch says, wherever it is written: equal in a batch and its carry.
struct BatchContent {
  BatchNumber number;
  Digest previous;          // digest of the batch before it; zero before the first
  Generation generation;    // of the metadata that were durable when it was first written
  std::uint64_t start = 0;  // the start counter of the incarnation that wrote it first
  // The body begins with so many member watermarks.
  std::uint16_t members = 0;
  Bytes body;

  bool operator==(const BatchContent&) const = default;
};
Digest digest_of(const BatchContent& content);
// The same of a content whose body is elsewhere.
Digest digest_of(const BatchContent& content, std::string_view body);
// The body without its member watermarks.
std::string_view records_of(const BatchContent& content);

// What the leader knew of every member, as it is stored at the front of a body.
inline constexpr std::uint64_t kMemberBytes = 40;
inline constexpr std::size_t kMembersMax = 256;
Bytes encode_members(const std::vector<paxos::MemberWatermark>& members);
std::vector<paxos::MemberWatermark> decode_members(std::string_view body, std::uint16_t count);

// The size of a batch on disk, and the largest body that fits `batch_bytes`.
std::uint64_t batch_bytes_for(std::uint64_t body_bytes);
std::uint64_t body_bytes_max(std::uint64_t batch_bytes);

Bytes encode_batch(const SegmentIdentity& where, std::uint64_t offset, BatchKind kind,
                   const BatchContent& content);

inline constexpr std::size_t kHeaderChecksums = 96;
inline constexpr std::size_t kListChecksums = 127;

struct BatchHeader {
  std::uint16_t format = kLogFormat;
  BatchKind kind = BatchKind::Records;
  SegmentIdentity where;
  std::uint64_t offset = 0;
  BatchNumber number;
  std::uint32_t sectors = 0;  // of the whole batch
  std::uint32_t body_bytes = 0;
  Digest previous;
  Generation generation;
  std::uint64_t start = 0;
  std::uint16_t members = 0;  // member watermarks at the front of the body
  std::array<std::uint32_t, kHeaderChecksums> checksums{};

  std::uint64_t bytes() const { return std::uint64_t{sectors} * kSectorBytes; }
};

enum class SectorState : std::uint8_t { Valid, Zeros, Garbage };

// A header sector judged by its own checksum alone, wherever it was found.
struct HeaderFound {
  SectorState state = SectorState::Garbage;
  std::optional<std::uint16_t> newer_format;  // valid, but of a format that we cannot read
  BatchHeader header;                         // if Valid and not newer
};
// `sector` is kSectorBytes long.
HeaderFound read_header(std::string_view sector);

// The rest of a batch, judged by its (valid) header.
struct BatchCheck {
  bool whole = false;
  // Not whole, but every sector is valid, or zeros, or judged by a list sector that is zeros: a
  // write that a power loss cut short.
  bool torn = false;
  std::uint64_t first_bad = 0;  // offset in `segment`, if not whole
  std::string_view body;        // if whole
};
// `segment` is the content of the file; the batch begins at header.offset and may reach past its
// end.
BatchCheck check_batch(std::string_view segment, const BatchHeader& header);

std::uint64_t whole_sectors(std::uint64_t bytes);  // rounded up
bool all_zeros(std::string_view bytes);

}  // namespace quorate::replicated_log
