#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/result.h"
#include "master/base/time.h"

namespace quorate {

// Pieces between separators, empty ones included: split("a,,b", ',') is {"a", "", "b"}.
std::vector<std::string> split(std::string_view text, char separator);
// Without white space at both ends.
std::string_view trim(std::string_view text);
// ASCII only.
std::string lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

// The whole text must be decimal digits (a '-' before them for the signed one) in range.
std::optional<std::uint64_t> parse_u64(std::string_view text);
std::optional<std::int64_t> parse_i64(std::string_view text);

// Durations in Mesos's grammar: "<number><unit>", number = digits with an optional fraction, unit
// one of ns us ms secs mins hrs days weeks. No sign, no exponent, no space; "1sec" and "10" are
// errors.
Result<Duration> parse_duration(std::string_view text);
// The largest fitting unit that shows a whole number, else one unit lower: 60 s is "1mins", 90 s is
// "90secs", 1.5 s is "1500ms".
std::string duration_text(Duration duration);

// Byte counts in Mesos's grammar: "<digits><unit>", unit one of B KB MB GB TB, 1024-based, any
// case.
Result<std::uint64_t> parse_byte_count(std::string_view text);
// The largest unit without loss: 4096 is "4KB".
std::string byte_count_text(std::uint64_t bytes);

}  // namespace quorate
