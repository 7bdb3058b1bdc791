#pragma once

#include <optional>

#include "master/paxos/messages.h"
#include "master/replicated_log/snapshot.h"

namespace quorate::replicated_log {

// Receives a snapshot of another replica, piece by piece. One at a time: a piece of another
// snapshot or sender begins anew. Bytes of peers: whatever they hold, nothing but refusal comes of
// it.
class StateTransfer {
 public:
  bool running() const { return from_.has_value(); }
  void stop() { *this = {}; }

  // Takes one piece. `bytes_max`: the largest state that is taken at all.
  enum class Step : std::uint8_t {
    Ignored,  // does not fit: ask for next()
    More,     // ask for next()
    Whole,    // take() it
    Broken,   // the bytes are not those that the snapshot names; stopped
  };
  Step receive(ReplicaId from, const paxos::State& piece, std::uint64_t bytes_max);

  // What to ask `from` for; from the beginning of its newest snapshot if none is under way.
  paxos::FetchState next(ReplicaId from) const;
  // After Whole.
  Snapshot take();

  std::uint64_t received_bytes() const { return bytes_.size(); }
  std::uint64_t total_bytes() const { return info_.state_bytes; }

 private:
  std::optional<ReplicaId> from_;
  paxos::SnapshotInfo info_;
  Bytes bytes_;
};

// The piece of `snapshot` that was asked for, at most `bytes_max` long; without a position if there
// is none or it is another one.
paxos::State state_piece(const std::optional<Snapshot>& snapshot, const paxos::FetchState& request,
                         std::size_t bytes_max);

}  // namespace quorate::replicated_log
