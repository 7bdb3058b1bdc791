#pragma once

#include <cstdint>

#include "master/base/bytes.h"
#include "master/base/checksum.h"
#include "master/paxos/types.h"

namespace quorate::bench {

// The state machine of the bench: how many entries there were, and a digest that two replicas share
// only if they applied the same ones in the same order.
struct Tally {
  std::uint64_t entries = 0;
  Digest digest;

  bool operator==(const Tally&) const = default;
  void apply(paxos::Position position, std::string_view payload);
};

// The whole of it, as a snapshot of the log carries it.
Bytes encode(const Tally& tally);
Tally decode_tally(std::string_view bytes);

}  // namespace quorate::bench
