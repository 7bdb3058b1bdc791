#pragma once

#include <compare>
#include <cstdint>

namespace quorate {

// An integer with a meaning of its own: a Position cannot be passed where a DiskTicket is asked
// for. Tag is any (incomplete) type that names the meaning. Values compare and order as their
// numbers.
template <typename Tag, typename Rep = std::uint64_t>
struct Strong {
  using rep = Rep;

  Rep value = 0;

  constexpr Strong() = default;
  constexpr explicit Strong(Rep v) : value(v) {}

  // The number after this one. The caller guarantees that there is one.
  constexpr Strong next() const { return Strong(static_cast<Rep>(value + 1)); }

  constexpr auto operator<=>(const Strong&) const = default;
};

}  // namespace quorate
