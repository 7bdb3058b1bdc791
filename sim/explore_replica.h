#pragma once

#include <optional>
#include <string>
#include <vector>

#include "master/paxos/acceptor.h"
#include "master/paxos/messages.h"
#include "master/paxos/proposer.h"
#include "master/paxos/table.h"

// One replica of the exploration: the real acceptor, table, learner and proposer of master/paxos,
// called as ReplicatedLog calls them, one event at a time, as a function of values.
//
// Only the first position is explored. What concerns positions above it never arrives, as if it
// were lost: an Accept is cut to its first entry, and one that begins above is sent as the Learned
// that it carries.

namespace quorate::sim {

struct Voter {
  paxos::Acceptor acceptor;
  paxos::Table table;
  // Of its records those that still count when they are read back: the last of each kind.
  std::optional<paxos::PromiseRecord> promise_on_disk;
  std::optional<paxos::SlotRecord> slot_on_disk;
  std::optional<paxos::LearnedRecord> mark_on_disk;
};
struct Writer {
  paxos::Proposer proposer;
  std::optional<paxos::Entry> proposed;  // at the first position, in this term
};
struct Sent {
  ReplicaId from;
  ReplicaId to;
  paxos::Message message;
};
// A replica after an event.
struct Aftermath {
  Voter voter;
  Writer writer;
  std::vector<Sent> sent;
  std::optional<paxos::Entry> chosen;  // this replica's proposer counted a quorum for it just now
  std::string broken;                  // an invariant of master/paxos/invariants.h, or empty
};

struct ReplicaSettings {
  ReplicaId self;
  std::uint32_t quorum = 2;
  std::vector<ReplicaId> members;
  bool learning = true;  // else only the proposer itself learns
};

// A proposer that leads nothing. One whose term ended, or whose entry is chosen, has nothing more
// to do at the first position and is as good as this one.
Writer idle(const ReplicaSettings& settings);

// All of it is synced at once, and what it says to itself arrives at once.
Aftermath lead(const ReplicaSettings& settings, const Voter& voter, const paxos::Ballot& ballot);
Aftermath deliver(const ReplicaSettings& settings, const Voter& voter, const Writer& writer,
                  const Sent& sent);
// The process ends before what it is told is synced: everything that may be left of its records,
// whose answers did not leave; what waits for no record (a proposer's requests) did.
std::vector<Aftermath> deliver_and_crash(const ReplicaSettings& settings, const Voter& voter,
                                         const Writer& writer, const Sent& sent);
// It ends with everything synced, but for the mark that the slot is learned, which may be lost.
std::vector<Aftermath> crash(const ReplicaSettings& settings, const Voter& voter);

}  // namespace quorate::sim
