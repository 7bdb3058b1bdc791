#pragma once

#include <cstdint>
#include <string_view>

#include "master/base/bytes.h"

namespace quorate::http {

// Does an Accept-Encoding header allow gzip ("gzip" or "*" with a weight above 0)?
bool accepts_gzip(std::string_view accept_encoding);

// One gzip member. The same bytes give the same result on every machine with the same zlib.
Bytes gzip(std::string_view bytes);

enum class Inflation : std::uint8_t { Done, Damaged, TooLarge };
struct Inflated {
  Inflation outcome = Inflation::Damaged;
  Bytes bytes;  // of Done
};
// Exactly one gzip member, from bytes that may be hostile. Never makes more than `bytes_max`.
Inflated gunzip(std::string_view bytes, std::size_t bytes_max);

}  // namespace quorate::http
