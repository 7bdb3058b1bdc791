#include "master/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace quorate {
namespace {

__extension__ using Wide = __int128;

char lower_letter(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

struct Unit {
  std::string_view name;
  std::int64_t size;
};

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::array<Unit, 8> kDurationUnits{{{"ns", 1},
                                              {"us", 1'000},
                                              {"ms", 1'000'000},
                                              {"secs", kSecond},
                                              {"mins", 60 * kSecond},
                                              {"hrs", 3600 * kSecond},
                                              {"days", 86400 * kSecond},
                                              {"weeks", 7 * 86400 * kSecond}}};
constexpr std::array<Unit, 5> kByteUnits{
    {{"B", 1}, {"KB", 1ll << 10}, {"MB", 1ll << 20}, {"GB", 1ll << 30}, {"TB", 1ll << 40}}};

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// digits [. digits], at least one digit in all; the product with `unit`, exact below the point.
std::optional<std::int64_t> scaled(std::string_view number, std::int64_t unit) {
  std::size_t point = number.find('.');
  std::string_view whole = number.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? "" : number.substr(point + 1);
  if (whole.empty() && fraction.empty()) return std::nullopt;

  Wide total = 0;
  for (char c : whole) {
    if (c < '0' || c > '9') return std::nullopt;
    total = total * 10 + (c - '0');
    if (total > INT64_MAX) return std::nullopt;
  }
  total *= unit;
  Wide scale = unit;
  Wide part = 0;
  Wide divisor = 1;
  for (char c : fraction) {
    if (c < '0' || c > '9') return std::nullopt;
    if (divisor >= 1'000'000'000'000'000'000) continue;
    part = part * 10 + (c - '0');
    divisor *= 10;
  }
  total += part * scale / divisor;
  if (total > INT64_MAX) return std::nullopt;
  return static_cast<std::int64_t>(total);
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  while (true) {
    std::size_t at = text.find(separator);
    pieces.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  std::size_t from = text.find_first_not_of(kSpace);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kSpace) - from + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), &lower_letter);
  return result;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower_letter(x) == lower_letter(y); });
}

std::optional<std::uint64_t> parse_u64(std::string_view text) {
  return parse_number<std::uint64_t>(text);
}

std::optional<std::int64_t> parse_i64(std::string_view text) {
  return parse_number<std::int64_t>(text);
}

Result<Duration> parse_duration(std::string_view text) {
  std::size_t unit_at = text.find_first_not_of("0123456789.");
  if (unit_at == std::string_view::npos || unit_at == 0)
    return failure(
        fmt::format("'{}' is not a duration: expected a number and a unit, as in 10secs "
                    "(units: ns us ms secs mins hrs days weeks)",
                    text));
  for (const Unit& unit : kDurationUnits) {
    if (text.substr(unit_at) != unit.name) continue;
    std::optional<std::int64_t> ns = scaled(text.substr(0, unit_at), unit.size);
    if (!ns)
      return failure(fmt::format("'{}' is not a duration: number malformed or too large", text));
    return Duration{*ns};
  }
  return failure(
      fmt::format("'{}' is not a duration: unknown unit '{}' (units: ns us ms secs mins "
                  "hrs days weeks)",
                  text, text.substr(unit_at)));
}

std::string duration_text(Duration duration) {
  std::int64_t ns = duration.ns;
  if (ns == 0) return "0ns";
  for (std::size_t i = kDurationUnits.size(); i-- > 0;) {
    const Unit& unit = kDurationUnits[i];
    if (-unit.size < ns && ns < unit.size) continue;
    if (ns % unit.size == 0) return fmt::format("{}{}", ns / unit.size, unit.name);
    const Unit& finer = kDurationUnits[i - 1];
    if (ns % finer.size == 0) return fmt::format("{}{}", ns / finer.size, finer.name);
    return fmt::format("{}{}", static_cast<double>(ns) / static_cast<double>(unit.size), unit.name);
  }
  return fmt::format("{}ns", ns);
}

Result<std::uint64_t> parse_byte_count(std::string_view text) {
  std::size_t unit_at = text.find_first_not_of("0123456789");
  if (unit_at != std::string_view::npos && unit_at > 0) {
    std::optional<std::uint64_t> count = parse_u64(text.substr(0, unit_at));
    for (const Unit& unit : kByteUnits) {
      if (!equals_ignoring_case(text.substr(unit_at), unit.name)) continue;
      auto size = static_cast<std::uint64_t>(unit.size);
      if (!count || *count > UINT64_MAX / size)
        return failure(fmt::format("'{}' is not a byte count: number too large", text));
      return *count * size;
    }
  }
  return failure(
      fmt::format("'{}' is not a byte count: expected whole digits and a unit, as in 4KB (units: B "
                  "KB MB GB TB)",
                  text));
}

std::string byte_count_text(std::uint64_t bytes) {
  for (std::size_t i = kByteUnits.size(); i-- > 0;) {
    auto size = static_cast<std::uint64_t>(kByteUnits[i].size);
    if (bytes >= size && bytes % size == 0)
      return fmt::format("{}{}", bytes / size, kByteUnits[i].name);
  }
  return fmt::format("{}B", bytes);
}

}  // namespace quorate
