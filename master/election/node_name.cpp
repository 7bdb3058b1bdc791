#include "master/election/node_name.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "master/base/text.h"

namespace quorate::election {
namespace {

// Decimal or "0x" hexadecimal, with an optional sign, in 32 bits.
std::optional<std::int64_t> parse_sequence(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }

  std::uint32_t magnitude = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, magnitude, base);
  if (error != std::errc{} || stop != end) return std::nullopt;

  std::int64_t value = negative ? -static_cast<std::int64_t>(magnitude) : magnitude;
  if (value < std::numeric_limits<std::int32_t>::min()) return std::nullopt;
  if (value > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<NodeName> parse_node_name(std::string_view name) {
  std::vector<std::string> pieces = split(name, '_');
  std::erase_if(pieces, [](const std::string& piece) { return piece.empty(); });
  if (pieces.empty()) return std::nullopt;

  std::optional<std::int64_t> sequence = parse_sequence(pieces.back());
  if (!sequence) return std::nullopt;
  return NodeName{.sequence = *sequence,
                  .name = std::string(name),
                  .label = pieces.size() > 1 ? pieces.front() : std::string()};
}

std::vector<NodeName> parse_node_names(const std::vector<std::string>& children) {
  std::vector<NodeName> members;
  for (const std::string& child : children) {
    if (std::optional<NodeName> member = parse_node_name(child)) {
      members.push_back(std::move(*member));
    }
  }
  std::sort(members.begin(), members.end());
  return members;
}

}  // namespace quorate::election
