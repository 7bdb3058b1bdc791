#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "master/paxos/acceptor.h"

namespace quorate::tools {

// Goes through the records of a log in the order of writing, and checks that they fit together: no
// position skipped, no learned value replaced, every chain value that of the entries (protocol.md
// 15). Written apart from the master's own restore, which it must agree with.
class ChainCheck {
 public:
  // Begins above a snapshot, or at position 1.
  explicit ChainCheck(const std::optional<paxos::SnapshotInfo>& snapshot);

  // What does not fit; nothing when it does. After a misfit the record is left out.
  std::optional<std::string> take(const paxos::Record& record);

  paxos::Position begin() const { return paxos::Position{base_.value + 1}; }
  paxos::Position end() const;
  // Everything up to here is known to be chosen.
  paxos::Position learned() const;
  Digest learned_chain() const { return chain_.back(); }
  // H(position) for begin() - 1 <= position <= learned().
  std::optional<Digest> chain(paxos::Position position) const;

 private:
  std::optional<std::string> take_slot(const paxos::SlotRecord& record);
  std::optional<std::string> take_learned(const paxos::LearnedRecord& record);
  void learn_to(paxos::Position position);

  paxos::Position base_;
  std::vector<Digest> chain_;      // [i] is H(base_ + i)
  std::deque<paxos::Slot> above_;  // above learned()
};

}  // namespace quorate::tools
