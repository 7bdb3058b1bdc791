#pragma once

#include <cstdint>
#include <vector>

#include "master/paxos/types.h"

namespace quorate::paxos {

// The smallest number of `voters` such that any two of their quorums meet.
std::uint32_t majority_of(std::uint32_t voters);

// The highest position that at least `quorum` of the voters hold everything up to: the quorum-th
// largest of their matches, one a voter. Zero if there are fewer voters than that. `quorum` >= 1.
Position held_by_quorum(std::vector<Position> matches, std::uint32_t quorum);

}  // namespace quorate::paxos
