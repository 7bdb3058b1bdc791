#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "master/base/strong.h"

namespace quorate {

// Who a replica of the log is: random, made at the birth of its disk, kept there, counted once in
// every quorum, never reused after votes were lost (protocol.md 17). Zero: not known.
using ReplicaId = Strong<struct ReplicaIdTag>;

// Which log this is: made with its first entry. Zero: not yet born or not yet known.
struct EnsembleId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const EnsembleId&) const = default;
  bool known() const { return high != 0 || low != 0; }
};

// Which run of a replica: a durable start counter and a random nonce (protocol.md 18).
struct Incarnation {
  std::uint64_t start = 0;
  std::uint64_t nonce = 0;

  auto operator<=>(const Incarnation&) const = default;
};

// 16 and 32 hexadecimal digits.
std::string to_text(ReplicaId id);
std::string to_text(const EnsembleId& id);
// Exactly 16 hexadecimal digits, not all zero.
std::optional<ReplicaId> parse_replica_id(std::string_view text);
// "<start>-<nonce>", decimal and 16 hexadecimal digits.
std::string to_text(const Incarnation& incarnation);
std::optional<Incarnation> parse_incarnation(std::string_view text);

}  // namespace quorate
