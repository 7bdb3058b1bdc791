#include "tools/chain_check.h"

#include <fmt/format.h>

namespace quorate::tools {

using paxos::Position;

ChainCheck::ChainCheck(const std::optional<paxos::SnapshotInfo>& snapshot)
    : base_(snapshot ? snapshot->position : Position{}),
      chain_{snapshot ? snapshot->chain : paxos::kChainOrigin} {}

Position ChainCheck::learned() const { return Position{base_.value + chain_.size() - 1}; }
Position ChainCheck::end() const { return Position{learned().value + above_.size()}; }

std::optional<Digest> ChainCheck::chain(Position position) const {
  if (position < base_ || position > learned()) return {};
  return chain_[position.value - base_.value];
}

std::optional<std::string> ChainCheck::take(const paxos::Record& record) {
  if (const auto* slot = std::get_if<paxos::SlotRecord>(&record)) return take_slot(*slot);
  if (const auto* learned = std::get_if<paxos::LearnedRecord>(&record))
    return take_learned(*learned);
  return {};
}

std::optional<std::string> ChainCheck::take_slot(const paxos::SlotRecord& record) {
  const paxos::Slot& slot = record.slot;
  if (slot.position <= base_) return {};  // in the snapshot
  if (slot.position > end().next())
    return fmt::format("position {} does not follow {} to {}: records are missing",
                       slot.position.value, begin().value, end().value);
  if (slot.position <= learned()) {
    const Digest before = chain_[slot.position.value - base_.value - 1];
    if (paxos::chain_after(before, slot.position, slot.entry) == *chain(slot.position)) return {};
    return fmt::format("position {} is not the value that was learned there before",
                       slot.position.value);
  }
  if (record.learned) {
    learn_to(Position{slot.position.value - 1});
    const bool same = !above_.empty() && above_.front().entry == slot.entry;
    if (!same) above_.assign(1, slot);
    learn_to(slot.position);
    return {};
  }
  const std::size_t index = slot.position.value - learned().value - 1;
  if (index == above_.size()) {
    above_.push_back(slot);
    return {};
  }
  if (above_[index].ballot > slot.ballot)
    return fmt::format("position {} was accepted at ballot {} after ballot {}", slot.position.value,
                       to_text(slot.ballot), to_text(above_[index].ballot));
  above_[index] = slot;
  return {};
}

std::optional<std::string> ChainCheck::take_learned(const paxos::LearnedRecord& record) {
  if (record.learned < base_) return {};
  if (record.learned > end())
    return fmt::format("positions are learned up to {}, but only those to {} are held",
                       record.learned.value, end().value);
  learn_to(record.learned);
  if (*chain(record.learned) == record.chain) return {};
  return fmt::format("the chain value of position {} is {} by the entries, but {} was recorded",
                     record.learned.value, hex(chain(record.learned)->high),
                     hex(record.chain.high));
}

void ChainCheck::learn_to(Position position) {
  while (learned() < position) {
    const Position next = learned().next();
    chain_.push_back(paxos::chain_after(chain_.back(), next, above_.front().entry));
    above_.pop_front();
  }
}

}  // namespace quorate::tools
