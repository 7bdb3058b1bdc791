#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "master/base/identity.h"

namespace quorate {

// What a master knows of itself at one moment, for whoever looks at a simulated or replayed one
// from beside it. Looking changes nothing.
struct Glance {
  // Coordination.
  bool connected = false;   // its session has a server
  bool contending = false;  // it stands for election
  bool elected = false;     // ZooKeeper says that it leads
  bool recovered = false;   // and its registry is complete
  std::string leader;       // the address of whom it takes for the leader; empty: nobody

  // The log; as it is before it was opened.
  bool opened = false;
  bool established = false;  // this replica's proposer leads
  std::string_view status = "unopened";
  ReplicaId replica;
  Incarnation incarnation;
  std::uint64_t promised_round = 0;
  ReplicaId promised_to;
  std::uint64_t begin = 0;
  std::uint64_t learned = 0;
  std::uint64_t end = 0;
  std::uint64_t behind = 0;
  std::uint64_t ensemble_size = 0;
  std::uint64_t contradictions = 0;
  std::uint64_t log_bytes = 0;
  std::uint64_t snapshot_bytes = 0;

  // Work at hand.
  std::uint64_t writes_waiting = 0;
  std::uint64_t reads_waiting = 0;
};

}  // namespace quorate
