#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/paxos/codec.h"
#include "master/replicated_log/replicated_log.h"

// What the log hands out, in order, once; and how its beginning goes into a snapshot
// (protocol.md 16):
//
//   leader: append Cut ----> every replica, when it releases the Cut: hands it out, is given the
//                            state as of there
//   leader: append Checkpoint{position, chain, state digest}, when it has that state
//           -------------> every replica, when it releases it: its own state must have that digest;
//                          then snapshot to disk, named by the metadata, and the slots up to the
//                          Cut are dropped
//
// A replica that is too far behind for the entries is given the newest snapshot instead.

namespace quorate::replicated_log {

using paxos::Checkpoint;
using paxos::EntryKind;
using paxos::Position;

namespace {

constexpr std::uint64_t kStateBytesMax = (std::uint64_t{1} << 32) - 1;
// After a snapshot the sizes that others told last are of before it.
constexpr Duration kOthersTruncateWithin = Duration::seconds(3);
constexpr Duration kTryAgainAfter = Duration::seconds(5);

Checkpoint checkpoint_of(const paxos::SnapshotInfo& info) {
  return {info.position, info.chain, info.state};
}

std::vector<Checkpoint> earlier_than(const std::optional<Snapshot>& last) {
  if (!last) return {};
  std::vector<Checkpoint> earlier = last->info.earlier;
  earlier.push_back(checkpoint_of(last->info));
  if (earlier.size() > paxos::kCheckpointsMax) earlier.erase(earlier.begin());
  return earlier;
}

}  // namespace

void ReplicatedLog::release_chosen() {
  while (released_ < table_.learned()) {
    const std::optional<paxos::Slot> slot = table_.find(released_.next());
    CHECK(slot.has_value());
    release(*slot);
    released_ = slot->position;
    settle(*slot);
  }
  if (!was_established_ && proposer_.established() && proposer_.first_own() <= released_) {
    was_established_ = true;
    events_.push_back(
        {LogEvent::Kind::Established, fmt::format("round {}, position {}", proposer_.ballot().round,
                                                  proposer_.first_own().value)});
    propose_checkpoint();
  }
}

void ReplicatedLog::release(const paxos::Slot& slot) {
  // An entry whose predecessor is not the one that its proposer saw was never checked against
  // this state: it is skipped, by the same rule everywhere (protocol.md 6).
  const bool counts = table_.chain(released_) == slot.entry.assumed_chain;
  if (!counts && slot.entry.kind == EntryKind::Data) probe(Probe::EntrySkipped);
  switch (slot.entry.kind) {
    case EntryKind::NoOp: return;
    case EntryKind::Genesis:
      released_configuration_ = paxos::configuration_in(slot.entry);
      return adopt_ensemble(slot.entry);
    case EntryKind::Data:
      if (counts) chosen_.push_back({slot.position, slot.entry.payload, ChosenEntry::Kind::Data});
      return;
    case EntryKind::Cut:
      if (!counts) return;
      at_cuts_[slot.position] = released_configuration_;
      return chosen_.push_back({slot.position, {}, ChosenEntry::Kind::Cut});
    case EntryKind::Checkpoint:
      if (std::optional<Checkpoint> agreed = paxos::checkpoint_of(slot.entry); counts && agreed)
        on_checkpoint(*agreed);
      return;
    case EntryKind::Configuration:
      if (counts) released_configuration_ = paxos::configuration_in(slot.entry);
      return;
  }
}

// What became of an own append at this position.
void ReplicatedLog::settle(const paxos::Slot& slot) {
  if (appended_.empty() || appended_.front().position != slot.position) return;
  const Appended mine = std::move(appended_.front());
  appended_.pop_front();
  if (slot.ballot == proposer_.ballot()) {
    outcomes_.push_back({mine.number, Outcome::Applied});
    return;
  }
  // Chosen at another ballot: another entry, or this one, saved by whoever leads now; equal bytes
  // may be somebody else's.
  const bool same = slot.entry.kind == EntryKind::Data && slot.entry.payload == mine.payload;
  probe(same ? Probe::SavedBySuccessor : Probe::AppendOvertaken);
  outcomes_.push_back({mine.number, same ? Outcome::Unknown : Outcome::NotApplied});
}

void ReplicatedLog::adopt_ensemble(const paxos::Entry& genesis) {
  const std::optional<EnsembleId> id = paxos::genesis_ensemble(genesis);
  if (!id || metadata_.ensemble.known()) return;
  metadata_.ensemble = *id;
  metadata_.promised = acceptor_.promised();
  vote_mark_ = std::max(vote_mark_, storage_.save(metadata_));
}

// --- Own snapshots

void ReplicatedLog::cut(Now now, Position position, std::string_view state) {
  now_ = now.mono;
  if (position <= storage_.installed() || (installing_ && position <= installing_->info.position))
    return;
  const std::optional<Digest> chain = table_.chain(position);
  CHECK(chain.has_value());

  Snapshot snapshot;
  snapshot.info.position = position;
  snapshot.info.chain = *chain;
  const paxos::MaybeConfiguration present = at_cuts_[position];
  at_cuts_.erase(at_cuts_.begin(), at_cuts_.upper_bound(position));
  if (present) {
    snapshot.info.epoch = present->epoch;
    snapshot.info.configuration = encode(*present);
  }
  snapshot.info.state = xxh3_128(state);
  snapshot.info.state_bytes = state.size();
  snapshot.state = SharedBytes(state);
  cut_ = std::move(snapshot);
  // Both may have been learned in one go.
  if (agreed_ && agreed_->position == position) return on_checkpoint(*agreed_);
  propose_checkpoint();
}

void ReplicatedLog::propose_checkpoint() {
  if (!established() || !was_established_ || !cut_ || !proposer_.takes_entries()) return;
  if (checkpoint_asked_ >= cut_->info.position) return;
  checkpoint_asked_ = cut_->info.position;
  const paxos::Entry entry = paxos::checkpoint_entry(checkpoint_of(cut_->info), {});
  proposer_.append(entry.payload, EntryKind::Checkpoint);
}

void ReplicatedLog::on_checkpoint(const Checkpoint& agreed) {
  agreed_ = agreed;
  if (!cut_ || cut_->info.position != agreed.position) return probe(Probe::CheckpointWithoutCut);
  if (checkpoint_of(cut_->info) != agreed) {
    probe(Probe::StateDiffers);
    // Who of the two is wrong is judged when the others say what they have (compare_with).
    notes_.push_back(
        fmt::format("ALARM: the state of this replica at position {} is not the one that the "
                    "leader proposed; no snapshot is taken of it",
                    agreed.position.value));
    return;
  }
  // One at a time; on_installed() comes back to it.
  if (installing_) return probe(Probe::CheckpointDuringInstall);
  installing_ = std::move(cut_);
  cut_.reset();
  installing_->info.earlier = earlier_than(snapshot_);
  storage_.install(*installing_);
}

// The leader's own size and what the others told of theirs.
void ReplicatedLog::cut_when_due(Now now) {
  if (settings_.truncate_after_bytes == kNeverTruncate) return;
  if (!was_established_ || !established() || !proposer_.takes_entries()) return;
  if (cut_asked_ || cut_ || installing_ || now.mono < cut_not_before_) return;
  const StorageGauges mine = storage_.gauges();
  std::uint64_t largest = mine.log_bytes;
  if (now.mono - truncated_at_ > kOthersTruncateWithin)
    for (const auto& [id, peer] : peers_) largest = std::max(largest, peer.standing.log_bytes);
  const std::uint64_t limit = settings_.truncate_after_bytes == 0 ? settings_.storage.segment_bytes
                                                                  : settings_.truncate_after_bytes;
  if (largest < limit + mine.snapshot_bytes && !storage_.short_of_space()) return;
  if (released_ <= storage_.installed().next()) return;  // there is nothing to drop

  proposer_.append({}, EntryKind::Cut);
  cut_asked_ = true;
}

// The metadata name the snapshot: what it covers is not needed any more.
void ReplicatedLog::on_installed() {
  if (!installing_) return;
  if (storage_.installed() < installing_->info.position) {
    if (storage_.installing()) return;
    probe(Probe::InstallFailed);
    // The storage has raised the alarm; the next Cut tries again.
    installing_.reset();
    cut_asked_ = false;
    cut_not_before_ = now_ + kTryAgainAfter;
    return;
  }
  Snapshot done = std::move(*installing_);
  installing_.reset();
  cut_asked_ = false;
  truncated_at_ = now_;
  const Position position = done.info.position;
  const bool own = position <= table_.learned();
  if (own) {
    table_.truncate(position);
  } else {
    probe(Probe::SnapshotFromPeer);
    const std::uint64_t epoch = table_.epoch();
    table_.install(position, done.info.chain, configuration_of(done.info));
    released_ = position;
    released_configuration_ = table_.configuration();
    if (table_.epoch() > epoch) on_configured();
    chosen_.push_back({position, done.state, ChosenEntry::Kind::State});
    notes_.push_back(fmt::format("installed a snapshot of {} bytes as of position {}",
                                 done.info.state_bytes, position.value));
  }
  // What was asked for meanwhile is of before.
  fetch_until_ = MonoTime{};
  table_.set_checkpoints(done.info.earlier);
  if (cut_ && cut_->info.position <= position) cut_.reset();
  snapshot_ = std::move(done);
  if (cut_ && agreed_) on_checkpoint(*agreed_);  // agreed on while this one was being installed
  if (!own) fetch_if_behind(Now{now_, {}});
}

// --- Snapshots of others

void ReplicatedLog::on_truncated(Now now, ReplicaId from, const paxos::Truncated& truncated) {
  fetch_until_ = MonoTime{};
  if (from == metadata_.replica || truncated.snapshot <= table_.learned() || installing_) return;
  probe(Probe::TruncatedPeer);
  fetch_until_ = now.mono + Duration::seconds(1);
  send({from, {}, transfer_.next(from)});
}

void ReplicatedLog::on_state(Now now, ReplicaId from, const paxos::State& piece) {
  fetch_until_ = MonoTime{};
  if (installing_ || (piece.info.position <= table_.learned() && transfer_.running()))
    return transfer_.stop();
  switch (transfer_.receive(from, piece, kStateBytesMax)) {
    case StateTransfer::Step::Ignored: return;
    case StateTransfer::Step::More:
      fetch_until_ = now.mono + Duration::seconds(1);
      return send({from, {}, transfer_.next(from)});
    case StateTransfer::Step::Broken:
      probe(Probe::SnapshotDamaged);
      notes_.push_back(
          fmt::format("the snapshot that replica {} sent does not have the digest "
                      "that it names; it is asked for again",
                      to_text(from)));
      return;
    case StateTransfer::Step::Whole: break;
  }
  Snapshot snapshot = transfer_.take();
  if (snapshot.info.position <= table_.learned()) return probe(Probe::SnapshotOvertaken);
  if (!metadata_.ensemble.known() && sender_ensemble_.known()) {
    metadata_.ensemble = sender_ensemble_;
    metadata_.promised = acceptor_.promised();
    vote_mark_ = std::max(vote_mark_, storage_.save(metadata_));
  }
  installing_ = std::move(snapshot);
  storage_.install(*installing_);
}

}  // namespace quorate::replicated_log
