#include "master/replicated_log/admission.h"

namespace quorate::replicated_log {
namespace {

using paxos::ReplicaStatus;
using paxos::Standing;

struct Census {
  std::uint32_t empty = 0;
  std::uint32_t starting = 0;
  std::uint32_t recovering = 0;
  std::uint32_t voting = 0;

  void add(ReplicaStatus status) {
    switch (status) {
      case ReplicaStatus::Empty: ++empty; break;
      case ReplicaStatus::Starting: ++starting; break;
      case ReplicaStatus::Recovering: ++recovering; break;
      case ReplicaStatus::Voting: ++voting; break;
      case ReplicaStatus::Lost: break;  // about to end
    }
  }
  std::uint32_t all() const { return empty + starting + recovering + voting; }
};

Census census(const AdmissionView& view) {
  Census count;
  count.add(view.status);
  for (const auto& [id, standing] : view.others) count.add(standing.status);
  return count;
}

// Nobody else has promised or accepted anything yet. With all 2q - 1 members present, nothing can
// have been promised or chosen by a quorum then, whatever disks were lost. A leftover of an
// interrupted start that meets others who have gone on without it must catch up instead (hazard
// X3).
bool untouched(const AdmissionView& view) {
  for (const auto& [id, standing] : view.others)
    if (!standing.promised.none() || standing.end != paxos::Position(0)) return false;
  return true;
}

// Everything up to `end` is learned here, or accepted at the leader's ballot.
bool holds(const paxos::Table& table, paxos::Position end, const paxos::Ballot& ballot) {
  if (table.end() < end) return false;
  for (paxos::Position p = table.learned().next(); p <= end; p = p.next())
    if (table.ballot(p) != ballot) return false;
  return true;
}

// A replica with too small a quorum hears too few: what it has not heard of may be chosen without
// it (hazard R10).
bool quorums_differ(const AdmissionView& view) {
  for (const auto& [id, standing] : view.others)
    if (standing.quorum != view.quorum) return true;
  return false;
}

}  // namespace

ReplicaStatus next_status(const AdmissionView& view) {
  if (quorums_differ(view)) return view.status;
  const std::uint32_t intended = 2 * view.quorum - 1;
  const Census count = census(view);
  const bool unborn = untouched(view);
  switch (view.status) {
    case ReplicaStatus::Empty:
      if (!unborn) return count.voting >= view.quorum ? ReplicaStatus::Recovering : view.status;
      return view.auto_initialize && count.all() >= intended ? ReplicaStatus::Starting
                                                             : view.status;
    case ReplicaStatus::Starting:
      if (!unborn) return count.voting >= view.quorum ? ReplicaStatus::Recovering : view.status;
      return view.auto_initialize && count.starting + count.voting >= intended
                 ? ReplicaStatus::Voting
                 : view.status;
    case ReplicaStatus::Recovering:
      return may_vote(view).none() ? view.status : ReplicaStatus::Voting;
    case ReplicaStatus::Voting:
    case ReplicaStatus::Lost: return view.status;
  }
  return view.status;
}

paxos::Ballot may_vote(const AdmissionView& view) {
  const Census count = census(view);
  if (count.voting < view.quorum || count.all() < 2 * view.quorum - 1) return {};

  const Standing* leader = nullptr;
  for (const auto& [id, standing] : view.others) {
    if (standing.leading.none()) continue;
    if (leader == nullptr || leader->leading < standing.leading) leader = &standing;
  }
  if (leader == nullptr) return {};
  for (const auto& [id, standing] : view.others)
    if (leader->leading < standing.promised) return {};
  if (!holds(view.table, leader->leading_end, leader->leading)) return {};
  return leader->leading;
}

}  // namespace quorate::replicated_log
