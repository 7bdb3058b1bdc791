#pragma once

#include <map>
#include <optional>
#include <vector>

#include "master/paxos/configuration.h"
#include "master/paxos/messages.h"

namespace quorate::paxos {

// What phase 1 has found so far.
struct PhaseOne {
  Position from;        // everything below is learned
  Digest chain_before;  // H(from - 1)
  // Under whose quorum it is asked; nothing: any `quorum` of those who promised (`discovered`).
  MaybeConfiguration current;
  std::uint32_t quorum = 1;
  // Of everybody whose promise counts, members of `current` or not; they outlive this.
  std::map<ReplicaId, const Promise*> promises;
};

// What a proposer must do with it.
struct Adoption {
  bool ready = false;
  // If ready: the values of positions from, from + 1, ..., proposed again. Empty: all is free.
  std::vector<Entry> values;
  // A change that an earlier proposer began. If ready, `values` ends with its entry, and nothing
  // may follow before it is chosen; else a quorum of its members must promise, too.
  MaybeConfiguration change;
};

// Reads the promises: a learned value is the chosen one, among those only accepted the highest
// ballot's binds, and what nobody reports becomes a no-op. A configuration K that would bind at p
// was chosen only if quorums of both its members and the present ones hold it, so (protocol.md 5,
// steps 16 to 18):
//   16  a quorum of the present members among the answers holds no K at p:       a no-op
//   17  K assumes another chain than stands below p, or is not the next epoch's: a no-op
//   18  a quorum of K's members promised, and none of it holds K at p:           a no-op
//   17  else, once a quorum of K's members promised:     K; what is reported above was not chosen
// In an empty log "a no-op" means that all is free: it begins with Genesis.
Adoption adopt(const PhaseOne& view);

}  // namespace quorate::paxos
