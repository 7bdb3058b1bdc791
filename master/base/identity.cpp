#include "master/base/identity.h"

#include <charconv>

#include "master/base/bytes.h"
#include "master/base/text.h"

namespace quorate {
namespace {

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (text.size() != 16 || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

}  // namespace

std::string to_text(ReplicaId id) { return hex(id.value); }

std::string to_text(const EnsembleId& id) { return hex(id.high) + hex(id.low); }

std::optional<ReplicaId> parse_replica_id(std::string_view text) {
  std::optional<std::uint64_t> number = parse_hex(text);
  if (!number || *number == 0) return std::nullopt;
  return ReplicaId(*number);
}

std::string to_text(const Incarnation& incarnation) {
  return std::to_string(incarnation.start) + "-" + hex(incarnation.nonce);
}

std::optional<Incarnation> parse_incarnation(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  std::optional<std::uint64_t> start = parse_u64(text.substr(0, dash));
  std::optional<std::uint64_t> nonce = parse_hex(text.substr(dash + 1));
  if (!start || !nonce) return std::nullopt;
  return Incarnation{*start, *nonce};
}

}  // namespace quorate
