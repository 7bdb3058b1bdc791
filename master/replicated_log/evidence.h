#pragma once

#include <map>
#include <string>
#include <string_view>

#include "master/paxos/types.h"

namespace quorate::replicated_log {

// Replicas that hold something else than this one where both say that it is chosen (protocol.md 8).
// One of the two logs is corrupt; which one is told by how many agree with whom.
struct Contradiction {
  paxos::Position position;
  std::string_view what;  // a literal: "the entry", "the chain value", "the state"
  Digest ours;
  Digest theirs;
  paxos::Ballot our_ballot;  // none if not known
  paxos::Ballot their_ballot;

  bool operator==(const Contradiction&) const = default;
};

class Evidence {
 public:
  // The first one against a replica stays.
  void add(ReplicaId with, const Contradiction& contradiction);
  // That replica starts anew, with another log perhaps.
  void forget(ReplicaId with) { against_.erase(with); }
  bool against(ReplicaId replica) const { return against_.count(replica) != 0; }
  std::size_t size() const { return against_.size(); }
  bool empty() const { return against_.empty(); }
  const std::map<ReplicaId, Contradiction>& all() const { return against_; }
  // For a person: all sides, with positions, hashes, ballots and replica ids.
  std::string report(ReplicaId self) const;

 private:
  std::map<ReplicaId, Contradiction> against_;
};

}  // namespace quorate::replicated_log
