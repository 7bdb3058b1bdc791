#pragma once

#include <cstdint>
#include <map>

#include "master/paxos/messages.h"
#include "master/paxos/table.h"

namespace quorate::replicated_log {

// When a replica may go from one status to the next, decided from what the others say of
// themselves. Pure. `others` holds the latest Standing of every other member that answered this
// incarnation recently; `quorum` is the configured one, so the ensemble is meant to have 2 * quorum
// - 1 members.
//
//   while nobody else has promised or accepted anything (the log is unborn):
//   Empty      -> Starting    all 2q - 1 members are here (automatic initialisation, phase one)
//   Starting   -> Voting      all 2q - 1 are starting or voting (phase two)
//   afterwards:
//   Empty, Starting -> Recovering   a quorum votes: join it
//   Recovering -> Voting      see may_vote()
// and none of these while another member runs with another quorum.
struct AdmissionView {
  paxos::ReplicaStatus status = paxos::ReplicaStatus::Empty;
  std::uint32_t quorum = 1;
  bool auto_initialize = true;
  const std::map<ReplicaId, paxos::Standing>& others;
  const paxos::Table& table;
};

// The status to go to; the present one if nothing changes.
paxos::ReplicaStatus next_status(const AdmissionView& view);

// Whether a recovering replica may vote from now on, and with which promise (none: not yet).
//
// It may stand in for one whose votes were lost, so everything that the lost one may have voted for
// must be known to it first (protocol.md 17). All other members must have answered (2q - 1 in all,
// at least q of them voting), none may have promised above the established leader's ballot b, and
// this replica must hold everything that the leader had given a position, learned or accepted at b.
// Then:
//   * what was chosen below b is in the leader's log, because it won phase 1 at b;
//   * what was chosen at b is in the leader's log by definition, and so in ours;
//   * a ballot above b was promised durably by whoever minted it before anybody else heard of it,
//   so a
//     member would have reported it, unless all who know it are lost, which a quorum excludes.
paxos::Ballot may_vote(const AdmissionView& view);

}  // namespace quorate::replicated_log
