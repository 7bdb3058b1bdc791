#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "master/base/bytes.h"
#include "master/base/checksum.h"
#include "master/base/identity.h"
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
};

// What a position holds.
struct Entry {
  EntryKind kind = EntryKind::NoOp;
  // The chain value below its position that its first proposer assumed. An entry that was chosen
  // above another predecessor stays in the chain and is skipped when applied (protocol.md 6).
  Digest assumed_chain;
  Bytes payload;

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

// Whether a replica's vote counts (facts/mesos-log.md 1.4, protocol.md 17).
enum class ReplicaStatus : std::uint8_t {
  Empty = 0,       // a new or wiped disk: never voted under this id
  Starting = 1,    // has seen all intended members empty (phase one of automatic initialisation)
  Recovering = 2,  // joins an existing log: learns, does not vote yet
  Voting = 3,
};

std::string to_text(Position position);
std::string to_text(const Ballot& ballot);
std::string_view to_text(ReplicaStatus status);

}  // namespace quorate::paxos
