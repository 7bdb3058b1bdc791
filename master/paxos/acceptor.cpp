#include "master/paxos/acceptor.h"

#include <algorithm>
#include <limits>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/paxos/codec.h"

namespace quorate::paxos {
namespace {

Answer say(Message message) { return {.records = {}, .messages = {std::move(message)}}; }

// Everything up to here is learned, or was accepted at `ballot` in order.
Position held_through(const Table& table, const Ballot& ballot) {
  Position held = table.learned();
  while (table.ballot(held.next()) == ballot) held = held.next();
  return held;
}

bool well_formed(const Accept& accept) {
  return !accept.ballot.none() && accept.position.value > 0 && !accept.entries.empty() &&
         accept.entries.size() < std::numeric_limits<std::uint64_t>::max() - accept.position.value;
}

// Whether an entry, or the history that the sender built it on, differs from what is learned here,
// or from what its own ballot said before. Such a sender was overtaken, or its bytes are damaged.
bool contradicts(const Accept& accept, const Table& table) {
  const Position before{accept.position.value - 1};
  if (before <= table.learned() && table.chain(before) != accept.chain_before) return true;

  Position position = accept.position;
  for (const Entry& entry : accept.entries) {
    const std::optional<Slot> held = table.find(position);
    if (!held) return false;
    const bool binding = position <= table.learned() || held->ballot == accept.ballot;
    if (binding && held->entry != entry) return true;
    position = position.next();
  }
  return false;
}

// Rule 6. A learned predecessor counts by its chain value alone, never by its ballot: it may have
// been fetched, and then carry the sender's ballot above a history that the sender never wrote. (b
// wrote t at 2 and x at 3; b' chose u at 2 and x again at 3; S, which had 3 from b, learned it by
// its chain. Who fetches u and x@b from S has not accepted t, and must not be counted as holding
// b's 1..3.)
bool in_order(const Accept& accept, const Table& table) {
  const Position before{accept.position.value - 1};
  if (before <= table.learned()) return true;  // the chain was compared by contradicts()

  return table.ballot(before) == accept.ballot;
}

// The configuration with which an Accept ends, where it is not learned yet, and whether it may be
// accepted there.
bool fitting_configuration(const Accept& accept, const Table& table) {
  Position position = accept.position;
  for (const Entry& entry : accept.entries) {
    const bool changes = entry.kind == EntryKind::Configuration || entry.kind == EntryKind::Genesis;
    if (changes && position > table.learned()) break;
    position = position.next();
  }
  const std::size_t before = position.value - accept.position.value;
  if (before == accept.entries.size()) return true;  // there is none
  const Entry& entry = accept.entries[before];
  const MaybeConfiguration next = configuration_in(entry);
  if (!next) return entry.kind == EntryKind::Genesis && position == Position{1};
  if (before + 1 != accept.entries.size() || next->epoch != table.epoch() + 1) return false;

  // Everything below is held as the sender holds it: by the rule of order, and for the rest below.
  const std::optional<Digest> held = table.held_chain(Position{accept.position.value - 1});
  if (!held) return false;
  Digest chain = *held;
  for (Position p = accept.position; p < position; p = p.next())
    chain = chain_after(chain, p, accept.entries[p.value - accept.position.value]);
  return chain == entry.assumed_chain;
}

}  // namespace

Superseded superseded(const Table& table, const Ballot& ballot) {
  return {ballot, table.epoch(), table.configured(),
          table.chain(table.configured()).value_or(Digest{})};
}

Truncated truncated(const Table& table, const Ballot& ballot) {
  const Position snapshot{table.begin().value - 1};
  return {ballot, snapshot, *table.chain(snapshot)};
}

bool Acceptor::leaps(const Ballot& ballot, const Table& table) const {
  const std::optional<Ballot> last = table.ballot(table.end());
  const std::uint64_t seen = std::max(promised_.round, last ? last->round : 0);
  const bool leaps = ballot.round > seen && ballot.round - seen > kRoundLeapMax;
  if (leaps) probe(Probe::RoundLeapRefused);
  return leaps;
}

Answer Acceptor::on(const Prepare& prepare, const Table& table) {
  if (prepare.ballot.none() || prepare.from.value == 0 || leaps(prepare.ballot, table)) return {};
  if (prepare.epoch > table.epoch()) return {};
  if (prepare.epoch < table.epoch()) {
    probe(Probe::PrepareSuperseded);
    return say(superseded(table, prepare.ballot));
  }
  if (prepare.ballot < promised_) {
    probe(Probe::PrepareRefused);
    return say(Rejected{prepare.ballot, promised_});
  }
  // "Nothing accepted" would be a lie about slots that were dropped behind a snapshot.
  if (prepare.from < table.begin()) {
    probe(Probe::PrepareBelowSnapshot);
    return say(truncated(table, prepare.ballot));
  }

  Answer answer;
  if (prepare.ballot > promised_) {
    promised_ = prepare.ballot;
    answer.records.push_back(PromiseRecord{promised_});
  } else {
    probe(Probe::PromiseRepeated);
  }
  if (table.learned() < table.end()) probe(Probe::PromiseReportsVotes);
  Promise promise{promised_, table.learned(), table.learned_chain(), {}};
  for (Position p = prepare.from; p <= table.end(); p = p.next())
    promise.slots.push_back(*table.find(p));
  answer.messages.push_back(std::move(promise));
  return answer;
}

Answer Acceptor::on(const Accept& accept, Table& table) {
  if (!well_formed(accept) || leaps(accept.ballot, table)) return {};
  if (accept.epoch > table.epoch()) return {};
  if (accept.epoch < table.epoch()) {
    probe(Probe::AcceptSuperseded);
    return say(superseded(table, accept.ballot));
  }
  if (accept.ballot < promised_) {
    probe(Probe::AcceptRefused);
    return say(Rejected{accept.ballot, promised_});
  }
  if (accept.position < table.begin()) {
    probe(Probe::AcceptBelowSnapshot);
    return say(Missing{accept.ballot, table.learned()});
  }
  if (contradicts(accept, table)) {
    probe(Probe::AcceptContradicted);
    return say(Rejected{accept.ballot, promised_});
  }
  if (!in_order(accept, table)) {
    probe(Probe::AcceptOutOfOrder);
    return say(Missing{accept.ballot, held_through(table, accept.ballot)});
  }
  if (!fitting_configuration(accept, table)) {
    probe(Probe::ConfigurationRefused);
    return say(Rejected{accept.ballot, promised_});
  }

  Answer answer;
  if (accept.ballot > promised_) {
    // Else the ballot before could still write where this one already has (hazard N1).
    probe(Probe::AcceptRaisedThePromise);
    promised_ = accept.ballot;
    answer.records.push_back(PromiseRecord{promised_});
  }
  Position position = accept.position;
  for (const Entry& entry : accept.entries) {
    const std::optional<Ballot> held = table.ballot(position);
    const bool known = position <= table.learned() || held == accept.ballot;
    if (known) probe(Probe::AcceptRepeated);
    if (!known) {
      if (held) {
        CHECK(*held < accept.ballot);  // accepting was a promise, and is now outbid
        probe(Probe::VoteReplaced);
      }
      const Slot slot{position, accept.ballot, entry};
      table.put(slot);
      answer.records.push_back(SlotRecord{.slot = slot, .learned = false});
    }
    position = position.next();
  }
  answer.messages.push_back(Accepted{accept.ballot, held_through(table, accept.ballot)});
  return answer;
}

Answer Acceptor::on(const Confirm& confirm, const Table& table) const {
  if (confirm.ballot.none() || confirm.epoch > table.epoch()) return {};
  if (confirm.epoch < table.epoch()) return say(superseded(table, confirm.ballot));
  if (confirm.ballot < promised_) {
    probe(Probe::ConfirmRefused);
    return say(Rejected{confirm.ballot, promised_});
  }

  return say(Confirmed{confirm.ballot});
}

}  // namespace quorate::paxos
