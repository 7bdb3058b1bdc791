#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace quorate {

// CRC-32C (Castagnoli), hardware where the CPU has it; `seed` is a previous result, so that
// crc32c(a + b) == crc32c(b, crc32c(a)).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

// A 128-bit digest, compared and ordered as (high, low).
struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const Digest&) const = default;
};

// XXH3 with 128 and 64 bits. They detect accidents, not forgers.
Digest xxh3_128(std::string_view bytes);
// Of both, one after the other: xxh3_128(head, body) == xxh3_128(head + body). The body is not
// copied when it is long.
Digest xxh3_128(std::string_view head, std::string_view body);
std::uint64_t xxh3_64(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace quorate
