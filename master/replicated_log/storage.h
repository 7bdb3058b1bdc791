#pragma once

#include <optional>
#include <string>
#include <vector>

#include "master/base/result.h"
#include "master/paxos/acceptor.h"
#include "master/ports/disk.h"
#include "master/ports/event.h"
#include "master/ports/exit.h"

namespace quorate::replicated_log {

// What guards votes (protocol.md 14), kept in two files of two slots each.
struct Metadata {
  EnsembleId ensemble;  // zero until the log is born
  ReplicaId replica;
  paxos::ReplicaStatus status = paxos::ReplicaStatus::Empty;
  paxos::Ballot promised;
  std::uint64_t epoch = 0;
  Incarnation incarnation;  // raised at every open

  bool operator==(const Metadata&) const = default;
};

// A count of everything that was asked to be made durable, in order.
using Mark = Strong<struct MarkTag>;

// Why a log cannot be used, as the exit that follows.
struct Refusal {
  Exit exit = Exit::LogCorrupt;
  std::string why;  // names file, offset and, where known, position, and says what to do
};

struct StorageSettings {
  std::uint64_t segment_bytes = 16ull << 20;
  std::size_t batch_bytes_max = 4ull << 20;  // records beyond this wait for the next batch
};

struct StorageGauges {
  std::uint64_t log_bytes = 0;  // of all segments, as written
  std::uint64_t segments = 0;
  std::uint64_t syncs = 0;
  std::uint64_t batches = 0;
};

// The durable half of a replica: a segmented log of records and guarded metadata over one Disk
// (protocol.md 11, 13, 14). Calls are asked in any order once opened; what is durable is told by a mark
// that only rises. One batch is in flight at a time; what is appended meanwhile waits for the next and
// shares its sync. A failed write or sync is final.
class Storage {
 public:
  // `seed` makes the replica id of a new directory, incarnations and salts.
  Storage(StorageSettings settings, Disk& disk, std::uint64_t seed);

  // Starts opening: lock, list, read metadata and segments by streaming reads, judge the tail, write the
  // new segment with its carry, raise the start counter. opened() turns true when all is synced.
  void open();
  bool opened() const;
  // Why it will never open, or why it stopped; at once after the event that showed it.
  const std::optional<Refusal>& refusal() const;

  // Valid once opened.
  const Metadata& metadata() const;
  // All records found at open, in the order of writing; handed out once.
  std::vector<paxos::Record> take_recovered();
  // Lines for the operator about what open found (a torn tail was cut, a slot was repaired).
  std::vector<std::string> take_notes();

  // Queues a record; the returned mark is durable when durable() >= it. PromiseRecords are saved as
  // metadata; LearnedRecords need no sync of their own: they ride with the next batch.
  Mark append(const paxos::Record& record);
  // Queues new guarded metadata (everything but incarnation may differ).
  Mark save(const Metadata& metadata);
  // The last mark handed out, and the one up to which everything is on disk.
  Mark last() const;
  Mark durable() const;
  // Writes what was queued, if nothing is in flight. Called once at the end of each event.
  void flush();
  // Idle for 20 ms, or a clean stop: writes an empty batch, so that the last one is proven
  // (protocol.md 11). Nothing waits for it.
  void seal();

  // True if the ticket is this storage's.
  bool owns(DiskTicket ticket) const;
  void on(const Listed& listed);
  void on(const ReadDone& read);
  void on(const Synced& synced);

  StorageGauges gauges() const;
};

}  // namespace quorate::replicated_log
