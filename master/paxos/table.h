#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "master/paxos/configuration.h"
#include "master/paxos/types.h"

namespace quorate::paxos {

// What one replica holds: slots at contiguous positions begin()..end() (acceptance is in order,
// protocol.md 6, so there are no holes), of which those up to learned() are learned, with their
// chain values. Everything below begin() is in a snapshot. A plain value; besides the payloads, 64
// bytes a slot.
class Table {
 public:
  // The first position that can still be read; 1 at first.
  Position begin() const { return begin_; }
  Position end() const;  // the highest position held; begin - 1 when empty
  Position learned() const { return learned_; }
  // H(position), known for begin - 1 <= position <= learned(), and for the checkpoints below.
  std::optional<Digest> chain(Position position) const;
  Digest learned_chain() const { return chain_[learned_.value + 1 - begin_.value]; }
  // H(position) over what is held, learned or not; none outside begin - 1 .. end().
  std::optional<Digest> held_chain(Position position) const;
  // A copy that shares the payload; none outside begin .. end().
  std::optional<Slot> find(Position position) const;
  // The ballot at which a slot was accepted last; none outside begin .. end().
  std::optional<Ballot> ballot(Position position) const;

  // The newest learned configuration; nothing while there is none: the log is empty, or its
  // ensemble is not recorded. It governs everything above configured().
  const MaybeConfiguration& configuration() const { return configuration_; }
  // Where it was chosen, or the snapshot that it came with.
  Position configured() const { return configured_; }
  std::uint64_t epoch() const { return configuration_ ? configuration_->epoch : 0; }

  // Puts or replaces one slot. The caller guarantees begin <= slot.position <= end + 1, and, at or
  // below learned(), the same entry (a higher ballot is kept).
  void put(Slot slot);
  // Drops everything held above `position` (>= learned()). Only what was never chosen may be
  // dropped.
  void drop_above(Position position);
  // Marks everything up to `position` (<= end()) as learned.
  void learn(Position position);

  // Everything up to `position` (<= learned()) is in a snapshot now and is forgotten.
  void truncate(Position position);
  // A snapshot of another replica takes the place of everything up to `position` (> learned());
  // what is held above stays, since it may be a vote. `configuration`: the newest as of there.
  void install(Position position, const Digest& chain, MaybeConfiguration configuration = {});
  // Chain values of earlier snapshots, to be compared still.
  void set_checkpoints(std::vector<Checkpoint> checkpoints);

  // What a slot takes in memory, apart from its payload.
  static constexpr std::size_t bytes_per_slot() { return sizeof(Held) + sizeof(Digest); }

  bool operator==(const Table& other) const;

 private:
  // A slot without its position, which is its place.
  struct Held {
    Ballot ballot;
    Digest assumed_chain;
    SharedBytes payload;
    EntryKind kind = EntryKind::NoOp;
    bool operator==(const Held&) const = default;
  };

  void forget_chain_from(Position position);
  void note_configuration(Position position);
  static bool same_entry(const Held& a, const Held& b);
  Held* at(Position position) { return &slots_[position.value - begin_.value]; }
  const Held* at(Position position) const { return &slots_[position.value - begin_.value]; }

  Position begin_{1};
  Position learned_{0};
  std::deque<Held> slots_;  // [i] is position begin_ + i
  // [i] is H(begin_ - 1 + i) of what is held: at least up to learned_, beyond as far as it was
  // computed, so that accepting an entry pays for learning it.
  std::deque<Digest> chain_{kChainOrigin};
  std::vector<Checkpoint> checkpoints_;  // below begin_
  MaybeConfiguration configuration_;
  Position configured_;
};

}  // namespace quorate::paxos
