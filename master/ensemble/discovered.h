#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "master/base/identity.h"
#include "master/ensemble/refusal.h"

// --ensemble=discovered: nobody is recorded, whoever stands in ZooKeeper's group votes, and
// --quorum is believed, as in Apache Mesos. Nothing here prevents harm; it is told when it is
// possible.

namespace quorate::ensemble {

struct DiscoveredVoter {
  ReplicaId replica;
  std::string address;
  std::int64_t quorum = 0;  // that it announces

  bool operator==(const DiscoveredVoter&) const = default;
};

// 2q or more distinct voters: two quorums without a common member, so two histories. Exit 65, with
// all voters named. `voters` are those that answered as voting, this one included; an id that is
// met at two addresses is one voter.
std::optional<Refusal> too_many_voters(std::int64_t own_quorum,
                                       const std::vector<DiscoveredVoter>& voters);

// Quorums that two of the voters announce and that need not meet; a sentence each.
std::vector<std::string> quorum_warnings(const std::vector<DiscoveredVoter>& voters);

}  // namespace quorate::ensemble
