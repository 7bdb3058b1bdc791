#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/probe.h"
#include "master/replicated_log/replicated_log.h"

// Whom to believe: logs that contradict each other (protocol.md 8), and disks that lost what others
// saw on them (protocol.md 12, 17).

namespace quorate::replicated_log {

using paxos::ReplicaStatus;

// Peer bytes alone never end a healthy replica: only when a quorum of the others contradicts it.
// Until then whoever contradicts counts towards no quorum of this one; if none is left, nothing is
// acknowledged any more.
void ReplicatedLog::contradicted(ReplicaId by, Contradiction contradiction) {
  if (evidence_.against(by)) return;
  probe(Probe::ContradictionNoted);
  if (contradiction.ours == Digest{})
    contradiction.ours = table_.chain(contradiction.position).value_or(Digest{});
  contradiction.our_ballot = table_.ballot(contradiction.position).value_or(paxos::Ballot{});
  const std::uint64_t position = contradiction.position.value;
  evidence_.add(by, contradiction);
  notes_.push_back(
      fmt::format("ALARM: replica {} holds another value than this one at the learned position {} "
                  "({}): one of the two logs is corrupt; see report-contradiction in the log's "
                  "directory",
                  to_text(by), position, contradiction.what));
  storage_.report("contradiction", evidence_.report(metadata_.replica));
  update_voters();
  if (evidence_.size() < quorum()) return;
  probe(Probe::ContradictedByQuorum);
  end(Exit::LogCorrupt,
      fmt::format("{} other replicas contradict what this log has learned at position {}; the "
                  "evidence is in report-contradiction; keep the directory",
                  evidence_.size(), position));
}

void ReplicatedLog::compare_with(ReplicaId from, const paxos::Standing& standing) {
  const std::optional<Digest> chain = table_.chain(standing.learned);
  if (chain && *chain != standing.chain)
    return contradicted(
        from, {standing.learned, "the chain value", *chain, standing.chain, {}, standing.promised});

  for (const std::optional<Snapshot>* own : {&snapshot_, &installing_, &cut_}) {
    if (!*own || standing.cut.position.value == 0) continue;
    const paxos::SnapshotInfo& info = (*own)->info;
    if (info.position != standing.cut.position || info.state == standing.cut.state) continue;
    return contradicted(
        from, {info.position, "the state", info.state, standing.cut.state, {}, standing.promised});
  }
}

// --- Disks

void ReplicatedLog::note_watermarks(const std::vector<paxos::MemberWatermark>& members) {
  bool news = false;
  for (const paxos::MemberWatermark& member : members)
    if (member.replica != metadata_.replica)
      news = disks_.note(member.replica, member.watermark) || news;
  if (news) storage_.remember(disks_.all());
}

void ReplicatedLog::note_watermark(ReplicaId from, const paxos::Watermark& watermark) {
  if (from != metadata_.replica && disks_.note(from, watermark)) storage_.remember(disks_.all());
}

void ReplicatedLog::judge_disk(ReplicaId from, const paxos::Watermark& seen) {
  if (!voting() || lost_) return;
  const OwnDisk own{storage_.found_watermark(), storage_.watermark(),
                    [this](std::uint64_t batch) { return storage_.digest_of_batch(batch); }};
  const std::optional<std::string> lost = lost_since(seen, own);
  if (!lost) return;

  probe(Probe::LostVotesTold);
  step_down();
  give_up_votes(fmt::format(
      "this directory is older than what replica {} saw of it: {}. It is an old copy, or the disk "
      "lost what it had acknowledged",
      to_text(from), *lost));
  update_voters();
}

// This run ends as soon as that is on disk.
void ReplicatedLog::give_up_votes(const std::string& why) {
  lost_why_ = why + ". The votes of this replica are void: its next start joins as a new one";
  notes_.push_back("ALARM: " + lost_why_);
  storage_.report("lost-votes", lost_why_ + "\n");
  metadata_.status = ReplicaStatus::Lost;
  metadata_.promised = acceptor_.promised();
  lost_ = storage_.save(metadata_);
}

// A replica that voted in an earlier run asks all others first how far they saw its disk, and waits
// for a second at most.
bool ReplicatedLog::judged_enough() const {
  if (!voted_before_ || intended_size() == 1 || now_ >= judge_until_) return true;
  std::size_t judged = 0;
  for (const auto& [id, peer] : peers_)
    if (peer.judged) ++judged;
  const std::size_t others = std::max<std::size_t>(members_.size(), 1) - 1;
  return judged >= std::max(others, intended_size() - 1);
}

// And gives nothing to a candidate that has not told.
bool ReplicatedLog::may_answer(ReplicaId candidate) const {
  if (!takes_part() || !judged_enough()) return false;
  if (!voted_before_ || candidate == metadata_.replica) return true;
  const auto peer = peers_.find(candidate);
  const bool told = peer != peers_.end() && peer->second.judged;
  if (!told) probe(Probe::UnjudgedCandidate);
  return told;
}

}  // namespace quorate::replicated_log
