#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "master/replicated_log/batch.h"
#include "master/replicated_log/snapshot.h"

// A snapshot on disk (protocol.md 16; docs/formats/log-snapshot.md): a header block, a list of
// checksums, one for each 4 KiB of the state, then the state.

namespace quorate::replicated_log {

inline constexpr std::uint16_t kSnapshotFormat = 1;
// What fits in the header block beside everything else.
inline constexpr std::size_t kSnapshotConfigurationBytesMax = 2048;

// Whose snapshot it is; with position and offset the seed of every checksum.
struct SnapshotIdentity {
  EnsembleId ensemble;  // zero if it was not known
  ReplicaId replica;
  std::uint64_t salt = 0;

  bool operator==(const SnapshotIdentity&) const = default;
};

std::uint64_t snapshot_file_bytes(std::uint64_t state_bytes);

// Makes the file in pieces for a file of zeros: the state first, the header and the list last, so
// that an unfinished file has no header.
class SnapshotWriter {
 public:
  // The caller guarantees position > 0, and the limits of configuration and earlier checkpoints.
  SnapshotWriter(const SnapshotIdentity& where, Snapshot snapshot);

  paxos::Position position() const { return snapshot_.info.position; }
  std::uint64_t file_bytes() const { return snapshot_file_bytes(snapshot_.state.size()); }

  struct Piece {
    std::uint64_t offset = 0;
    Bytes bytes;
  };
  // At most 256 KiB of state, or header and list; none when all was handed out.
  std::optional<Piece> next();

 private:
  SnapshotIdentity where_;
  Snapshot snapshot_;
  std::uint32_t seed_ = 0;
  std::uint64_t done_bytes_ = 0;  // of the state
  bool finished_ = false;
  Bytes list_;
};

// What a file of that name holds.
struct SnapshotScan {
  paxos::Position position;  // as the name says
  std::uint64_t file_bytes = 0;
  bool read = false;  // false: only its name is known
  std::optional<std::uint16_t> newer_format;
  std::optional<SnapshotIdentity> where;  // if its header is valid
  paxos::SnapshotInfo info;               // the same
  std::uint64_t state_offset = 0;
  // Empty: it is whole. Else the first place that is not valid, and why.
  std::string why;
  std::uint64_t bad_offset = 0;

  bool whole() const { return read && why.empty() && !newer_format; }
};
// `bytes` is the content of the file.
SnapshotScan scan_snapshot(paxos::Position position, std::string_view bytes);

}  // namespace quorate::replicated_log
