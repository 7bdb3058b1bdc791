#include "master/paxos/table.h"

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/paxos/codec.h"

namespace quorate::paxos {

Position Table::end() const { return Position{begin_.value + slots_.size() - 1}; }

std::optional<Digest> Table::chain(Position position) const {
  if (position > learned_) return std::nullopt;
  if (position.value + 1 >= begin_.value) return chain_[position.value + 1 - begin_.value];

  for (const Checkpoint& checkpoint : checkpoints_)
    if (checkpoint.position == position) return checkpoint.chain;
  return std::nullopt;
}

std::optional<Digest> Table::held_chain(Position position) const {
  if (position <= learned_) return chain(position);
  if (position > end()) return std::nullopt;

  const std::uint64_t place = position.value + 1 - begin_.value;
  if (place < chain_.size()) return chain_[place];
  Digest digest = chain_.back();
  for (Position p{begin_.value + chain_.size() - 1}; p <= position; p = p.next())
    digest = chain_after(digest, p, find(p)->entry);
  return digest;
}

std::optional<Slot> Table::find(Position position) const {
  if (position < begin_ || position > end()) return std::nullopt;

  const Held& held = *at(position);
  return Slot{position, held.ballot, {held.kind, held.assumed_chain, held.payload}};
}

std::optional<Ballot> Table::ballot(Position position) const {
  if (position < begin_ || position > end()) return std::nullopt;

  return at(position)->ballot;
}

bool Table::same_entry(const Held& a, const Held& b) {
  return a.kind == b.kind && a.assumed_chain == b.assumed_chain && a.payload == b.payload;
}

void Table::put(Slot slot) {
  CHECK(slot.position >= begin_);
  CHECK(slot.position <= end().next());
  // Computed here, while the payload is at hand; what is put above a gap of the chain waits.
  const std::uint64_t place = slot.position.value + 1 - begin_.value;
  const bool replaces = slot.position > learned_ && slot.position <= end();
  if (replaces) forget_chain_from(slot.position);
  if (slot.position > learned_ && chain_.size() == place)
    chain_.push_back(chain_after(chain_.back(), slot.position, slot.entry));
  Held fresh{slot.ballot, slot.entry.assumed_chain, std::move(slot.entry.payload), slot.entry.kind};
  if (slot.position > end()) {
    slots_.push_back(std::move(fresh));
    return;
  }

  Held& held = *at(slot.position);
  if (slot.position <= learned_) {
    CHECK(same_entry(held, fresh));  // what was learned never changes
    if (held.ballot > fresh.ballot) return;
  }
  held = std::move(fresh);
}

void Table::drop_above(Position position) {
  CHECK(position >= learned_);
  forget_chain_from(position.next());
  while (end() > position) slots_.pop_back();
}

void Table::forget_chain_from(Position position) {
  const std::uint64_t place = position.value + 1 - begin_.value;
  if (chain_.size() > place) chain_.resize(place);
}

void Table::learn(Position position) {
  CHECK(position <= end());
  for (Position p{begin_.value + chain_.size() - 1}; p <= position; p = p.next())
    chain_.push_back(chain_after(chain_.back(), p, find(p)->entry));
  for (Position p = learned_.next(); p <= position; p = p.next()) note_configuration(p);
  learned_ = std::max(learned_, position);
}

// The one before was checked when it was accepted; what was chosen above another chain, or is not
// the next one, does not count (protocol.md 6).
void Table::note_configuration(Position position) {
  const Held& held = *at(position);
  if (held.kind != EntryKind::Configuration && held.kind != EntryKind::Genesis) return;
  const Entry entry{held.kind, held.assumed_chain, held.payload};
  MaybeConfiguration found = configuration_in(entry);
  const Digest& before = chain_[position.value - begin_.value];
  if (!found || found->epoch != epoch() + 1 || held.assumed_chain != before) return;

  configuration_ = std::move(found);
  configured_ = position;
}

void Table::truncate(Position position) {
  CHECK(position <= learned_);
  while (begin_ <= position) {
    slots_.pop_front();
    chain_.pop_front();
    begin_ = begin_.next();
  }
}

void Table::install(Position position, const Digest& chain, MaybeConfiguration configuration) {
  CHECK(position > learned_);
  while (!slots_.empty() && begin_ <= position) {
    slots_.pop_front();
    begin_ = begin_.next();
  }
  if (!slots_.empty()) probe(Probe::VotesAboveInstalled);
  begin_ = position.next();
  learned_ = position;
  chain_.assign(1, chain);
  if (!configuration || configuration->epoch <= epoch()) return;
  configuration_ = std::move(configuration);
  configured_ = position;
}

bool Table::operator==(const Table& other) const {
  return begin_ == other.begin_ && learned_ == other.learned_ && slots_ == other.slots_ &&
         learned_chain() == other.learned_chain() && checkpoints_ == other.checkpoints_;
}

void Table::set_checkpoints(std::vector<Checkpoint> checkpoints) {
  checkpoints_ = std::move(checkpoints);
}

}  // namespace quorate::paxos
