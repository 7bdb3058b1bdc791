#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "master/base/identity.h"
#include "master/base/result.h"
#include "master/paxos/configuration.h"

// The birth record: one small node under the ZooKeeper path that remembers, outside of every
// replica's disk, that an ensemble is being born or was born there (protocol.md 30). It is what
// keeps empty disks from starting an empty registry in the place of a lost one.
// The text form is described in docs/formats/birth-record.md.

namespace quorate::ensemble {

// These replicas are about to found this ensemble. Written before any of them votes.
struct BirthIntent {
  EnsembleId ensemble;
  std::vector<paxos::Member> founders;  // by replica id, each once

  bool operator==(const BirthIntent&) const = default;
};

// The ensemble exists: all its founders hold the first entry. `epoch` and `members` are as of the
// last change that was noted here: advisory, the log is what counts.
struct Born {
  EnsembleId ensemble;
  std::uint64_t epoch = 1;
  std::vector<paxos::Member> members;  // by replica id, each once

  bool operator==(const Born&) const = default;
};

using BirthRecord = std::variant<BirthIntent, Born>;

inline constexpr std::int64_t kBirthRecordFormat = 1;
// A longer text is not looked into.
inline constexpr std::size_t kBirthRecordBytesMax = 64 * 1024;

EnsembleId ensemble_of(const BirthRecord& record);
// What the founders vote for: epoch 1.
paxos::Configuration founding_configuration(const BirthIntent& intent);

// What a record must be; a sentence about what is wrong, or nothing.
std::optional<std::string> broken(const BirthRecord& record);

// One line of JSON. Equal records have one text. The record is not broken.
std::string to_json(const BirthRecord& record);
// Exactly what to_json writes, and nothing else. An error says what is wrong and what to do.
Result<BirthRecord> parse_birth_record(std::string_view text);

}  // namespace quorate::ensemble
