#include "sim/disk_oracles.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <variant>

#include "master/replicated_log/file_names.h"

namespace quorate::sim {
namespace {

using paxos::Position;
using replicated_log::LogRead;

// What a disk holds: of each position the last that was written, and where it is marked as learned.
struct Held {
  std::map<Position, const paxos::Entry*> entries;
  std::map<Position, Digest> marks;
};

Held held_in(const LogRead& log) {
  Held out;
  for (const replicated_log::RecordRead& read : log.records) {
    if (const auto* slot = std::get_if<paxos::SlotRecord>(&read.record))
      out.entries[slot->slot.position] = &slot->slot.entry;
    if (const auto* mark = std::get_if<paxos::LearnedRecord>(&read.record))
      out.marks[mark->learned] = mark->chain;
  }
  return out;
}

void little_endian(std::uint64_t number, std::string& out) {
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(number >> (8 * i) & 0xff));
}

}  // namespace

Digest chain_value(const Digest& before, Position position, const paxos::Entry& entry) {
  std::string link;
  little_endian(before.high, link);
  little_endian(before.low, link);
  little_endian(position.value, link);
  link.push_back(static_cast<char>(entry.kind));
  little_endian(entry.assumed_chain.high, link);
  little_endian(entry.assumed_chain.low, link);
  link.append(std::string_view(entry.payload));
  XXH128_hash_t hash = XXH3_128bits(link.data(), link.size());
  return {hash.high64, hash.low64};
}

DiskUse disk_use(const DiskImage& disk, const LogRead& log) {
  DiskUse use;
  for (const replicated_log::SegmentRead& segment : log.segments)
    use.written_bytes += segment.end_bytes;
  for (const auto& [name, file] : disk.files()) {
    bool segment = replicated_log::kind_of(name) == replicated_log::FileKind::Segment;
    if (segment) use.segment_bytes = std::max(use.segment_bytes, file.size());
    if (!segment) use.written_bytes += file.size();
  }
  Position snapshot;
  if (log.snapshot) {
    snapshot = log.snapshot->position;
    use.live_bytes = log.snapshot->state_bytes;
  }
  for (const auto& [position, entry] : held_in(log).entries)
    if (position > snapshot) use.live_bytes += entry->payload.size();
  return use;
}

std::optional<std::string> too_much(const std::string& host, const DiskUse& use) {
  std::uint64_t most = 3 * use.live_bytes + 3 * use.segment_bytes;
  if (use.written_bytes < most) return std::nullopt;
  return host + "'s disk holds " + std::to_string(use.written_bytes) + " bytes for " +
         std::to_string(use.live_bytes) + " live ones; with segments of " +
         std::to_string(use.segment_bytes) + " it must stay below " + std::to_string(most);
}

std::optional<std::string> ChainOracle::compare(const std::string& host, Position position,
                                                const Digest& chain) {
  ++judged_;
  auto [known, fresh] = values_.try_emplace(position, Value{chain, host});
  if (fresh || known->second.chain == chain) return std::nullopt;
  return "position " + to_text(position) + " has one chain value on " + known->second.host +
         "'s disk and another on " + host + "'s";
}

std::optional<std::string> ChainOracle::look(const std::string& host, const LogRead& log) {
  Held held = held_in(log);
  Position at;
  Digest chain{};
  if (log.snapshot) {
    at = log.snapshot->position;
    chain = log.snapshot->chain;
    if (auto wrong = compare(host, at, chain)) return wrong;
    for (const paxos::Checkpoint& earlier : log.snapshot->earlier)
      if (auto wrong = compare(host, earlier.position, earlier.chain)) return wrong;
  }
  for (const auto& [mark, marked] : held.marks) {
    if (mark <= at) continue;
    while (at < mark && held.entries.contains(at.next())) {
      at = at.next();
      chain = chain_value(chain, at, *held.entries.at(at));
      if (auto wrong = compare(host, at, chain)) return wrong;
    }
    if (at < mark) {  // what lies between is not on this disk
      at = mark;
      chain = marked;
    }
    if (chain != marked)
      return host + "'s disk marks position " + to_text(mark) +
             " as learned with a chain value that is not that of what it holds";
    if (auto wrong = compare(host, mark, marked)) return wrong;
  }
  return std::nullopt;
}

}  // namespace quorate::sim
