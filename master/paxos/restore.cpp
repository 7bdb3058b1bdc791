#include "master/paxos/restore.h"

#include <fmt/format.h>

#include "master/base/probe.h"
#include "master/paxos/learner.h"

namespace quorate::paxos {
namespace {

Result<void> restore_chosen(const Slot& slot, Table& table) {
  // When it was written everything below it was learned, though the mark of that may be lost.
  table.learn(Position{slot.position.value - 1});
  store_chosen(slot, table);
  return {};
}

Result<void> restore_slot(const SlotRecord& record, Acceptor& acceptor, Table& table) {
  const Slot& slot = record.slot;
  // It is in the snapshot; that it was accepted is still a promise.
  if (slot.position < table.begin()) {
    probe(Probe::RestoredBehindSnapshot);
    if (!record.learned) acceptor.restore(slot.ballot);
    return {};
  }
  if (slot.position > table.end().next())
    return failure(fmt::format(
        "log record of position {}: does not follow positions {} to {}; records are missing",
        slot.position.value, table.begin().value, table.end().value));

  if (slot.position <= table.learned()) {
    probe(Probe::RestoredLearnedAgain);
    if (table.find(slot.position)->entry == slot.entry) return {};
    return failure(fmt::format("log record of position {}: differs from the learned one before it",
                               slot.position.value));
  }
  if (record.learned) return restore_chosen(slot, table);

  const std::optional<Slot> held = table.find(slot.position);
  if (held && held->ballot > slot.ballot)
    return failure(fmt::format("log record of position {}: ballot {} after ballot {}",
                               slot.position.value, to_text(slot.ballot), to_text(held->ballot)));
  if (held) probe(Probe::RestoredOverVote);
  acceptor.restore(slot.ballot);
  table.put(slot);
  return {};
}

Result<void> restore_learned(const LearnedRecord& record, Table& table) {
  if (record.learned <= table.learned()) {
    const std::optional<Digest> chain = table.chain(record.learned);
    if (!chain || *chain == record.chain) return {};
  } else if (table.held_chain(record.learned) == record.chain) {
    table.learn(record.learned);
    return {};
  }
  return failure(
      fmt::format("log: the chain value recorded for position {} is not that of the records",
                  record.learned.value));
}

}  // namespace

Result<void> restore(const Record& record, Acceptor& acceptor, Table& table) {
  if (const auto* promise = std::get_if<PromiseRecord>(&record)) {
    acceptor.restore(promise->promised);
    return {};
  }
  if (const auto* learned = std::get_if<LearnedRecord>(&record))
    return restore_learned(*learned, table);

  return restore_slot(std::get<SlotRecord>(record), acceptor, table);
}

}  // namespace quorate::paxos
