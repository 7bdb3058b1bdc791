#pragma once

#include <variant>
#include <vector>

#include "master/paxos/messages.h"
#include "master/paxos/table.h"

namespace quorate::paxos {

// What must be on disk before an answer leaves.
struct PromiseRecord {  // guarded metadata
  Ballot promised;
  bool operator==(const PromiseRecord&) const = default;
};
struct SlotRecord {  // a log record; accepting at its ballot is also a promise of it
  Slot slot;
  bool learned = false;  // known to be chosen when it was written (fetched from a peer)
  bool operator==(const SlotRecord&) const = default;
};
struct LearnedRecord {  // needs no sync of its own; may regress over a crash
  Position learned;
  Digest chain;
  bool operator==(const LearnedRecord&) const = default;
};
using Record = std::variant<PromiseRecord, SlotRecord, LearnedRecord>;

// Records to make durable first, then messages to send. Messages without a record of their own wait
// as well for everything that was appended before them (protocol.md 4): the caller's rule, not this
// one's.
struct Answer {
  std::vector<Record> records;
  std::vector<Message> messages;
  bool operator==(const Answer&) const = default;
};

// The answer to whoever asks for what is below table.begin().
Truncated truncated(const Table& table, const Ballot& ballot);
// The answer to a request of an epoch below table.epoch().
Superseded superseded(const Table& table, const Ballot& ballot);

// Phase 1 and 2 at the side of the voter. Keeps only the promise; what was accepted is in the Table
// that each call is handed. Which replicas may vote at all is decided by the caller.
//
// A request of an older epoch than the newest learned configuration is answered Superseded. One of
// a newer epoch is not answered: that configuration must be learned first (protocol.md 22), by
// learner.h's fetch_configuration().
class Acceptor {
 public:
  Acceptor() = default;
  explicit Acceptor(Ballot promised) : promised_(promised) {}

  Ballot promised() const { return promised_; }

  // Below the promise: Rejected. The promised ballot itself: the same promise again without a
  // record (a repeated request), since a ballot belongs to one proposer. A round more than
  // kRoundLeapMax above the highest seen: dropped, the Answer is empty. A start below what can
  // still be read: Truncated, and nothing is promised.
  Answer on(const Prepare& prepare, const Table& table);
  // Below the promise: Rejected. Out of order: Missing. Contradicts what is learned: Rejected with
  // a promise that is not above the ballot, so that nobody is deposed by it (protocol.md 6 and 8).
  // A Configuration is taken only as the next epoch's, as the last entry of its Accept, and above
  // exactly the chain that it assumes, all of which is held here by then (protocol.md 20, 21); else
  // it is answered like a contradiction. A repeated Accept is answered Accepted again, without
  // records. What is held above an overwritten slot stays: it is of a lower ballot, so it never
  // counts as following the new one, and later proposers still see it.
  Answer on(const Accept& accept, Table& table);
  // Confirmed while nothing above `ballot` is promised: whoever gets a higher ballot promised later
  // chooses later than the question was asked. Else Rejected.
  Answer on(const Confirm& confirm, const Table& table) const;
  // An own record read back at start promises this.
  void restore(const Ballot& promised) {
    if (promised > promised_) promised_ = promised;
  }

  bool operator==(const Acceptor&) const = default;

 private:
  bool leaps(const Ballot& ballot, const Table& table) const;

  Ballot promised_;
};

}  // namespace quorate::paxos
