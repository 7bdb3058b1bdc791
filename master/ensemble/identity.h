#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/identity.h"
#include "master/ensemble/refusal.h"

// Who a peer is, before any of its answers counts (protocol.md 17 to 19, 29).

namespace quorate::ensemble {

// Who votes (--ensemble): the members recorded in the log, or whoever ZooKeeper's group shows.
enum class Mode { Recorded, Discovered };
std::string_view to_text(Mode mode);

// What a replica says of itself in the handshake and in each message.
struct Identity {
  EnsembleId ensemble;  // unknown: an empty disk
  ReplicaId replica;
  Incarnation incarnation;
  Mode mode = Mode::Recorded;
  std::string address;  // where it was met: for messages only

  bool operator==(const Identity&) const = default;
};
// "10.0.0.1:5050 (ensemble .., replica .., start 3-00..07, recorded)"
std::string to_text(const Identity& identity);

enum class Judgement {
  Same,       // the incarnation that is known, or the first one of this replica that is met
  Restarted,  // a later run of it: the earlier one is over, its answers do not count any more
  Outdated,   // an earlier run of it: a message that was long under way, or a copy of the disk made
              // before the last start (protocol.md 19): nothing of it counts
  Clone,      // another process with the same start counter, or with our own replica id
  Foreign,    // of another ensemble
  Retired,    // was a member once
  WrongMode,
};
std::string_view to_text(Judgement judgement);

struct IdentityView {
  Identity self;
  // Of the peer's replica id: the incarnation that a quorum last acknowledged (else the last one
  // met). Of the own replica id, if the peer claims that: what a quorum acknowledged of it.
  std::optional<Identity> acknowledged;
  std::vector<ReplicaId> retired;  // as the configuration in force has them
};

struct IdentityVerdict {
  Judgement judgement = Judgement::Same;
  // Who has to end: the peer, or this replica (a clone whose other process the quorum knows). Of
  // two clones of which none was acknowledged nobody ends yet, and none of them votes.
  std::optional<Refusal> peer_ends;
  std::optional<Refusal> self_ends;
  // What was found, with both views: for the log, and for the peer. Empty: Same.
  std::string message;

  // Whether the peer's answers may be counted.
  bool counts() const { return judgement == Judgement::Same || judgement == Judgement::Restarted; }
};

IdentityVerdict judge_identity(const Identity& peer, const IdentityView& view);

}  // namespace quorate::ensemble
