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

// Records to make durable first, then messages to send. Messages without a record of their own wait as
// well for everything that was appended before them (protocol.md 4): the caller's rule, not this one's.
struct Answer {
  std::vector<Record> records;
  std::vector<Message> messages;
  bool operator==(const Answer&) const = default;
};

// Phase 1 and 2 at the side of the voter. Keeps only the promise; what was accepted is in the Table
// that each call is handed. Which replicas may vote at all is decided by the caller.
class Acceptor {
 public:
  Acceptor() = default;
  explicit Acceptor(Ballot promised) : promised_(promised) {}

  Ballot promised() const { return promised_; }

  // ballot <= promise of another: Rejected. Equal ballots: the same promise again (a repeated request),
  // since a ballot belongs to one proposer.
  Answer on(const Prepare& prepare, const Table& table);
  // Below the promise: Rejected. Out of order: Missing. Never overwrites a learned slot, nor one of a
  // higher ballot: then Rejected or Missing, by protocol.md 6 and 8. A repeated Accept is answered
  // Accepted again, without records.
  Answer on(const Accept& accept, Table& table);
  Answer on(const Confirm& confirm) const;

  bool operator==(const Acceptor&) const = default;

 private:
  Ballot promised_;
};

}  // namespace quorate::paxos
