#include "master/replicated_log/replicated_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/paxos/codec.h"
#include "master/paxos/restore.h"

// The way in: messages and disk events, and what is held until it is durable. What the replica does
// by itself, in time, is in progress.cpp.

namespace quorate::replicated_log {

using paxos::EntryKind;
using paxos::Position;
using paxos::ReplicaStatus;

namespace {

constexpr std::size_t kFetchBytesMax = 1 << 20;
constexpr Duration kSealAfter = Duration::milliseconds(20);  // of idleness (protocol.md 11)

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
  update_voters();
  inquire(now);
  drain_proposer(now);
}

// --- Disk

void ReplicatedLog::on(Now now, const Listed& listed) {
  now_ = now.mono;
  storage_.on(listed);
  if (!opened_ && storage_.opened()) load_recovered();
}

void ReplicatedLog::on(Now now, const ReadDone& read) {
  now_ = now.mono;
  storage_.on(read);
  if (!opened_ && storage_.opened()) load_recovered();
}

void ReplicatedLog::on(Now now, const Synced& synced) {
  now_ = now.mono;
  storage_.on(synced);
  if (!opened_ && storage_.opened()) load_recovered();
}

void ReplicatedLog::load_recovered() {
  metadata_ = storage_.metadata();
  acceptor_ = paxos::Acceptor(metadata_.promised);
  for (const paxos::Record& record : storage_.take_recovered()) {
    Result<void> restored = paxos::restore(record, acceptor_, table_);
    if (!restored) return end(Exit::LogCorrupt, restored.error().text);
  }
  opened_ = true;
  vote_mark_ = storage_.last();
  see(acceptor_.promised());
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
  const bool votes = voting();
  const bool learns = votes || metadata_.status == ReplicaStatus::Recovering;
  if (const auto* prepare = std::get_if<paxos::Prepare>(&message)) {
    if (votes) answer(from, request, acceptor_.on(*prepare, table_));
  } else if (const auto* accept = std::get_if<paxos::Accept>(&message)) {
    if (!learns) return;
    answer(from, request, acceptor_.on(*accept, table_));
    take_lesson(
        now, from,
        learn(paxos::Learned{accept->ballot, accept->chosen, accept->chosen_chain}, table_));
  } else if (const auto* confirm = std::get_if<paxos::Confirm>(&message)) {
    if (votes) answer(from, request, acceptor_.on(*confirm));
  } else if (const auto* learned = std::get_if<paxos::Learned>(&message)) {
    if (learns) take_lesson(now, from, learn(*learned, table_));
  } else if (const auto* fetch = std::get_if<paxos::Fetch>(&message)) {
    hold(from, request, paxos::fetch(*fetch, table_, kFetchBytesMax));
  } else if (const auto* fetched = std::get_if<paxos::Fetched>(&message)) {
    fetch_until_ = MonoTime{};
    if (learns) take_lesson(now, from, learn(*fetched, table_));
    fetch_if_behind(now);
  } else if (std::holds_alternative<paxos::Inquire>(message)) {
    hold(from, request, standing());
  } else if (const auto* their_standing = std::get_if<paxos::Standing>(&message)) {
    on_standing(now, from, *their_standing);
  } else if (const auto* promise = std::get_if<paxos::Promise>(&message)) {
    proposer_.on(from, request, *promise);
  } else if (const auto* accepted = std::get_if<paxos::Accepted>(&message)) {
    proposer_.on(from, request, *accepted);
  } else if (const auto* rejected = std::get_if<paxos::Rejected>(&message)) {
    proposer_.on(from, request, *rejected);
  } else if (const auto* missing = std::get_if<paxos::Missing>(&message)) {
    proposer_.on(from, request, *missing);
  } else if (const auto* confirmed = std::get_if<paxos::Confirmed>(&message)) {
    proposer_.on(from, request, *confirmed);
  }
}

// A contradiction is corruption at one side or the other. Peer bytes alone never end a healthy
// replica: only when a quorum of the others contradicts it (protocol.md 8).
void ReplicatedLog::take_lesson(Now now, ReplicaId from, const paxos::Lesson& lesson) {
  for (const paxos::Record& record : lesson.records) store(record);
  if (lesson.contradiction) {
    if (contradictions_.emplace(from, *lesson.contradiction).second)
      notes_.push_back(
          fmt::format("replica {} holds another value than this one at the learned position "
                      "{}: one of the two logs is corrupt",
                      to_text(from), lesson.contradiction->value));
    if (contradictions_.size() >= settings_.quorum)
      end(Exit::LogCorrupt,
          fmt::format("{} other replicas contradict the value that this log has learned "
                      "at position {}; keep the directory as evidence",
                      contradictions_.size(), lesson.contradiction->value));
    return;
  }
  // What this replica itself cannot know, others do: fetch_if_behind() asks them in turn.
  if (!lesson.fetch || now.mono < fetch_until_ || from == metadata_.replica) return;
  fetch_until_ = now.mono + Duration::seconds(1);
  send({from, {}, *lesson.fetch});
}

// --- What leaves, and when

void ReplicatedLog::store(const paxos::Record& record) {
  const Mark mark = storage_.append(record);
  // A learned mark may be lost in a crash, so nothing waits for it.
  if (std::holds_alternative<paxos::LearnedRecord>(record)) return;
  vote_mark_ = std::max(vote_mark_, mark);
  seal_at_ = now_ + kSealAfter;
}

void ReplicatedLog::answer(ReplicaId to, paxos::RequestNumber request, paxos::Answer answer) {
  see(acceptor_.promised());
  for (const paxos::Record& record : answer.records) store(record);
  for (paxos::Message& message : answer.messages) hold(to, request, std::move(message));
}

// Nothing that a replica says of itself may be lost in a crash: every answer waits for all that was
// appended before it, a repeated one as well (protocol.md 4).
void ReplicatedLog::hold(ReplicaId to, paxos::RequestNumber request, paxos::Message message) {
  held_.push_back({vote_mark_, {to, request, std::move(message)}});
}

void ReplicatedLog::release_held() {
  while (!held_.empty() && held_.front().mark <= storage_.durable()) {
    paxos::Outgoing outgoing = std::move(held_.front().outgoing);
    held_.pop_front();
    send(outgoing);
  }
}

void ReplicatedLog::send(const paxos::Outgoing& outgoing) {
  if (outgoing.to == metadata_.replica) {
    loopback_.push_back(outgoing);
    return;
  }
  const paxos::Header header{metadata_.ensemble, metadata_.epoch, metadata_.replica,
                             metadata_.incarnation, outgoing.request};
  envelopes_.push_back({outgoing.to, paxos::encode(header, outgoing.message)});
}

// A replica talks to its own acceptor by the same messages as to the others.
void ReplicatedLog::drain_loopback(Now now) {
  while (!loopback_.empty()) {
    paxos::Outgoing outgoing = std::move(loopback_.front());
    loopback_.pop_front();
    act_on(now, metadata_.replica, outgoing.request, outgoing.message);
    drain_proposer(now);
  }
}

void ReplicatedLog::drain_proposer(Now now) {
  for (const paxos::Outgoing& outgoing : proposer_.take_outgoing()) send(outgoing);
  for (paxos::RequestNumber number : proposer_.take_confirmed()) {
    auto barrier = barriers_.find(number);
    if (barrier == barriers_.end()) continue;
    confirmed_.push_back(barrier->second);
    barriers_.erase(barrier);
  }
  if (std::optional<paxos::Ballot> deposed = proposer_.take_deposed()) on_deposed(now, *deposed);
}

// Another ballot stands above this proposer's: its own acceptor promised it, or somebody learned at
// it. Nobody else may have said so yet, but what is chosen from here on may not be ours.
void ReplicatedLog::check_outbid(Now now, const paxos::Ballot& ballot) {
  const paxos::Ballot highest = std::max(ballot, acceptor_.promised());
  if (proposer_.phase() == paxos::Proposer::Phase::Idle || highest <= proposer_.ballot()) return;
  proposer_.step_down();
  on_deposed(now, highest);
}

void ReplicatedLog::on_deposed(Now now, const paxos::Ballot& by) {
  see(by);
  if (!was_established_) {
    // Nothing was acknowledged in this term: try again above the ballot that stood in the way.
    contend_at_ = now.mono + Duration::milliseconds(random_.between(20, 100));
    return;
  }
  events_.push_back(
      {LogEvent::Kind::Deposed,
       fmt::format("replica {} has a higher ballot (round {})", to_text(by.replica), by.round)});
  step_down();
}

void ReplicatedLog::release_chosen() {
  while (released_ < table_.learned()) {
    const Position position = released_.next();
    const paxos::Slot* slot = table_.find(position);
    CHECK(slot != nullptr);
    // An entry whose predecessor is not the one that its proposer saw was never checked against
    // this state: it is skipped, by the same rule everywhere (protocol.md 6).
    const bool counts = table_.chain(released_) == slot->entry.assumed_chain;
    if (slot->entry.kind == EntryKind::Data && counts)
      chosen_.push_back({position, slot->entry.payload, ChosenEntry::Kind::Data});
    if (slot->entry.kind == EntryKind::Genesis) adopt_ensemble(slot->entry);
    released_ = position;
    if (auto mine = appended_.find(position); mine != appended_.end()) {
      // Learned at another ballot, it is not known to be ours: whatever the reason, say so.
      const bool ours = slot->ballot == proposer_.ballot();
      outcomes_.push_back({mine->second, ours ? Outcome::Applied : Outcome::Unknown});
      appended_.erase(mine);
    }
  }
  if (!was_established_ && proposer_.established() && proposer_.first_own() <= released_) {
    was_established_ = true;
    events_.push_back(
        {LogEvent::Kind::Established, fmt::format("round {}, position {}", proposer_.ballot().round,
                                                  proposer_.first_own().value)});
  }
}

void ReplicatedLog::adopt_ensemble(const paxos::Entry& genesis) {
  ByteReader in(genesis.payload);
  EnsembleId id{in.u64(), in.u64()};
  if (!in.done() || metadata_.ensemble.known()) return;
  metadata_.ensemble = id;
  metadata_.promised = acceptor_.promised();
  vote_mark_ = std::max(vote_mark_, storage_.save(metadata_));
}

AppendNumber ReplicatedLog::append(Bytes payload) {
  CHECK(established());
  CHECK(payload.size() <= payload_bytes_max());
  last_append_ = last_append_.next();
  const Position position = proposer_.append(std::move(payload));
  appended_.emplace(position, last_append_);
  return last_append_;
}

BarrierNumber ReplicatedLog::confirm() {
  CHECK(established());
  last_barrier_ = last_barrier_.next();
  barriers_.emplace(proposer_.confirm(), last_barrier_);
  return last_barrier_;
}

void ReplicatedLog::flush(Now now) {
  now_ = now.mono;
  if (!opened_) {
    if (storage_.refusal() && !refusal_) refusal_ = storage_.refusal();
    return;
  }
  // What is said to oneself may make more to say; one more round follows each release.
  do {
    drain_proposer(now);
    drain_loopback(now);
    release_chosen();
    release_held();
  } while (!loopback_.empty());
  const Mark before = storage_.durable();
  storage_.flush();
  if (storage_.durable() != before) release_held();
  if (storage_.refusal() && !refusal_) refusal_ = storage_.refusal();
  for (std::string& note : storage_.take_notes()) notes_.push_back(std::move(note));
}

std::vector<Envelope> ReplicatedLog::take_envelopes() { return std::exchange(envelopes_, {}); }
std::vector<ChosenEntry> ReplicatedLog::take_chosen() { return std::exchange(chosen_, {}); }
std::vector<AppendOutcome> ReplicatedLog::take_outcomes() { return std::exchange(outcomes_, {}); }
std::vector<BarrierNumber> ReplicatedLog::take_confirmed() { return std::exchange(confirmed_, {}); }
std::vector<LogEvent> ReplicatedLog::take_events() { return std::exchange(events_, {}); }
std::vector<std::string> ReplicatedLog::take_notes() { return std::exchange(notes_, {}); }

}  // namespace quorate::replicated_log
