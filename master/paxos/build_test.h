#pragma once

#include <string>

#include "master/paxos/codec.h"
#include "master/paxos/table.h"

// Short ways to say the values of this room in tests.

namespace quorate::paxos::test {

inline Position pos(std::uint64_t n) { return Position{n}; }
inline ReplicaId replica(std::uint64_t n) { return ReplicaId{n}; }
inline Ballot ballot(std::uint64_t round, std::uint64_t of = 1) { return {round, replica(of)}; }
inline RequestNumber request(std::uint64_t n) { return RequestNumber{n}; }
inline Entry data(std::string payload, Digest assumed = {}) {
  return {EntryKind::Data, assumed, std::move(payload)};
}
inline Slot slot(std::uint64_t position, Ballot at, std::string payload) {
  return {pos(position), at, data(std::move(payload))};
}

// H(n) over n entries with these payloads.
inline Digest chain_of(const std::vector<std::string>& payloads) {
  Digest digest = kChainOrigin;
  Position position{1};
  for (const std::string& payload : payloads) {
    digest = chain_after(digest, position, data(payload));
    position = position.next();
  }
  return digest;
}

// A table that holds these payloads from position 1, all at one ballot, the first `learned`
// learned.
inline Table table_of(const std::vector<std::string>& payloads, Ballot at, std::uint64_t learned) {
  Table table;
  std::uint64_t position = 1;
  for (const std::string& payload : payloads) table.put(slot(position++, at, payload));
  table.learn(pos(learned));
  return table;
}

}  // namespace quorate::paxos::test
