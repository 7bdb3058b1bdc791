#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/paxos/codec.h"
#include "master/replicated_log/replicated_log.h"

// What leaves a replica, and when: everything waits until what was appended before it is durable.

namespace quorate::replicated_log {

using paxos::Position;

namespace {

constexpr Duration kSealAfter = Duration::milliseconds(20);  // of idleness (protocol.md 11)
constexpr Duration kAnnounceAfter = Duration::milliseconds(2);

}  // namespace

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
    send(std::move(outgoing));
  }
}

void ReplicatedLog::send(paxos::Outgoing outgoing) {
  if (outgoing.to == metadata_.replica) {
    loopback_.push_back(std::move(outgoing));
    return;
  }
  complete(outgoing.message, outgoing.to);
  const paxos::Header header{metadata_.ensemble, metadata_.epoch, metadata_.replica,
                             metadata_.incarnation, outgoing.request};
  envelopes_.push_back({outgoing.to, paxos::encode(header, outgoing.message)});
}

// Adds what only storage and the other members' disks can tell; what is said of this disk is on it.
void ReplicatedLog::complete(paxos::Message& message, ReplicaId to) const {
  const auto everyone = [this] {
    std::vector<paxos::MemberWatermark> members = disks_.all();
    members.push_back({metadata_.replica, storage_.watermark()});
    return members;
  };
  if (auto* accepted = std::get_if<paxos::Accepted>(&message)) {
    accepted->watermark = storage_.watermark();
  } else if (auto* accept = std::get_if<paxos::Accept>(&message)) {
    accept->watermarks = everyone();
  } else if (auto* learned = std::get_if<paxos::Learned>(&message)) {
    learned->watermarks = everyone();
  } else if (auto* standing = std::get_if<paxos::Standing>(&message)) {
    standing->watermark = storage_.watermark();
    standing->seen = disks_.of(to);
  }
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
  place_appended();
  for (paxos::Outgoing& outgoing : proposer_.take_outgoing(announce_at_ <= now.mono))
    send(std::move(outgoing));
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
  probe(Probe::OutbidByOwnAcceptor);
  proposer_.step_down();
  on_deposed(now, highest);
}

void ReplicatedLog::on_deposed(Now now, const paxos::Ballot& by) {
  see(by);
  if (!was_established_) {
    probe(Probe::OutbidBeforeLeading);
    // Nothing was acknowledged in this term: try again above the ballot that stood in the way.
    contend_at_ = now.mono + Duration::milliseconds(random_.between(20, 100));
    return;
  }
  probe(Probe::DeposedWhileLeading);
  events_.push_back(
      {LogEvent::Kind::Deposed,
       fmt::format("replica {} has a higher ballot (round {})", to_text(by.replica), by.round)});
  step_down();
}

// What is chosen rides with the next Accept; others are told by a message of its own only when none
// comes soon.
void ReplicatedLog::announce_in_time(Now now) {
  if (!proposer_.has_news())
    announce_at_ = MonoTime::never();
  else if (announce_at_ == MonoTime::never())
    announce_at_ = now.mono + kAnnounceAfter;
}

Result<AppendNumber> ReplicatedLog::append(SharedBytes payload) {
  CHECK(established());
  if (payload.size() > payload_bytes_max())
    return failure(
        fmt::format("an entry of {} bytes is larger than the log takes ({}); split it, or give all "
                    "masters larger segments",
                    payload.size(), payload_bytes_max()));
  if (storage_.short_of_space()) {
    probe(Probe::AppendRefusedForSpace);
    return failure(
        "the disk of this master has no room for another segment of the log; free some space");
  }
  last_append_ = last_append_.next();
  appended_.push_back({{}, last_append_, std::move(payload)});
  place_appended();
  return last_append_;
}

// Nothing gets a position above a change that is not chosen (protocol.md 20).
void ReplicatedLog::place_appended() {
  if (!established() || !proposer_.takes_entries()) return;
  auto waiting = appended_.end();
  while (waiting != appended_.begin() && std::prev(waiting)->position == Position{0}) --waiting;
  for (; waiting != appended_.end(); ++waiting)
    waiting->position = proposer_.append(waiting->payload);
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
    if (lost_) storage_.flush();
    return end_when_due();
  }
  // What is said to oneself may make more to say; one more round follows each release.
  do {
    on_installed();
    drain_proposer(now);
    drain_loopback(now);
    release_chosen();
    release_held();
  } while (!loopback_.empty());
  announce_in_time(now);
  cut_when_due(now);
  const Mark before = storage_.durable();
  storage_.flush();
  if (storage_.writing() && !batch_started_) batch_started_ = now_;
  if (storage_.durable() != before) release_held();
  end_when_due();
  for (std::string& note : storage_.take_notes()) notes_.push_back(std::move(note));
}

void ReplicatedLog::end_when_due() {
  if (storage_.refusal() && !refusal_) refusal_ = storage_.refusal();
  // 75: a supervisor starts it again, and the open gives up the old identity.
  if (lost_ && *lost_ <= storage_.durable()) end(Exit::QuorumSilent, lost_why_);
}

std::vector<Envelope> ReplicatedLog::take_envelopes() { return std::exchange(envelopes_, {}); }
std::vector<ChosenEntry> ReplicatedLog::take_chosen() { return std::exchange(chosen_, {}); }
std::vector<AppendOutcome> ReplicatedLog::take_outcomes() { return std::exchange(outcomes_, {}); }
std::vector<BarrierNumber> ReplicatedLog::take_confirmed() { return std::exchange(confirmed_, {}); }
std::vector<LogEvent> ReplicatedLog::take_events() { return std::exchange(events_, {}); }
std::vector<std::string> ReplicatedLog::take_notes() { return std::exchange(notes_, {}); }

}  // namespace quorate::replicated_log
