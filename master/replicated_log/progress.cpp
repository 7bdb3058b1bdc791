#include <fmt/format.h>

#include <algorithm>

#include "master/base/probe.h"
#include "master/base/text.h"
#include "master/replicated_log/admission.h"
#include "master/replicated_log/replicated_log.h"

// What a replica does by itself as time passes: asking how the others stand, recovering, fetching,
// contending, keeping contact with a quorum.

namespace quorate::replicated_log {

using paxos::Position;
using paxos::ReplicaStatus;

namespace {

Duration bounded(Duration value, Duration least, Duration most) {
  return std::clamp(value, least, most);
}

}  // namespace

void ReplicatedLog::on_time(Now now) {
  now_ = now.mono;
  if (!opened_ || refusal_) return;
  if (tick_at_ <= now.mono) {
    tick_at_ = now.mono + bounded(settings_.contact_timeout / 50, Duration::milliseconds(20),
                                  Duration::milliseconds(200));
    if (proposer_.phase() != paxos::Proposer::Phase::Idle) proposer_.repeat();
    fetch_if_behind(now);
    check_contact(now);
    check_change(now);
    if (storage_.short_of_space()) storage_.seal();  // and tries to make a spare
    // A term may end without a rival: its own log turned out to be too far behind.
    if (wants_to_lead_ && proposer_.phase() == paxos::Proposer::Phase::Idle)
      contend_at_ = std::min(contend_at_, now.mono);
  }
  if (inquire_at_ <= now.mono) inquire(now);
  if (contend_at_ <= now.mono) contend(now);
  if (announce_at_ <= now.mono) {
    if (proposer_.has_news()) probe(Probe::ToldByItself);
    drain_proposer(now);
    announce_at_ = MonoTime::never();
  }
  if (seal_at_ <= now.mono) {
    seal_at_ = MonoTime::never();
    storage_.seal();
  }
}

MonoTime ReplicatedLog::next_deadline() const {
  if (!opened_ || refusal_) return MonoTime::never();
  return std::min({tick_at_, inquire_at_, contend_at_, seal_at_, announce_at_});
}

void ReplicatedLog::inquire(Now now) {
  // A replica that does not vote yet is in a hurry; jitter keeps replicas out of step.
  const Duration period = voting() ? bounded(settings_.contact_timeout / 10,
                                             Duration::milliseconds(100), Duration::seconds(1))
                                   : Duration::milliseconds(100);
  inquire_at_ = now.mono + period + Duration::nanoseconds(random_.between(0, period.ns / 4));
  for (ReplicaId member : members_)
    if (member != metadata_.replica) send({member, own_run(), paxos::Inquire{}});
  advance_status(now);
}

// The number of every Inquire of this run: an answer to an earlier run is told apart by it.
paxos::RequestNumber ReplicatedLog::own_run() const {
  return paxos::RequestNumber{metadata_.incarnation.nonce};
}

paxos::Standing ReplicatedLog::standing() const {
  paxos::Standing mine;
  mine.status = metadata_.status;
  mine.promised = acceptor_.promised();
  mine.learned = table_.learned();
  mine.chain = table_.learned_chain();
  mine.end = table_.end();
  mine.quorum = settings_.quorum;
  mine.log_bytes = storage_.gauges().log_bytes;
  for (const std::optional<Snapshot>* own : {&snapshot_, &installing_, &cut_})
    if (*own) mine.cut = {(*own)->info.position, (*own)->info.chain, (*own)->info.state};
  if (proposer_.phase() == paxos::Proposer::Phase::Leading) {
    mine.leading = proposer_.ballot();
    mine.leading_end = proposer_.end();
  }
  return mine;
}

// Keeps what a member says of itself, as long as it is the same run of it.
void ReplicatedLog::hear(Now now, ReplicaId from, const paxos::Framed& framed) {
  if (!std::binary_search(members_.begin(), members_.end(), from)) return;
  const Incarnation& incarnation = framed.header.incarnation;
  auto peer = peers_.find(from);
  if (peer != peers_.end() && peer->second.incarnation != incarnation) {
    peers_.erase(peer);
    peer = peers_.end();
    if (evidence_.against(from)) probe(Probe::ContradictionForgotten);
    evidence_.forget(from);
  }
  if (peer != peers_.end()) peer->second.heard = now.mono;
  if (const auto* standing = std::get_if<paxos::Standing>(&framed.message)) {
    Peer& known = peers_[from];
    known.standing = *standing;
    known.incarnation = incarnation;
    known.heard = now.mono;
    known.epoch = framed.header.epoch;
    if (framed.header.request == own_run()) known.judged = true;
  }
}

void ReplicatedLog::on_standing(Now now, ReplicaId from, paxos::RequestNumber request,
                                const paxos::Standing& standing) {
  note_watermark(from, standing.watermark);
  if (request == own_run()) judge_disk(from, standing.seen);
  compare_with(from, standing);
  if (!settings_.recorded && standing.quorum != settings_.quorum &&
      other_quorums_.insert(from).second)
    notes_.push_back(
        fmt::format("replica {} runs with --quorum={}, this one with --quorum={}: quorums of "
                    "different sizes may not overlap; give all masters the same",
                    to_text(from), standing.quorum, settings_.quorum));
  update_voters();
  advance_status(now);
  fetch_if_behind(now);
}

std::map<ReplicaId, paxos::Standing> ReplicatedLog::recent_standings(Now now) const {
  std::map<ReplicaId, paxos::Standing> recent;
  for (const auto& [id, peer] : peers_)
    if (now.mono - peer.heard <= settings_.contact_timeout / 2 && !evidence_.against(id))
      recent.emplace(id, peer.standing);
  return recent;
}

void ReplicatedLog::update_voters() {
  std::vector<ReplicaId> voters;
  if (voting()) voters.push_back(metadata_.replica);
  for (const auto& [id, peer] : peers_) {
    const ReplicaStatus status = peer.standing.status;
    const bool newcomer = settings_.recorded && status == ReplicaStatus::Recovering;
    if ((status == ReplicaStatus::Voting || newcomer) && !evidence_.against(id))
      voters.push_back(id);
  }
  std::sort(voters.begin(), voters.end());
  proposer_.set_voters(std::move(voters));
}

void ReplicatedLog::advance_status(Now now) {
  if (settings_.recorded) return advance_membership(now);
  while (true) {
    const std::map<ReplicaId, paxos::Standing> others = recent_standings(now);
    const AdmissionView view{metadata_.status, settings_.quorum, settings_.auto_initialize, others,
                             table_};
    const ReplicaStatus next = next_status(view);
    if (next == metadata_.status) return;
    change_status(next,
                  next == ReplicaStatus::Voting && metadata_.status == ReplicaStatus::Recovering
                      ? may_vote(view)
                      : paxos::Ballot{});
  }
}

void ReplicatedLog::change_status(ReplicaStatus status, const paxos::Ballot& promise) {
  notes_.push_back(fmt::format("replica {}: {} -> {}", to_text(metadata_.replica),
                               to_text(metadata_.status), to_text(status)));
  if (status == ReplicaStatus::Recovering)
    probe(metadata_.status == ReplicaStatus::Empty ? Probe::JoinsExistingLog
                                                   : Probe::LeftoverOfBirth);
  if (acceptor_.promised() < promise) {
    probe(Probe::AdmittedWithPromise);
    acceptor_ = paxos::Acceptor(promise);
  }
  metadata_.status = status;
  metadata_.promised = acceptor_.promised();
  vote_mark_ = std::max(vote_mark_, storage_.save(metadata_));
  if (status == ReplicaStatus::Voting)
    events_.push_back({LogEvent::Kind::Voting, "recovery is over"});
  update_voters();
}

// --- Catching up

void ReplicatedLog::fetch_if_behind(Now now) {
  const bool learns = voting() || metadata_.status == ReplicaStatus::Recovering;
  if (!learns || now.mono < fetch_until_ || installing_) return;
  ReplicaId best;
  Position furthest = table_.learned();
  for (const auto& [id, standing] : recent_standings(now)) {
    if (standing.learned <= furthest) continue;
    furthest = standing.learned;
    best = id;
  }
  if (furthest == table_.learned()) return;
  fetch_until_ = now.mono + Duration::seconds(1);
  send({best, {}, paxos::Fetch{table_.learned().next(), furthest}});
}

// --- Leading

bool ReplicatedLog::ready_to_lead(Now now) const {
  if (!voting() || refusal_ || vote_mark_ > storage_.durable() || !judged_enough()) return false;
  if (settings_.recorded && !counts(metadata_.replica, metadata_.status)) return false;
  std::uint32_t heard = 1;
  bool born = !acceptor_.promised().none();
  for (const auto& [id, standing] : recent_standings(now)) {
    if (counts(id, standing.status)) ++heard;
    if (table_.learned() < standing.learned) return false;
    born = born || !standing.promised.none();
  }
  // A log is born by all its founders (protocol.md 30). One that did not vote yet when the first
  // ballot is promised could join later only with the help of all the others.
  return heard >= (born ? quorum() : intended_size());
}

void ReplicatedLog::lead(Now now) {
  if (wants_to_lead_) return;
  wants_to_lead_ = true;
  contend(now);
}

void ReplicatedLog::contend(Now now) {
  contend_at_ = MonoTime::never();
  if (!wants_to_lead_ || refusal_ || !opened_) return;  // the first tick comes back to it
  if (!ready_to_lead(now)) {
    probe(Probe::ElectedTooEarly);
    // A replica that was cut off has old answers or none.
    inquire(now);
    contend_at_ = now.mono + Duration::milliseconds(50);
    return;
  }
  EnsembleId genesis = metadata_.ensemble;
  if (!genesis.known()) {
    RandomStream birth(genesis_seed_, "ensemble id");
    genesis.high = birth.next();
    genesis.low = birth.next();
  }
  proposer_.lead({round_seen_ + 1, metadata_.replica}, table_, {genesis, founders_});
  see(proposer_.ballot());
}

void ReplicatedLog::step_down() {
  wants_to_lead_ = false;
  was_established_ = false;
  contend_at_ = MonoTime::never();
  proposer_.step_down();
  if (!appended_.empty()) probe(Probe::AppendOutcomeUnknown);
  for (const Appended& mine : appended_) outcomes_.push_back({mine.number, Outcome::Unknown});
  appended_.clear();
  cut_asked_ = false;
  checkpoint_asked_ = {};
  barriers_.clear();
}

void ReplicatedLog::check_contact(Now now) {
  std::uint32_t heard = 1;
  std::vector<ReplicaId> reachable{metadata_.replica};
  for (const auto& [id, standing] : recent_standings(now)) {
    reachable.push_back(id);
    if (counts(id, standing.status)) ++heard;
  }
  proposer_.set_reachable(std::move(reachable));
  // Silence counts after half the time-out, and must last for the other half: whoever leaves the
  // group is silent at once, but may be about to return.
  if (heard >= quorum() || !wants_to_lead_)
    contact_until_ = now.mono + settings_.contact_timeout / 2;
  if (now.mono < contact_until_) return;
  probe(Probe::QuorumSilent);
  end(Exit::QuorumSilent,
      fmt::format("no contact with a quorum of replicas for {}: {} of {} heard, {} needed",
                  duration_text(settings_.contact_timeout), heard, intended_size(), quorum()));
}

void ReplicatedLog::see(const paxos::Ballot& ballot) {
  round_seen_ = std::max(round_seen_, ballot.round);
}

void ReplicatedLog::end(Exit exit, std::string why) {
  if (!refusal_) refusal_ = Refusal{exit, std::move(why)};
}

LogGauges ReplicatedLog::gauges() const {
  LogGauges gauges;
  gauges.status = metadata_.status;
  gauges.ensemble_size = std::max<std::uint64_t>(members_.size(), 1);
  gauges.begin = table_.begin().value;
  gauges.learned = table_.learned().value;
  for (const auto& [id, peer] : peers_)
    if (peer.standing.learned > table_.learned())
      gauges.behind = std::max(gauges.behind, peer.standing.learned.value - table_.learned().value);
  gauges.state_transfer_bytes = transfer_.received_bytes();
  gauges.state_transfer_total_bytes = transfer_.total_bytes();
  gauges.last_sync = last_sync_;
  gauges.contradictions = evidence_.size();
  gauges.end = table_.end().value;
  gauges.dropped_messages = dropped_;
  gauges.storage = storage_.gauges();
  return gauges;
}

}  // namespace quorate::replicated_log
