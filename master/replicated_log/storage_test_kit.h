#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "master/replicated_log/memory_disk.h"
#include "master/replicated_log/read_log.h"
#include "master/replicated_log/storage.h"

// What the tests of the storage share.

namespace quorate::replicated_log {

inline constexpr std::uint64_t kTestSegmentBytes = 64ull << 10;

inline paxos::SlotRecord slot_record(std::uint64_t position, std::size_t payload_bytes = 10) {
  paxos::SlotRecord record;
  record.slot.position = paxos::Position{position};
  record.slot.ballot = {position / 4 + 1, ReplicaId{7}};
  record.slot.entry.kind = paxos::EntryKind::Data;
  Bytes payload = "entry " + std::to_string(position) + " ";
  while (payload.size() < payload_bytes)
    payload.push_back(static_cast<char>('a' + (payload.size() * 7 + position) % 26));
  record.slot.entry.payload = payload;
  return record;
}

inline paxos::PromiseRecord promise(std::uint64_t round) { return {{round, ReplicaId{3}}}; }

inline std::vector<paxos::SlotRecord> slots_of(const std::vector<paxos::Record>& records) {
  std::vector<paxos::SlotRecord> slots;
  for (const paxos::Record& record : records)
    if (const auto* slot = std::get_if<paxos::SlotRecord>(&record)) slots.push_back(*slot);
  return slots;
}

inline std::vector<paxos::SlotRecord> slots_of(const LogRead& log) {
  std::vector<paxos::Record> records;
  for (const RecordRead& read : log.records) records.push_back(read.record);
  return slots_of(records);
}

// The snapshot that a replica has at a position; its state differs from position to position.
inline Snapshot snapshot_at(std::uint64_t position, std::size_t state_bytes = 5000) {
  Bytes state = "state " + std::to_string(position) + " ";
  while (state.size() < state_bytes)
    state.push_back(static_cast<char>('A' + (state.size() * 11 + position) % 26));
  Snapshot snapshot;
  snapshot.info = {.position = paxos::Position{position},
                   .chain = {position, 1},
                   .epoch = 4,
                   .configuration = "members",
                   .state = xxh3_128(state),
                   .state_bytes = state.size(),
                   .earlier = {{paxos::Position{position - 1}, {2, 3}, {4, position}}}};
  snapshot.state = SharedBytes(state);
  return snapshot;
}

// A storage over a disk: hands every answer on and flushes, as the room does.
class Host {
 public:
  explicit Host(MemoryDisk& disk, std::uint64_t seed = 1,
                StorageSettings settings = {.segment_bytes = kTestSegmentBytes})
      : disk_(disk), storage(settings, disk, seed) {
    storage.open();
  }

  // False if there was nothing to do.
  bool step() {
    if (disk_.idle()) return false;
    std::optional<Event> event = disk_.step();
    if (event) deliver(*event);
    return true;
  }
  Host& run() {
    while (step()) {}
    return *this;
  }
  Host& run_until_open() {
    while (!storage.opened() && step()) {}
    return *this;
  }
  Mark append(const paxos::Record& record) {
    Mark mark = storage.append(record);
    storage.flush();
    return mark;
  }

 private:
  void deliver(const Event& event) {
    if (const auto* listed = std::get_if<Listed>(&event)) storage.on(*listed);
    if (const auto* read = std::get_if<ReadDone>(&event)) storage.on(*read);
    if (const auto* synced = std::get_if<Synced>(&event)) storage.on(*synced);
    storage.flush();
  }

  MemoryDisk& disk_;

 public:
  Storage storage;
};

inline std::string why(const Storage& storage) {
  return storage.refusal() ? storage.refusal()->why : "";
}

}  // namespace quorate::replicated_log
