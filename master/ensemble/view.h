#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/identity.h"
#include "master/base/time.h"
#include "master/ensemble/flags.h"
#include "master/ensemble/identity.h"
#include "master/ensemble/safety.h"
#include "master/paxos/configuration.h"

// What the leader of a recorded ensemble knows when it decides who votes next.

namespace quorate::ensemble {

// A replica that was heard by this leader: a member, or somebody who would like to be one.
struct Node {
  ReplicaId replica;
  std::string address;  // where it is now
  bool empty = false;   // its disk holds no log
  EnsembleId ensemble;  // unknown: empty
  Mode mode = Mode::Recorded;
  Flags flags;           // what it was started with
  Duration silent;       // since it was heard last
  paxos::Position held;  // everything up to here is on its disk
  bool chain_agrees = true;
  bool clone = false;  // another process has its id, and a quorum knows that one
};

struct WishLimits {
  Duration recent = Duration::seconds(3);  // heard within this: alive
  // Silent for this long: its disk may be replaced, or it may be dropped, if that is wished for
  // (the T of protocol.md 27 and 28).
  Duration gone = Duration::seconds(60);
  // No more behind than this, about what is in flight: caught up.
  std::uint64_t lag_positions_max = 64;
};

struct EnsembleView {
  EnsembleId ensemble;
  paxos::Configuration configuration;  // the newest chosen one
  bool change_open = false;            // a newer one is proposed, or not yet learned by its quorum
  ReplicaId self;                      // the leader; it is among `nodes`
  Mode mode = Mode::Recorded;
  paxos::Position chosen;
  // In the order of ZooKeeper's group; of two with a member's id the one that a quorum knows stands
  // first. A member that is not among them was not heard since this
  // leader began: it is not alive, and nobody knows yet whether it is gone.
  std::vector<Node> nodes;
  WishLimits limits;

  const Node* find(ReplicaId replica) const;
  // By its replica id as text, or by its address; the newest node, if two were seen there.
  const Node* find(std::string_view who) const;
  bool alive(ReplicaId replica) const;
  bool gone(ReplicaId replica) const;
  bool caught_up(const Node& node) const;
  // Counts for a quorum now: alive, caught up, of this ensemble, its log not different.
  bool sound(ReplicaId replica) const;
  std::size_t size() const { return configuration.members.size(); }
  bool has_quorum() const;  // a quorum of the members is sound
  // Might become a member: alive, the only one with its id, no member, not retired, with an empty
  // disk or one of this ensemble, allowed by its own and by the leader's --masters.
  bool eligible(const Node& node) const;
  // Where a member is now, or else where the record says.
  std::string address_of(ReplicaId replica) const;
};

// The same for the answers about losses and stops; `change`: the configuration of an open change.
EnsembleState state_of(const EnsembleView& view, std::optional<paxos::Configuration> change = {});

// Why these members may not become the next configuration now; nothing: they may. A quorum of them,
// and one to spare where they have one, has to be sound, so that the change can be finished and the
// first loss after it does no harm (protocol.md 24).
std::optional<std::string> unsound(const EnsembleView& view,
                                   const std::vector<paxos::Member>& members);

// "from 3 to 5 members (10.0.0.4:5050 and 10.0.0.5:5050 join); the quorum is 3, 2 can be lost"
std::string describe_change(const EnsembleView& view, const std::vector<paxos::Member>& members);

}  // namespace quorate::ensemble
