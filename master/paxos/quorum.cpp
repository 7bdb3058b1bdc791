#include "master/paxos/quorum.h"

#include <algorithm>
#include <functional>

#include "master/base/check.h"

namespace quorate::paxos {

std::uint32_t majority_of(std::uint32_t voters) { return voters / 2 + 1; }

Position held_by_quorum(std::vector<Position> matches, std::uint32_t quorum) {
  CHECK(quorum >= 1);
  if (matches.size() < quorum) return Position{0};

  std::sort(matches.begin(), matches.end(), std::greater<>());
  return matches[quorum - 1];
}

}  // namespace quorate::paxos
