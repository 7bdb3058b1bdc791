#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "master/base/bytes.h"
#include "master/base/checksum.h"
#include "master/base/identity.h"
#include "master/base/shared_bytes.h"
#include "master/base/strong.h"

namespace quorate::paxos {

// A slot of the log. 1 is the first that can hold an entry; 0 means "before the first": it counts
// as learned everywhere, with the chain value kChainOrigin.
using Position = Strong<struct PositionTag>;

// A proposer's right to write: unique, because the replica id is part of it and a replica never
// uses a round twice (protocol.md 1). Ordered by round, then replica. The zero ballot is "none".
struct Ballot {
  std::uint64_t round = 0;
  ReplicaId replica;

  auto operator<=>(const Ballot&) const = default;
  bool none() const { return round == 0; }
};

// A round more than this above the highest one seen is refused: one corrupt message must not
// exhaust the ballots (protocol.md 1).
inline constexpr std::uint64_t kRoundLeapMax = std::uint64_t{1} << 20;

enum class EntryKind : std::uint8_t {
  NoOp = 0,     // fills a position; one encoding: no assumed chain, no payload
  Genesis = 1,  // the first entry of a log; its payload is the ensemble id
  Data = 2,     // an operation on the registry, opaque here
  // "Every replica keeps a copy of its state as of here." No payload (protocol.md 16).
  Cut = 3,
  // What the state at an earlier Cut was; its payload is a Checkpoint.
  Checkpoint = 4,
  // Who votes above this position; its payload is a Configuration (configuration.h).
  Configuration = 5,
};
inline constexpr EntryKind kLastEntryKind = EntryKind::Configuration;

// What a position holds.
struct Entry {
  EntryKind kind = EntryKind::NoOp;
  // The chain value below its position that its first proposer assumed. An entry that was chosen
  // above another predecessor stays in the chain and is skipped when applied (protocol.md 6).
  Digest assumed_chain;
  SharedBytes payload;

  bool operator==(const Entry&) const = default;
  static Entry no_op() { return {}; }
};

// H(p) = XXH3-128 over (H(p-1), p, kind, assumed chain, payload); ballot, leader and time are not
// in it (protocol.md 15).
inline constexpr Digest kChainOrigin{};
Digest chain_after(const Digest& before, Position position, const Entry& entry);

// What a replica holds at a position. `ballot` is the one at which it was accepted last.
struct Slot {
  Position position;
  Ballot ballot;
  Entry entry;

  bool operator==(const Slot&) const = default;
};

// What all replicas agree on about a snapshot: the state digest (XXH3-128) after position, whose
// chain value is `chain`.
struct Checkpoint {
  Position position;
  Digest chain;
  Digest state;

  bool operator==(const Checkpoint&) const = default;
};

// How far a replica's disk is: the start counter of the run, the number of the last batch that is
// synced, and its digest. Others remember it, so that a disk that lost what it had acknowledged, or
// an old copy of it, is recognised (protocol.md 12). Ordered by number.
struct Watermark {
  std::uint64_t start = 0;
  std::uint64_t batch = 0;
  Digest digest;

  bool operator==(const Watermark&) const = default;
  bool none() const { return start == 0; }
};
struct MemberWatermark {
  ReplicaId replica;
  Watermark watermark;

  bool operator==(const MemberWatermark&) const = default;
};

// A snapshot of the applied state, apart from its bytes (protocol.md 16).
struct SnapshotInfo {
  Position position;  // the last that is in the state; 0: no snapshot
  Digest chain;       // H(position)
  std::uint64_t epoch = 0;
  Bytes configuration;  // as of there, encoded; empty where the ensemble is not recorded
  Digest state;         // XXH3-128 of the bytes
  std::uint64_t state_bytes = 0;
  // Of earlier snapshots, oldest first, at most kCheckpointsMax: chain values that can still be
  // compared though their entries are gone.
  std::vector<Checkpoint> earlier;

  bool operator==(const SnapshotInfo&) const = default;
};
inline constexpr std::size_t kCheckpointsMax = 32;

// Whether a replica's vote counts (facts/mesos-log.md 1.4, protocol.md 17).
enum class ReplicaStatus : std::uint8_t {
  Empty = 0,       // a new or wiped disk: never voted under this id
  Starting = 1,    // has seen all intended members empty (phase one of automatic initialisation)
  Recovering = 2,  // joins an existing log: learns, does not vote yet
  Voting = 3,
  // Votes were lost: the disk is older than what others saw of it. The next start makes a new id.
  Lost = 4,
};

std::string to_text(Position position);
std::string to_text(const Ballot& ballot);
std::string_view to_text(ReplicaStatus status);

}  // namespace quorate::paxos
