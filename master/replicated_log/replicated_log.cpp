#include "master/replicated_log/replicated_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/paxos/codec.h"
#include "master/paxos/restore.h"

// The way in: messages and disk events. What leaves, and when: outgoing.cpp. What is handed out,
// and snapshots of it: released.cpp. Whom to believe: judgement.cpp. What the replica does by
// itself, in time: progress.cpp.

namespace quorate::replicated_log {

using paxos::EntryKind;
using paxos::Position;
using paxos::ReplicaStatus;

namespace {

constexpr std::size_t kFetchBytesMax = 1 << 20;
constexpr std::size_t kStatePieceBytes = 1 << 20;
// How long a replica that voted before waits for its peers' memory of it (protocol.md 12).
constexpr Duration kJudgeAfter = Duration::seconds(1);

// The highest ballot that a message speaks of; none for those without.
struct BallotOf {
  paxos::Ballot operator()(const paxos::Prepare& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Promise& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Accept& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Accepted& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Rejected& m) const {
    return std::max(m.ballot, m.promised);
  }
  paxos::Ballot operator()(const paxos::Missing& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Learned& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Fetch&) const { return {}; }
  paxos::Ballot operator()(const paxos::Fetched&) const { return {}; }
  paxos::Ballot operator()(const paxos::Confirm& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Confirmed& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Inquire&) const { return {}; }
  paxos::Ballot operator()(const paxos::Standing& m) const {
    return std::max(m.promised, m.leading);
  }
  paxos::Ballot operator()(const paxos::Truncated& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::FetchState&) const { return {}; }
  paxos::Ballot operator()(const paxos::State&) const { return {}; }
  paxos::Ballot operator()(const paxos::Superseded& m) const { return m.ballot; }
};

}  // namespace

ReplicatedLog::ReplicatedLog(Settings settings, Disk& disk, std::uint64_t seed)
    : settings_(settings),
      storage_(settings.storage, disk, seed),
      random_(seed, "replicated_log"),
      genesis_seed_(seed) {
  CHECK(settings.quorum >= 1);
}

void ReplicatedLog::start(Now now) {
  now_ = now.mono;
  storage_.open();
}

void ReplicatedLog::set_members(Now now, const std::vector<ReplicaId>& members) {
  members_ = members;
  std::sort(members_.begin(), members_.end());
  members_.erase(std::unique(members_.begin(), members_.end()), members_.end());
  if (!opened_) return;
  if (!std::binary_search(members_.begin(), members_.end(), metadata_.replica)) {
    members_.push_back(metadata_.replica);
    std::sort(members_.begin(), members_.end());
  }
  std::erase_if(peers_, [&](const auto& peer) {
    return !std::binary_search(members_.begin(), members_.end(), peer.first);
  });
  proposer_.set_members(members_);
  disks_.bound(members_);
  update_voters();
  inquire(now);
  drain_proposer(now);
}

// --- Disk

void ReplicatedLog::on(Now now, const Listed& listed) {
  now_ = now.mono;
  storage_.on(listed);
  if (!opened_ && !lost_ && !refusal_ && storage_.opened()) load_recovered();
}

void ReplicatedLog::on(Now now, const ReadDone& read) {
  now_ = now.mono;
  storage_.on(read);
  if (!opened_ && !lost_ && !refusal_ && storage_.opened()) load_recovered();
}

void ReplicatedLog::on(Now now, const Synced& synced) {
  now_ = now.mono;
  storage_.on(synced);
  if (batch_started_ && !storage_.writing()) {
    last_sync_ = now_ - *batch_started_;
    batch_started_.reset();
  }
  if (!opened_ && !lost_ && !refusal_ && storage_.opened()) load_recovered();
}

void ReplicatedLog::load_recovered() {
  metadata_ = storage_.metadata();
  acceptor_ = paxos::Acceptor(metadata_.promised);
  load_snapshot();
  for (const paxos::Record& record : storage_.take_recovered()) {
    Result<void> restored = paxos::restore(record, acceptor_, table_);
    if (!restored) return refuse_records(restored.error().text);
  }
  opened_ = true;
  vote_mark_ = storage_.last();
  voted_before_ = voting();
  judge_until_ = now_ + kJudgeAfter;
  disks_.note(storage_.remembered());
  see(acceptor_.promised());
  metadata_.epoch = table_.epoch();
  proposer_ = paxos::Proposer(metadata_.replica, settings_.quorum);
  events_.push_back(
      {LogEvent::Kind::Opened,
       fmt::format("replica {} is {}, learned {}, holds {}", to_text(metadata_.replica),
                   to_text(metadata_.status), table_.learned().value, table_.end().value)});
  if (voting()) events_.push_back({LogEvent::Kind::Voting, "voted before"});
  release_chosen();
  tick_at_ = now_;
  inquire_at_ = now_;
  // Wall time is of no use here; rooms only need the monotonic half.
  set_members(Now{now_, {}}, members_);
}

// Every batch is whole, but what they say does not fit together: damage as any other.
void ReplicatedLog::refuse_records(const std::string& why) {
  if (settings_.storage.repair != Repair::Always) return end(Exit::LogCorrupt, why);
  give_up_votes(why);
}

void ReplicatedLog::load_snapshot() {
  snapshot_ = storage_.take_snapshot();
  if (!snapshot_) return;
  const paxos::SnapshotInfo& info = snapshot_->info;
  table_.install(info.position, info.chain, configuration_of(info));
  released_configuration_ = table_.configuration();
  table_.set_checkpoints(info.earlier);
  released_ = info.position;
  chosen_.push_back({info.position, snapshot_->state, ChosenEntry::Kind::State});
}

// --- Messages

void ReplicatedLog::receive(Now now, ReplicaId from, std::string_view bytes) {
  now_ = now.mono;
  if (!opened_ || refusal_) return;
  Result<paxos::Framed> framed = paxos::decode(bytes);
  if (!framed || framed->header.sender != from) {
    ++dropped_;
    return;
  }
  const EnsembleId& theirs = framed->header.ensemble;
  if (theirs.known() && metadata_.ensemble.known() && theirs != metadata_.ensemble) {
    probe(Probe::ForeignEnsemble);
    ++dropped_;
    notes_.push_back(
        fmt::format("a message of replica {} was dropped: it belongs to ensemble {}, this log to "
                    "{}; two clusters "
                    "share one ZooKeeper path",
                    to_text(from), to_text(theirs), to_text(metadata_.ensemble)));
    return;
  }
  const paxos::Ballot ballot = std::visit(BallotOf{}, framed->message);
  if (ballot.round > round_seen_ + paxos::kRoundLeapMax) {
    probe(Probe::AbsurdRound);
    ++dropped_;
    notes_.push_back(
        fmt::format("a message of replica {} was dropped: its round {} is absurd (seen: {})",
                    to_text(from), ballot.round, round_seen_));
    return;
  }
  see(ballot);
  if (!fits(framed->message)) {
    ++dropped_;
    return;
  }
  sender_ensemble_ = theirs;
  hear(now, from, *framed);
  dispatch(now, from, framed->header.request, framed->message);
}

// Whether everything in it could be stored here; a peer with larger segments than ours must not end
// us.
bool ReplicatedLog::fits(const paxos::Message& message) const {
  const auto small = [this](const paxos::Entry& entry) {
    return entry.payload.size() <= payload_bytes_max();
  };
  const auto small_slot = [&small](const paxos::Slot& slot) { return small(slot.entry); };
  if (const auto* accept = std::get_if<paxos::Accept>(&message))
    return std::all_of(accept->entries.begin(), accept->entries.end(), small);
  if (const auto* fetched = std::get_if<paxos::Fetched>(&message))
    return std::all_of(fetched->slots.begin(), fetched->slots.end(), small_slot);
  if (const auto* promise = std::get_if<paxos::Promise>(&message))
    return std::all_of(promise->slots.begin(), promise->slots.end(), small_slot);
  return true;
}

void ReplicatedLog::dispatch(Now now, ReplicaId from, paxos::RequestNumber request,
                             const paxos::Message& message) {
  act_on(now, from, request, message);
  check_outbid(now, std::visit(BallotOf{}, message));
  drain_proposer(now);
  drain_loopback(now);
  release_chosen();
}

void ReplicatedLog::act_on(Now now, ReplicaId from, paxos::RequestNumber request,
                           const paxos::Message& message) {
  if (const auto* standing = std::get_if<paxos::Standing>(&message))
    return on_standing(now, from, request, *standing);
  if (takes_part()) fetch_newer(now, from, message);
  on_request(from, request, message);
  on_lesson(now, from, message);
  on_answer(now, from, request, message);
}

// What others ask of this replica.
void ReplicatedLog::on_request(ReplicaId from, paxos::RequestNumber request,
                               const paxos::Message& message) {
  if (const auto* accept = std::get_if<paxos::Accept>(&message)) {
    const bool learns_only = metadata_.status == ReplicaStatus::Recovering && !settings_.recorded;
    if (learns_only || may_answer(from)) answer(from, request, acceptor_.on(*accept, table_));
  } else if (const auto* prepare = std::get_if<paxos::Prepare>(&message)) {
    if (may_answer(from)) answer(from, request, acceptor_.on(*prepare, table_));
  } else if (const auto* confirm = std::get_if<paxos::Confirm>(&message)) {
    if (may_answer(from)) answer(from, request, acceptor_.on(*confirm, table_));
  } else if (const auto* fetch = std::get_if<paxos::Fetch>(&message)) {
    if (fetch->from < table_.begin()) {
      probe(Probe::FetchBelowSnapshot);
      hold(from, request, truncated(table_, {}));
    } else {
      hold(from, request, paxos::fetch(*fetch, table_, kFetchBytesMax));
    }
  } else if (const auto* state = std::get_if<paxos::FetchState>(&message)) {
    hold(from, request, state_piece(snapshot_, *state, kStatePieceBytes));
  } else if (std::holds_alternative<paxos::Inquire>(message)) {
    hold(from, request, standing());
  }
}

// What teaches this replica.
void ReplicatedLog::on_lesson(Now now, ReplicaId from, const paxos::Message& message) {
  if (!voting() && metadata_.status != ReplicaStatus::Recovering) return;
  if (const auto* accept = std::get_if<paxos::Accept>(&message)) {
    const paxos::Learned watermark{accept->ballot, accept->chosen, accept->chosen_chain};
    if (from != metadata_.replica) note_watermarks(accept->watermarks);
    take_lesson(now, from, learn(watermark, table_),
                {{}, "the chain value", {}, watermark.chain, {}, watermark.ballot});
  } else if (const auto* learned = std::get_if<paxos::Learned>(&message)) {
    if (from != metadata_.replica) note_watermarks(learned->watermarks);
    take_lesson(now, from, learn(*learned, table_),
                {{}, "the chain value", {}, learned->chain, {}, learned->ballot});
  } else if (const auto* fetched = std::get_if<paxos::Fetched>(&message)) {
    fetch_until_ = MonoTime{};
    take_lesson(now, from, learn(*fetched, table_),
                {{}, "an entry that was fetched", {}, fetched->chain_before, {}, {}});
    fetch_if_behind(now);
  } else if (const auto* state = std::get_if<paxos::State>(&message)) {
    on_state(now, from, *state);
  } else if (const auto* truncated = std::get_if<paxos::Truncated>(&message)) {
    on_truncated(now, from, *truncated);
  }
}

// What others answer to this proposer.
void ReplicatedLog::on_answer(Now, ReplicaId from, paxos::RequestNumber request,
                              const paxos::Message& message) {
  if (const auto* accepted = std::get_if<paxos::Accepted>(&message)) {
    note_watermark(from, accepted->watermark);
    proposer_.on(from, request, *accepted);
  } else if (const auto* promise = std::get_if<paxos::Promise>(&message)) {
    proposer_.on(from, request, *promise);
  } else if (const auto* rejected = std::get_if<paxos::Rejected>(&message)) {
    proposer_.on(from, request, *rejected);
  } else if (const auto* missing = std::get_if<paxos::Missing>(&message)) {
    proposer_.on(from, request, *missing);
  } else if (const auto* confirmed = std::get_if<paxos::Confirmed>(&message)) {
    proposer_.on(from, request, *confirmed);
  } else if (const auto* truncated = std::get_if<paxos::Truncated>(&message)) {
    proposer_.on(from, request, *truncated);
  } else if (const auto* superseded = std::get_if<paxos::Superseded>(&message)) {
    proposer_.on(from, request, *superseded);
  }
}

// What is of a newer epoch gets no vote before its configuration is learned.
void ReplicatedLog::fetch_newer(Now now, ReplicaId from, const paxos::Message& message) {
  std::optional<std::uint64_t> epoch = paxos::asked_epoch(message);
  if (const auto* superseded = std::get_if<paxos::Superseded>(&message)) epoch = superseded->epoch;
  if (!epoch || from == metadata_.replica) return;
  take_lesson(now, from, {{}, paxos::fetch_configuration(*epoch, table_), {}}, {});
}

// `found`: what the message says where it contradicts what is learned here.
void ReplicatedLog::take_lesson(Now now, ReplicaId from, const paxos::Lesson& lesson,
                                Contradiction found) {
  for (const paxos::Record& record : lesson.records) store(record);
  if (lesson.configured) on_configured();
  if (lesson.contradiction) {
    found.position = *lesson.contradiction;
    contradicted(from, found);
    return;
  }
  // What this replica itself cannot know, others do: fetch_if_behind() asks them in turn.
  if (!lesson.fetch || now.mono < fetch_until_ || from == metadata_.replica) return;
  if (installing_ || transfer_.running()) return;
  fetch_until_ = now.mono + Duration::seconds(1);
  send({from, {}, *lesson.fetch});
}

}  // namespace quorate::replicated_log
