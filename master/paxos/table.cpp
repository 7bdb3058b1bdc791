#include "master/paxos/table.h"

#include <utility>

#include "master/base/check.h"

namespace quorate::paxos {

Position Table::end() const { return Position{begin_.value + slots_.size() - 1}; }

std::optional<Digest> Table::chain(Position position) const {
  if (position.value + 1 < begin_.value || position > learned_) return std::nullopt;

  return chain_[position.value + 1 - begin_.value];
}

std::optional<Digest> Table::held_chain(Position position) const {
  if (position <= learned_) return chain(position);
  if (position > end()) return std::nullopt;

  Digest digest = chain_.back();
  for (Position p = learned_.next(); p <= position; p = p.next())
    digest = chain_after(digest, p, find(p)->entry);
  return digest;
}

const Slot* Table::find(Position position) const {
  if (position < begin_ || position > end()) return nullptr;

  return &slots_[position.value - begin_.value];
}

void Table::put(Slot slot) {
  CHECK(slot.position >= begin_);
  CHECK(slot.position <= end().next());
  if (slot.position > end()) {
    slots_.push_back(std::move(slot));
    return;
  }

  Slot& held = slots_[slot.position.value - begin_.value];
  if (slot.position <= learned_) {
    CHECK(held.entry == slot.entry);  // what was learned never changes
    if (held.ballot > slot.ballot) return;
  }
  held = std::move(slot);
}

void Table::drop_above(Position position) {
  CHECK(position >= learned_);
  while (end() > position) slots_.pop_back();
}

void Table::learn(Position position) {
  CHECK(position <= end());
  while (learned_ < position) {
    learned_ = learned_.next();
    chain_.push_back(chain_after(chain_.back(), learned_, find(learned_)->entry));
  }
}

}  // namespace quorate::paxos
