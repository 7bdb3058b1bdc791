#pragma once

#include <optional>

#include "master/paxos/acceptor.h"
#include "master/paxos/messages.h"
#include "master/paxos/table.h"

namespace quorate::paxos {

// What a message taught.
struct Lesson {
  std::vector<Record> records;  // to be appended; nothing waits for them
  std::optional<Fetch> fetch;   // what must be fetched from the sender, if anything
  // A chosen value contradicts a learned one: corruption, judged by the caller (protocol.md 8).
  std::optional<Position> contradiction;
  // A configuration was learned: nothing may be answered before `records` are on disk
  // (protocol.md 4). So that it is known after a crash that it was, its slot is recorded once more.
  bool configured = false;
  bool operator==(const Lesson&) const = default;
};

// Learning, over a Table. Stateless functions: what was learned is in the Table.
//
// A watermark teaches a slot only if it was accepted at the sender's current ballot, or if the
// chain value over what is held matches; otherwise the value is fetched (protocol.md 7).
Lesson learn(const Learned& learned, Table& table);
// Something of a newer epoch was heard: what to fetch from whoever said it.
std::optional<Fetch> fetch_configuration(std::uint64_t epoch, const Table& table);
// Entries fetched from a replica that had learned them. Slots already learned are compared, not
// stored; an unlearned slot that differs is replaced, together with all above it whose chain no
// longer fits.
Lesson learn(const Fetched& fetched, Table& table);
// Puts the chosen value of the position right above the learned ones, and learns it. What is held
// there and differs was never chosen, and neither was anything above it: all that is dropped. False
// if the value was held already.
bool store_chosen(const Slot& slot, Table& table);
// The answer to a Fetch from table.begin() or above (below it: truncated()): learned slots only,
// at most `bytes_max` of payload but at least one slot.
// Empty, with a zero chain, if the first one is not learned here.
Fetched fetch(const Fetch& request, const Table& table, std::size_t bytes_max);

}  // namespace quorate::paxos
