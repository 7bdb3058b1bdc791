#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "master/replicated_log/batch.h"
#include "master/replicated_log/metadata.h"

// The guarded metadata on disk: two files of two 4 KiB slots each (protocol.md 14;
// docs/formats/log-metadata.md).

namespace quorate::replicated_log {

inline constexpr std::uint64_t kMetadataFileBytes = 2 * kBlockBytes;
inline constexpr std::uint16_t kMetadataFormat = 1;

struct MetadataRecord {
  Generation generation;
  Metadata metadata;
  SegmentNumber
      newest;  // whose header is synced; no batch is written to a segment before this names it
  SegmentNumber oldest;      // that still belongs to the log
  paxos::Position snapshot;  // that the log stands on; 0: none
  bool operator==(const MetadataRecord&) const = default;
};

enum class SlotState : std::uint8_t { Valid, Zeros, Garbage };

struct MetadataSlot {
  SlotState state = SlotState::Zeros;
  bool ours = false;  // begins as our slots do, valid or not
  std::optional<std::uint16_t> newer_format;
  MetadataRecord record;  // if Valid and not newer
};

struct MetadataFile {
  bool present = false;
  std::array<MetadataSlot, 2> slots;

  // The slot of the highest valid generation.
  std::optional<std::size_t> newest() const;
  std::optional<Generation> generation() const;
  // The slot that the next update overwrites: not the one that holds the newest valid generation.
  std::size_t next_slot() const;
  bool all_zeros() const;
};

// The record of the highest valid generation in both files: the one that counts. None: no valid
// slot, or one of a newer format only.
const MetadataRecord* newest_record(const std::array<MetadataFile, kMetadataFileCount>& files);

// `file` is 0 or 1, `slot` too: a slot is valid in its own place only. kBlockBytes long.
Bytes encode_slot(const MetadataRecord& record, std::size_t file, std::size_t slot);
// `bytes` may be shorter than a file: what is missing is taken for garbage.
MetadataFile read_metadata_file(std::string_view bytes, std::size_t file);

}  // namespace quorate::replicated_log
