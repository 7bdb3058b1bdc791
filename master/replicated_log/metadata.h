#pragma once

#include <cstdint>
#include <string>

#include "master/base/identity.h"
#include "master/paxos/types.h"
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

// Why a log cannot be used, as the exit that follows.
struct Refusal {
  Exit exit = Exit::LogCorrupt;
  std::string why;  // names file, offset and, where known, position, and says what to do

  bool operator==(const Refusal&) const = default;
};

}  // namespace quorate::replicated_log
