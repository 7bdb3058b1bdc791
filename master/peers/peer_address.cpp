#include "master/peers/peer_address.h"

#include <fmt/format.h>

#include "master/base/json.h"

namespace quorate::peers {

std::string to_json(const PeerAddress& peer) {
  JsonWriter out;
  out.begin_object();
  out.member("address", to_text(peer.address));
  out.member("incarnation", to_text(peer.incarnation));
  out.member("replica", to_text(peer.replica));
  out.end_object();
  return out.take();
}

Result<PeerAddress> parse_peer_address(std::string_view json) {
  Result<Json> parsed = parse_json(json);
  if (!parsed) return failure(parsed.error().text);
  auto text = [&](std::string_view name) -> std::string_view {
    const Json* member = parsed->find(name);
    if (member == nullptr || member->string() == nullptr) return {};
    return *member->string();
  };
  const std::optional<ReplicaId> replica = parse_replica_id(text("replica"));
  const std::optional<Incarnation> incarnation = parse_incarnation(text("incarnation"));
  const std::optional<SocketAddress> address = parse_socket_address(text("address"));
  if (!replica) return failure("no member \"replica\" of 16 hexadecimal digits");
  if (!incarnation) return failure("no member \"incarnation\" of the form <start>-<nonce>");
  if (!address) return failure("no member \"address\" of the form <ip>:<port>");
  return PeerAddress{*replica, *incarnation, *address};
}

}  // namespace quorate::peers
