#include "master/peer_hello.h"

#include <string>

namespace quorate {

std::optional<peers::Hello> hello_of(const http::Request& request) {
  auto field = [&request](std::string_view name) -> std::string_view {
    const std::string* value = request.headers.find(name);
    return value == nullptr ? std::string_view() : std::string_view(*value);
  };
  const std::optional<ReplicaId> replica = parse_replica_id(field("Quorate-Replica"));
  const std::optional<ReplicaId> expects = parse_replica_id(field("Quorate-Expects"));
  const std::optional<Incarnation> incarnation = parse_incarnation(field("Quorate-Incarnation"));
  if (!replica || !expects || !incarnation || request.path != peers::kUpgradePath)
    return std::nullopt;
  return peers::Hello{*replica, *incarnation, *expects};
}

}  // namespace quorate
