#include "master/paxos/types.h"

namespace quorate::paxos {

Digest chain_after(const Digest& before, Position position, const Entry& entry) {
  // Fixed-size fields first, so that no two different links are the same bytes.
  ByteWriter link;
  link.u64(before.high);
  link.u64(before.low);
  link.u64(position.value);
  link.u8(static_cast<std::uint8_t>(entry.kind));
  link.u64(entry.assumed_chain.high);
  link.u64(entry.assumed_chain.low);
  link.raw(entry.payload);
  return xxh3_128(link.bytes());
}

std::string to_text(Position position) { return std::to_string(position.value); }

std::string to_text(const Ballot& ballot) {
  return std::to_string(ballot.round) + "@" + to_text(ballot.replica);
}

std::string_view to_text(ReplicaStatus status) {
  switch (status) {
    case ReplicaStatus::Empty: return "EMPTY";
    case ReplicaStatus::Starting: return "STARTING";
    case ReplicaStatus::Recovering: return "RECOVERING";
    case ReplicaStatus::Voting: return "VOTING";
    case ReplicaStatus::Lost: return "LOST";
  }
  return "unknown";
}

}  // namespace quorate::paxos
