#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "sim/cluster.h"

namespace quorate::sim {

// A cheap digest of the protocol state of all masters together: of each whether its process runs,
// its session, candidacy and status, how its promise ranks among the others', how far it is behind
// and how much it has under way, in classes. Names, absolute positions and times are not in it, and
// neither is the order of the masters: what it tells apart are situations, not moments.
std::uint64_t state_digest(const std::vector<std::unique_ptr<Host>>& hosts);

// The situations that one run or a whole campaign met. A campaign that meets no new ones has
// stopped learning.
class StateSet {
 public:
  // True if it is new.
  bool add(std::uint64_t digest) { return seen_.insert(digest).second; }
  const std::set<std::uint64_t>& all() const { return seen_; }
  std::size_t size() const { return seen_.size(); }

 private:
  std::set<std::uint64_t> seen_;
};

}  // namespace quorate::sim
