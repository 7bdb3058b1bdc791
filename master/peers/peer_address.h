#pragma once

#include <string>
#include <string_view>

#include "master/base/address.h"
#include "master/base/identity.h"
#include "master/base/result.h"

namespace quorate::peers {

// Where a replica can be reached, as it says in its node of the replica group.
struct PeerAddress {
  ReplicaId replica;
  Incarnation incarnation;
  SocketAddress address;

  auto operator<=>(const PeerAddress&) const = default;
};

// The content of the node: one JSON object with "address", "incarnation", "replica".
std::string to_json(const PeerAddress& peer);
Result<PeerAddress> parse_peer_address(std::string_view json);

}  // namespace quorate::peers
