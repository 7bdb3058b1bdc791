#include "master/paxos/proposer.h"

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/paxos/adoption.h"
#include "master/paxos/codec.h"
#include "master/paxos/quorum.h"

namespace quorate::paxos {
namespace {

// What one Accept carries at most; one entry of any size is always allowed.
constexpr std::size_t kAcceptBytesMax = std::size_t{1} << 20;
constexpr std::size_t kAcceptEntriesMax = 256;
// How much of what is chosen is kept for followers that miss a little: without it one that lacks a
// single entry fetches it, by then lacks the next one, and accepts nothing as long as there is
// load.
constexpr std::size_t kTailEntriesMax = 1024;
constexpr std::size_t kTailBytesMax = std::size_t{4} << 20;
// What is sent to one follower beyond its own word. More would pile up in front of a slow one, and
// be dropped there (peers/ keeps 16 MiB), to be said again only when repeat() notices.
constexpr std::uint64_t kFlightBytesMax = std::uint64_t{12} << 20;
// Acceptance is in order, so an honest promise has no holes. A damaged one must not make us write
// no-ops up to 2^64.
constexpr std::uint64_t kHolesMax = std::uint64_t{1} << 16;

bool contains(const std::vector<ReplicaId>& replicas, ReplicaId replica) {
  return std::find(replicas.begin(), replicas.end(), replica) != replicas.end();
}

std::vector<ReplicaId> as_set(std::vector<ReplicaId> replicas) {
  std::sort(replicas.begin(), replicas.end());
  replicas.erase(std::unique(replicas.begin(), replicas.end()), replicas.end());
  return replicas;
}

}  // namespace

void Proposer::set_members(std::vector<ReplicaId> members) {
  members_ = as_set(std::move(members));
  if (phase_ == Phase::Idle) return;

  for (const MaybeConfiguration& configuration : {current_, change_, found_})
    if (configuration)
      for (ReplicaId member : configuration->replicas()) members_.push_back(member);
  members_ = as_set(std::move(members_));
  follow_members();
}

void Proposer::follow_members() {
  std::erase_if(followers_, [this](const auto& f) { return !contains(members_, f.first); });
  for (ReplicaId member : members_) {
    auto [follower, joined] = followers_.emplace(member, Follower{});
    if (joined) follower->second.sent = chosen_;
    if (joined && phase_ == Phase::Preparing) send(member, Prepare{ballot_, from_, epoch_});
  }
  lead_if_promised();
  advance();
}

void Proposer::set_voters(std::vector<ReplicaId> voters) {
  voters_ = as_set(std::move(voters));
  lead_if_promised();
  advance();
}

void Proposer::set_reachable(std::vector<ReplicaId> replicas) {
  reachable_ = as_set(std::move(replicas));
}

void Proposer::lead(Ballot ballot, const Table& table, const Genesis& genesis) {
  CHECK(quorum_ >= 1);
  CHECK(ballot.replica == self_);
  CHECK(ballot > ballot_);  // a ballot is used for one term only

  end_term();
  deposed_.reset();
  ballot_ = ballot;
  genesis_ = genesis;
  term_request_ = next_request_;
  from_ = table.learned().next();
  chosen_ = end_ = table.learned();
  chosen_chain_ = end_chain_ = kept_chain_ = table.learned_chain();
  kept_ = chosen_;
  epoch_ = table.epoch();
  current_ = table.configuration() ? table.configuration() : genesis.founders;
  phase_ = Phase::OwnPromise;
  set_members(std::move(members_));
  send(self_, Prepare{ballot_, from_, epoch_});
}

void Proposer::step_down() { end_term(); }

void Proposer::end_term() {
  if (phase_ == Phase::Leading && end_ != chosen_) probe(Probe::EndedInFlight);
  phase_ = Phase::Idle;
  followers_.clear();
  promises_.clear();
  change_.reset();
  found_.reset();
  entered_ = Position{0};
  window_.clear();
  kept_bytes_ = end_bytes_ = 0;
  barriers_.clear();
  outgoing_.clear();  // a deposed proposer writes nothing more under its ballot
  first_own_ = Position{0};
}

Position Proposer::append(SharedBytes payload, EntryKind kind) {
  CHECK(takes_entries());
  propose({kind, end_chain_, std::move(payload)});
  return end_;
}

Position Proposer::change(Configuration next) {
  CHECK(established() && takes_entries() && current_);
  CHECK(next.epoch == epoch_ + 1 && !broken(next));
  propose(configuration_entry(next, end_chain_));
  open_change(std::move(next));
  return end_;
}

void Proposer::open_change(MaybeConfiguration next) {
  change_ = std::move(next);
  set_members(std::move(members_));
}

void Proposer::propose(Entry entry) {
  end_ = end_.next();
  end_chain_ = chain_after(end_chain_, end_, entry);
  end_bytes_ += entry.payload.size();
  window_.push_back({std::move(entry), end_chain_, end_bytes_});
}

const Proposer::Proposed& Proposer::at(Position position) const {
  CHECK(kept_ < position && position <= end_);
  return window_[position.value - kept_.value - 1];
}

std::uint64_t Proposer::bytes_up_to(Position position) const {
  return position <= kept_ ? kept_bytes_ : at(position).bytes;
}

bool Proposer::of_this_term(ReplicaId from, RequestNumber request, const Ballot& ballot) const {
  const bool ours = phase_ != Phase::Idle && ballot == ballot_ && contains(members_, from) &&
                    term_request_ <= request && request < next_request_;
  if (!ours) probe(Probe::LateAnswerIgnored);
  return ours;
}

bool Proposer::votes(ReplicaId replica) const {
  return contains(voters_, replica) && contains(members_, replica);
}

bool Proposer::quorum_among(const std::vector<ReplicaId>& replicas) const {
  if (!current_) return replicas.size() >= quorum_;
  const auto named = [this](ReplicaId replica) { return current_->contains(replica); };
  return std::count_if(replicas.begin(), replicas.end(), named) >=
         static_cast<std::ptrdiff_t>(current_->quorum());
}

// From a peer: never trusted to be whole.
bool Proposer::plausible(const Promise& promise) const {
  Position above{from_.value - 1};
  std::uint64_t holes = 0;
  for (const Slot& slot : promise.slots) {
    if (slot.position <= above) return false;
    const std::uint64_t hole = slot.position.value - above.value - 1;
    holes += hole;
    const bool learned = slot.position <= promise.learned;
    if (learned ? hole > 0 : holes > kHolesMax) return false;
    if (!learned && slot.ballot > ballot_) return false;
    above = slot.position;
  }
  return promise.learned < from_ || promise.learned <= above;
}

void Proposer::on(ReplicaId from, RequestNumber request, const Promise& promise) {
  if (!of_this_term(from, request, promise.ballot)) return;
  if (phase_ == Phase::Leading) return;
  if (!plausible(promise)) return probe(Probe::ImplausiblePromise);
  // Only who votes is heard; a later voter is asked again by repeat().
  if (!votes(from) && from != self_) return probe(Probe::PromiseOfNonVoter);
  if (phase_ == Phase::OwnPromise && from != self_) return;

  // A second answer tells the same or more, and counts once.
  promises_[from] = promise;
  followers_[from].promised = true;
  if (phase_ == Phase::OwnPromise) prepare_others();
  lead_if_promised();
}

void Proposer::prepare_others() {
  phase_ = Phase::Preparing;
  for (ReplicaId member : members_)
    if (member != self_) send(member, Prepare{ballot_, from_, epoch_});
}

void Proposer::lead_if_promised() {
  if (phase_ != Phase::Preparing) return;
  PhaseOne view{from_, chosen_chain_, current_, quorum_, {}};
  for (const auto& [replica, promise] : promises_)
    if (votes(replica)) view.promises.emplace(replica, &promise);
  Adoption found = adopt(view);
  if (!found.ready) {
    if (found.change) join(found.change);  // its members are asked as well
    return;
  }

  // Finishes what earlier proposers may have begun, before anything new.
  phase_ = Phase::Leading;
  promises_.clear();
  found_.reset();
  if (!found.values.empty()) probe(Probe::VotesFinished);
  const bool empty_log = from_ == Position{1} && found.values.empty();
  for (Entry& value : found.values) propose(std::move(value));
  if (found.change) return open_change(found.change);

  if (empty_log) probe(Probe::GenesisProposed);
  propose(empty_log ? genesis_entry(genesis_) : Entry::no_op());
  first_own_ = end_;
  if (empty_log && current_) open_change(current_);
}

// Members of a change that may be under way, though it is not known to be.
void Proposer::join(const MaybeConfiguration& configuration) {
  if (found_ && *found_ == *configuration) return;
  found_ = configuration;
  set_members(std::move(members_));
}

void Proposer::on(ReplicaId from, RequestNumber request, const Accepted& accepted) {
  if (!of_this_term(from, request, accepted.ballot) || phase_ != Phase::Leading) return;
  if (accepted.up_to > end_) return;  // nobody holds what was never sent

  Follower& follower = followers_[from];
  follower.match = std::max(follower.match, accepted.up_to);
  follower.sent = std::max(follower.sent, follower.match);
  advance();
}

// Up to where a quorum of the configuration's members holds everything.
Position Proposer::held_by(const MaybeConfiguration& configuration) const {
  std::vector<Position> matches;
  for (const auto& [replica, follower] : followers_)
    if (votes(replica) && (!configuration || configuration->contains(replica)))
      matches.push_back(follower.match);
  return held_by_quorum(std::move(matches), configuration ? configuration->quorum() : quorum_);
}

// The change is chosen. What its members answered to it was their phase 1 for all above: they hold
// nothing there, or it is of an older ballot under a configuration that is over (step 9).
void Proposer::enter_next() {
  probe(Probe::ChangeChosen);
  current_ = std::exchange(change_, std::nullopt);
  epoch_ = current_->epoch;
  entered_ = chosen_;
  if (first_own_given() || !current_->contains(self_)) return;
  propose(Entry::no_op());
  first_own_ = end_;
}

void Proposer::advance() {
  if (phase_ != Phase::Leading) return;
  Position held = held_by(current_);
  if (change_ && held >= end_ && held_by(change_) < end_) held = Position{end_.value - 1};
  CHECK(held <= end_);
  while (chosen_ < held) {
    chosen_ = chosen_.next();
    chosen_chain_ = at(chosen_).chain;
  }
  if (change_ && chosen_ == end_) enter_next();
  while (chosen_.value - kept_.value > kTailEntriesMax ||
         bytes_up_to(chosen_) - kept_bytes_ > kTailBytesMax) {
    kept_chain_ = window_.front().chain;
    kept_bytes_ = window_.front().bytes;
    kept_ = kept_.next();
    window_.pop_front();
  }
}

void Proposer::on(ReplicaId from, RequestNumber request, const Rejected& rejected) {
  if (!of_this_term(from, request, rejected.ballot)) return;
  // Not outbid, only contradicted by one replica: if it is right, a quorum has outbid us and says
  // so.
  if (rejected.promised <= ballot_) return probe(Probe::RejectionDeposesNobody);

  probe(Probe::DeposedByRejection);
  deposed_ = rejected.promised;
  end_term();
}

void Proposer::on(ReplicaId from, RequestNumber request, const Missing& missing) {
  if (!of_this_term(from, request, missing.ballot) || phase_ != Phase::Leading) return;
  // What is not kept any more it fetches by itself, and then asks again.
  if (missing.have < kept_ || missing.have > end_) return probe(Probe::MissingBeyondTail);

  Follower& follower = followers_[from];
  // One gap makes all Accepts behind it fail; it is filled once.
  if (request < follower.rewound) return probe(Probe::MissingRepeated);
  probe(Probe::MissingRewound);
  follower.rewound = next_request_;
  follower.sent = std::min(follower.sent, std::max(missing.have, follower.match));
}

void Proposer::on(ReplicaId from, RequestNumber request, const Truncated& truncated) {
  if (!of_this_term(from, request, truncated.ballot) || phase_ == Phase::Leading) return;
  if (truncated.snapshot < from_) return;

  probe(Probe::TermEndedBySnapshot);
  end_term();
}

void Proposer::on(ReplicaId from, RequestNumber request, const Superseded& superseded) {
  if (!of_this_term(from, request, superseded.ballot) || superseded.epoch <= epoch_) return;

  probe(Probe::TermSuperseded);
  end_term();
}

void Proposer::on(ReplicaId from, RequestNumber request, const Confirmed& confirmed) {
  if (!of_this_term(from, request, confirmed.ballot) || !votes(from)) return;
  for (Barrier& barrier : barriers_) {
    // An answer counts for the barriers that had begun when it was asked for.
    if (request < barrier.number) probe(Probe::ConfirmationTooOld);
    if (request < barrier.number || contains(barrier.confirmed, from)) continue;
    barrier.confirmed.push_back(from);
    if (quorum_among(barrier.confirmed)) confirmed_.push_back(barrier.number);
  }
  std::erase_if(barriers_, [this](const Barrier& b) { return quorum_among(b.confirmed); });
}

RequestNumber Proposer::confirm() {
  CHECK(phase_ == Phase::Leading);
  const RequestNumber number = next_request_;
  barriers_.push_back({number, {}});
  ask_to_confirm(number);
  return number;
}

// One number for all: it tells which barriers had begun.
void Proposer::ask_to_confirm(RequestNumber number) {
  for (ReplicaId member : members_) outgoing_.push_back({member, number, Confirm{ballot_, epoch_}});
  next_request_ = number.next();
}

void Proposer::repeat() {
  if (phase_ == Phase::OwnPromise) send(self_, Prepare{ballot_, from_, epoch_});
  if (phase_ == Phase::Preparing) {
    for (const auto& [replica, follower] : followers_)
      if (!follower.promised && votes(replica)) {
        probe(Probe::PrepareSentAgain);
        send(replica, Prepare{ballot_, from_, epoch_});
      }
  }
  if (phase_ != Phase::Leading) return;

  for (auto& [replica, follower] : followers_) {
    if (follower.match == std::exchange(follower.repeated, follower.match)) {
      if (follower.sent > std::max(follower.match, chosen_)) probe(Probe::AcceptsSentAgain);
      follower.sent = std::max(follower.match, chosen_);  // a silent one is not flooded
    }
    send(replica, Learned{ballot_, chosen_, chosen_chain_});
    follower.told = chosen_;
  }
  if (!barriers_.empty()) ask_to_confirm(next_request_);
}

void Proposer::send(ReplicaId to, Message message) {
  outgoing_.push_back({to, next_request_, std::move(message)});
  next_request_ = next_request_.next();
}

Digest Proposer::chain_before(Position position) const {
  CHECK(position > kept_);
  if (position == kept_.next()) return kept_chain_;

  return at(Position{position.value - 1}).chain;
}

Accept Proposer::accept_from(Position first, Position last) const {
  Accept accept{ballot_, first, chain_before(first), {}, chosen_, chosen_chain_, {}, epoch_};
  std::size_t bytes = 0;
  for (Position p = first; p <= last && accept.entries.size() < kAcceptEntriesMax; p = p.next()) {
    const Entry& entry = at(p).entry;
    bytes += entry.payload.size();
    if (!accept.entries.empty() && bytes > kAcceptBytesMax) break;
    accept.entries.push_back(entry);
  }
  return accept;
}

// New members get a change first (protocol.md 23): until an old one holds it, stepping down undoes
// it.
Position Proposer::may_hold(ReplicaId replica) const {
  const bool old = !change_ || !change_->contains(replica) || current_->contains(replica);
  if (!change_ || !old || old_members_asked()) return end_;
  probe(Probe::NewFirst);
  return Position{end_.value - 1};
}

// Those new members that hold it, and the old ones that will go on and are heard, make a quorum.
bool Proposer::old_members_asked() const {
  std::uint32_t quorum = 0;
  for (ReplicaId member : change_->replicas()) {
    const auto follower = followers_.find(member);
    const bool survivor = current_->contains(member) &&
                          (!reachable_ || member == self_ || contains(*reachable_, member));
    const bool holds = follower != followers_.end() && follower->second.match == end_;
    if (survivor || holds) ++quorum;
  }
  return quorum >= change_->quorum();
}

void Proposer::send_window(ReplicaId to, Follower& follower, bool announce) {
  follower.sent = std::max(follower.sent, kept_);
  const std::uint64_t flight_end = bytes_up_to(follower.match) + kFlightBytesMax;
  // Who has not heard of the newest configuration takes nothing above it.
  if (follower.told < entered_) {
    follower.told = chosen_;
    send(to, Learned{ballot_, chosen_, chosen_chain_});
  }
  const Position last = may_hold(to);
  while (follower.sent < last && bytes_up_to(follower.sent) < flight_end) {
    Accept accept = accept_from(follower.sent.next(), last);
    follower.sent.value += accept.entries.size();
    follower.told = chosen_;
    send(to, std::move(accept));
  }
  if (follower.told == chosen_ || (!announce && to != self_)) return;

  follower.told = chosen_;
  send(to, Learned{ballot_, chosen_, chosen_chain_});
}

std::vector<Outgoing> Proposer::take_outgoing(bool announce) {
  if (phase_ == Phase::Leading)
    for (auto& [replica, follower] : followers_) send_window(replica, follower, announce);
  return std::exchange(outgoing_, {});
}

bool Proposer::has_news() const {
  return phase_ == Phase::Leading &&
         std::any_of(followers_.begin(), followers_.end(),
                     [this](const auto& f) { return f.second.told != chosen_; });
}

Digest Proposer::fingerprint() const {
  ByteWriter out;
  for (std::uint64_t n : {self_.value, std::uint64_t{quorum_}, static_cast<std::uint64_t>(phase_),
                          ballot_.round, next_request_.value - term_request_.value, from_.value,
                          first_own_.value, chosen_.value, end_.value, chosen_chain_.high,
                          end_chain_.high, std::uint64_t{deposed_.has_value()}, epoch_})
    out.u64(n);
  for (ReplicaId member : members_) out.u64(member.value);
  for (ReplicaId voter : voters_) out.u64(~voter.value);
  for (const auto& [replica, f] : followers_)
    for (std::uint64_t n : {replica.value, f.match.value, f.sent.value, f.told.value,
                            f.rewound.value, f.repeated.value, std::uint64_t{f.promised}})
      out.u64(n);
  for (const auto& [replica, promise] : promises_) {
    out.u64(replica.value);
    out.u64(promise.learned.value);
    for (const Slot& slot : promise.slots) put(out, slot);
  }
  for (const MaybeConfiguration& configuration : {current_, change_})
    out.sized(configuration ? encode(*configuration) : Bytes());
  for (const Proposed& proposed : window_) put(out, proposed.entry);
  for (const Barrier& barrier : barriers_) {
    out.u64(barrier.number.value);
    for (ReplicaId replica : barrier.confirmed) out.u64(replica.value);
  }
  return xxh3_128(out.bytes());
}

std::vector<RequestNumber> Proposer::take_confirmed() { return std::exchange(confirmed_, {}); }

std::optional<Ballot> Proposer::take_deposed() { return std::exchange(deposed_, std::nullopt); }

}  // namespace quorate::paxos
