#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "master/paxos/types.h"

namespace quorate::paxos {

// What one replica holds: slots at contiguous positions begin()..end() (acceptance is in order,
// protocol.md 6, so there are no holes), of which those up to learned() are learned, with their
// chain values. A plain value.
class Table {
 public:
  Position begin() const {
    return begin_;
  }  // the first position that can still be read; 1 at first
  Position end() const;  // the highest position held; begin - 1 when empty
  Position learned() const { return learned_; }
  // H(position), known for begin - 1 <= position <= learned().
  std::optional<Digest> chain(Position position) const;
  Digest learned_chain() const { return *chain(learned_); }
  // H(position) computed over what is held, learned or not; none outside begin - 1 .. end().
  std::optional<Digest> held_chain(Position position) const;
  const Slot* find(Position position) const;

  // Puts or replaces one slot. The caller guarantees begin <= slot.position <= end + 1, and, at or
  // below learned(), the same entry (a higher ballot is kept).
  void put(Slot slot);
  // Drops everything held above `position` (>= learned()). Only what was never chosen may be
  // dropped.
  void drop_above(Position position);
  // Marks everything up to `position` (<= end()) as learned.
  void learn(Position position);

  bool operator==(const Table&) const = default;

 private:
  Position begin_{1};
  Position learned_{0};
  std::deque<Slot> slots_;                  // [i] is position begin_ + i
  std::deque<Digest> chain_{kChainOrigin};  // [i] is H(begin_ - 1 + i), up to learned_
};

}  // namespace quorate::paxos
