#pragma once

#include "master/base/shared_bytes.h"
#include "master/paxos/types.h"

namespace quorate::replicated_log {

// The applied state as of a position, with its bytes (protocol.md 16).
struct Snapshot {
  paxos::SnapshotInfo info;
  SharedBytes state;

  bool operator==(const Snapshot&) const = default;
};

}  // namespace quorate::replicated_log
