#include "master/paxos/learner.h"

#include <algorithm>
#include <limits>

#include "master/base/check.h"
#include "master/base/probe.h"

namespace quorate::paxos {
namespace {

// The last position of the slots right above the learned ones that were accepted at `ballot`.
Position accepted_through(const Table& table, const Ballot& ballot, Position limit) {
  Position through = table.learned();
  while (through < limit && table.ballot(through.next()) == ballot) through = through.next();
  return through;
}

void record_configuration(Lesson& lesson, const Table& table, std::uint64_t epoch_before) {
  lesson.configured = table.epoch() > epoch_before;
  if (lesson.configured)
    lesson.records.push_back(SlotRecord{.slot = *table.find(table.configured()), .learned = true});
}

void record_learned(Lesson& lesson, Table& table, Position position) {
  const std::uint64_t epoch = table.epoch();
  table.learn(position);
  record_configuration(lesson, table, epoch);
  lesson.records.push_back(LearnedRecord{table.learned(), table.learned_chain()});
}

bool well_formed(const Fetched& fetched) {
  Position expected = fetched.from;
  if (expected.value == 0) return false;
  for (const Slot& slot : fetched.slots) {
    if (slot.position != expected || expected > fetched.learned) return false;
    expected = expected.next();
  }
  return true;
}

}  // namespace

bool store_chosen(const Slot& slot, Table& table) {
  CHECK(slot.position == table.learned().next());
  const std::optional<Slot> held = table.find(slot.position);
  const bool fresh = !held || held->entry != slot.entry;
  if (fresh) {
    // What is held above was accepted above another value at ballots not higher than the one held
    // here. Had any of it been chosen, so had its predecessor at this position, and the value would
    // not differ.
    if (held) probe(Probe::ChosenReplacedVote);
    if (table.end() > slot.position) probe(Probe::VotesAboveDropped);
    table.drop_above(Position{slot.position.value - 1});
    table.put(slot);
  }
  table.learn(slot.position);
  return fresh;
}

Lesson learn(const Learned& learned, Table& table) {
  Lesson lesson;
  if (learned.chosen <= table.learned()) {
    const std::optional<Digest> own = table.chain(learned.chosen);
    if (own && *own != learned.chain) {
      probe(Probe::LearnedContradiction);
      lesson.contradiction = learned.chosen;
    }
    return lesson;
  }

  const bool same_chain = table.held_chain(learned.chosen) == learned.chain;
  const Position through =
      same_chain ? learned.chosen : accepted_through(table, learned.ballot, learned.chosen);
  if (through == learned.chosen && !same_chain) {
    // The same ballot gave us all of it, so the difference lies in what was learned before.
    probe(Probe::LearnedContradiction);
    lesson.contradiction = learned.chosen;
    return lesson;
  }
  if (same_chain && table.ballot(learned.chosen) != learned.ballot) probe(Probe::LearnedByChain);
  if (through < learned.chosen) probe(Probe::WatermarkNeedsFetch);
  if (through > table.learned()) record_learned(lesson, table, through);
  if (through < learned.chosen) lesson.fetch = Fetch{through.next(), learned.chosen};
  return lesson;
}

Lesson learn(const Fetched& fetched, Table& table) {
  Lesson lesson;
  if (fetched.slots.empty() || !well_formed(fetched)) return lesson;
  const Position before{fetched.from.value - 1};
  const std::optional<Digest> own = table.chain(before);
  if (!own) return lesson;  // does not follow what is learned here
  if (*own != fetched.chain_before) {
    lesson.contradiction = before;
    return lesson;
  }

  const Position learned_before = table.learned();
  const std::uint64_t epoch_before = table.epoch();
  for (const Slot& slot : fetched.slots) {
    if (slot.position < table.begin()) continue;
    if (slot.position <= table.learned()) {
      if (table.find(slot.position)->entry == slot.entry) continue;
      probe(Probe::FetchedContradiction);
      lesson.contradiction = slot.position;
      break;
    }
    if (store_chosen(slot, table))
      lesson.records.push_back(SlotRecord{.slot = slot, .learned = true});
  }
  record_configuration(lesson, table, epoch_before);
  if (table.learned() > learned_before)
    lesson.records.push_back(LearnedRecord{table.learned(), table.learned_chain()});
  return lesson;
}

std::optional<Fetch> fetch_configuration(std::uint64_t epoch, const Table& table) {
  if (epoch <= table.epoch()) return {};
  probe(Probe::NewerEpochHeard);
  return Fetch{table.learned().next(), Position{std::numeric_limits<std::uint64_t>::max()}};
}

Fetched fetch(const Fetch& request, const Table& table, std::size_t bytes_max) {
  Fetched fetched{request.from, kChainOrigin, {}, table.learned()};
  if (request.from > table.learned()) probe(Probe::FetchBeyondLearned);
  if (request.from < table.begin() || request.from > table.learned()) return fetched;

  fetched.chain_before = *table.chain(Position{request.from.value - 1});
  const Position last = std::min(request.to, table.learned());
  std::size_t bytes = 0;
  for (Position p = request.from; p <= last; p = p.next()) {
    Slot slot = *table.find(p);
    bytes += slot.entry.payload.size();
    if (!fetched.slots.empty() && bytes > bytes_max) break;
    fetched.slots.push_back(std::move(slot));
  }
  return fetched;
}

}  // namespace quorate::paxos
