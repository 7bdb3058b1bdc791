#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/base/text.h"
#include "master/replicated_log/replicated_log.h"

// Who votes, where the ensemble is recorded (protocol.md 5): birth, joining, changes, retirement.
// The quorums themselves are counted by paxos::Proposer.

namespace quorate::replicated_log {

using paxos::Configuration;
using paxos::MaybeConfiguration;
using paxos::ReplicaStatus;

namespace {

// A new member must hold nearly all: what it lacks is sent to it while the change is open.
constexpr std::uint64_t kBehindMax = 1024;

}  // namespace

// --- Who counts

const MaybeConfiguration& ReplicatedLog::configuration() const {
  return table_.configuration() ? table_.configuration() : founders_;
}

std::uint32_t ReplicatedLog::quorum() const {
  return settings_.recorded && configuration() ? configuration()->quorum() : settings_.quorum;
}

std::size_t ReplicatedLog::intended_size() const {
  if (settings_.recorded && configuration()) return configuration()->members.size();
  return 2 * std::size_t{settings_.quorum} - 1;
}

// Where the ensemble is recorded, a newcomer's vote is as good as any, once a configuration names
// it: its id never voted before (protocol.md 17).
bool ReplicatedLog::takes_part() const {
  return voting() || (settings_.recorded && metadata_.status == ReplicaStatus::Recovering);
}

bool ReplicatedLog::counts(ReplicaId replica, ReplicaStatus status) const {
  if (!settings_.recorded) return status == ReplicaStatus::Voting;
  const bool alive = status == ReplicaStatus::Voting || status == ReplicaStatus::Recovering;
  return alive && configuration() && configuration()->contains(replica);
}

// How many members of a configuration answered of late, this one included.
std::uint32_t ReplicatedLog::heard_of(Now now, const Configuration& configuration) const {
  std::uint32_t heard = configuration.contains(metadata_.replica) ? 1 : 0;
  for (const auto& [id, standing] : recent_standings(now))
    if (configuration.contains(id)) ++heard;
  return heard;
}

// --- Birth

void ReplicatedLog::found(Now now, const EnsembleId& ensemble, const Configuration& founders) {
  CHECK(settings_.recorded && opened_ && !table_.configuration());
  CHECK(!paxos::broken(founders) && founders.contains(metadata_.replica));
  CHECK(!metadata_.ensemble.known() || metadata_.ensemble == ensemble);
  now_ = now.mono;
  founders_ = founders;
  metadata_.ensemble = ensemble;
  if (!voting()) change_status(ReplicaStatus::Voting, {});
  inquire(now);
}

void ReplicatedLog::join(Now now) {
  CHECK(settings_.recorded && opened_);
  now_ = now.mono;
  if (metadata_.status == ReplicaStatus::Empty) change_status(ReplicaStatus::Recovering, {});
  inquire(now);
}

// --- Changes

Result<void> ReplicatedLog::change(Now now, std::vector<paxos::Member> members,
                                   std::uint64_t wish) {
  if (!established() || !was_established_) return failure("this master does not lead");
  if (!settings_.recorded || !proposer_.configuration())
    return failure("the members of this ensemble are not recorded in its log");
  if (!proposer_.takes_entries()) return failure("another change is under way; wait for its end");
  const Configuration next = paxos::successor(*proposer_.configuration(), std::move(members), wish);
  for (ReplicaId retired : proposer_.configuration()->retired)
    if (next.contains(retired))
      return failure(
          fmt::format("replica {} was retired; its disk must be wiped before it can join "
                      "again, as a new one",
                      to_text(retired)));
  if (const auto broken = paxos::broken(next)) return failure("no such ensemble: " + *broken);
  if (const auto unready = unready_for(now, next)) return failure(*unready);

  proposer_.change(next);
  notes_.push_back(
      fmt::format("proposes epoch {} with {} members", next.epoch, next.members.size()));
  return {};
}

// Rule 24: a quorum of the new members, and one to spare where there is one, is caught up and was
// heard of late.
std::optional<std::string> ReplicatedLog::unready_for(Now now, const Configuration& next) const {
  const auto size = static_cast<std::uint32_t>(next.members.size());
  const std::uint32_t needed = std::min(size, next.quorum() + 1);
  std::uint32_t ready = next.contains(metadata_.replica) ? 1 : 0;
  for (const auto& [id, standing] : recent_standings(now))
    if (next.contains(id) && standing.learned.value + kBehindMax >= table_.learned().value &&
        (standing.status == ReplicaStatus::Voting || standing.status == ReplicaStatus::Recovering))
      ++ready;
  if (ready >= needed) return {};
  return fmt::format(
      "only {} of the {} members of the new ensemble are caught up and were heard "
      "within {}; {} are needed: start the missing ones, and wait until they have "
      "caught up",
      ready, size, duration_text(settings_.contact_timeout / 2), needed);
}

// A change of which nothing is heard in time is given up: nobody knows what became of it
// (protocol.md 5, step 19), and meanwhile no client's write gets on.
void ReplicatedLog::check_change(Now now) {
  const MaybeConfiguration& next = proposer_.changing_to();
  if (!next) change_until_ = MonoTime::never();
  if (next && change_until_ == MonoTime::never())
    change_until_ = now.mono + settings_.contact_timeout;
  if (now.mono < change_until_) return;
  probe(Probe::ChangeTimedOut);
  end(Exit::QuorumSilent,
      fmt::format(
          "the change to epoch {} was not chosen within {}: {} of its {} members are heard, "
          "{} are needed; what became of it the next leader finds out",
          next->epoch, duration_text(settings_.contact_timeout), heard_of(now, *next),
          next->members.size(), next->quorum()));
}

// A configuration was learned. The records that say so are held by vote_mark_ already.
void ReplicatedLog::on_configured() {
  metadata_.epoch = table_.epoch();
  metadata_.promised = acceptor_.promised();
  vote_mark_ = std::max(vote_mark_, storage_.save(metadata_));
  const Configuration& present = *table_.configuration();
  notes_.push_back(fmt::format("epoch {}: {} members, quorum {}, {}", present.epoch,
                               present.members.size(), present.quorum(),
                               present.contains(metadata_.replica)
                                   ? "this replica is one of them"
                                   : "this replica is none of them"));
  vote_if_named();
}

void ReplicatedLog::vote_if_named() {
  const MaybeConfiguration& present = table_.configuration();
  const bool named = present && present->contains(metadata_.replica);
  if (named && metadata_.status == ReplicaStatus::Recovering)
    change_status(ReplicaStatus::Voting, {});
  update_voters();
}

void ReplicatedLog::advance_membership(Now now) {
  const MaybeConfiguration& present = table_.configuration();
  if (!present) return;
  if (present->contains(metadata_.replica)) return vote_if_named();
  if (voting()) retire_when_safe(now);
}

// Who was left out goes only when enough of the others know of it: until then it may be needed to
// tell (protocol.md 5, steps 11 and 12). A replica's epoch is on its disk before it is said.
void ReplicatedLog::retire_when_safe(Now now) {
  const Configuration& present = *table_.configuration();
  std::uint32_t know = 0;
  for (const auto& [id, standing] : recent_standings(now))
    if (present.contains(id) && peers_.at(id).epoch >= present.epoch) ++know;
  if (know < present.quorum()) return;
  probe(Probe::Retired);
  end(Exit::NotMember,
      fmt::format("replica {} of ensemble {} was retired by epoch {}: the ensemble goes on with {} "
                  "other members. To let this master join again, empty its log directory",
                  to_text(metadata_.replica), to_text(metadata_.ensemble), present.epoch,
                  present.members.size()));
}

}  // namespace quorate::replicated_log
