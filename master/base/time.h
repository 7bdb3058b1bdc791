#pragma once

#include <compare>
#include <cstdint>

namespace quorate {

// A span of time in whole nanoseconds; may be negative.
struct Duration {
  std::int64_t ns = 0;

  static constexpr Duration nanoseconds(std::int64_t n) { return {n}; }
  static constexpr Duration microseconds(std::int64_t n) { return {n * 1'000}; }
  static constexpr Duration milliseconds(std::int64_t n) { return {n * 1'000'000}; }
  static constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000'000}; }
  static constexpr Duration minutes(std::int64_t n) { return seconds(n * 60); }

  constexpr std::int64_t whole_milliseconds() const { return ns / 1'000'000; }
  constexpr double in_seconds() const { return static_cast<double>(ns) / 1e9; }

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration o) const { return {ns + o.ns}; }
  constexpr Duration operator-(Duration o) const { return {ns - o.ns}; }
  constexpr Duration operator*(std::int64_t k) const { return {ns * k}; }
  constexpr Duration operator/(std::int64_t k) const { return {ns / k}; }
};

// A reading of a host's monotonic clock: nanoseconds since an arbitrary moment of that host. Never
// goes back within one incarnation; never compared between hosts.
struct MonoTime {
  std::int64_t ns = 0;

  static constexpr MonoTime never() { return {INT64_MAX}; }

  constexpr auto operator<=>(const MonoTime&) const = default;
  constexpr MonoTime operator+(Duration d) const { return {ns + d.ns}; }
  constexpr MonoTime operator-(Duration d) const { return {ns - d.ns}; }
  constexpr Duration operator-(MonoTime o) const { return {ns - o.ns}; }
};

// A reading of a host's wall clock: nanoseconds since 1970-01-01 UTC. May jump either way.
struct WallTime {
  std::int64_t ns = 0;

  constexpr auto operator<=>(const WallTime&) const = default;
  constexpr double in_seconds() const { return static_cast<double>(ns) / 1e9; }
};

// The time of one event. It stands still while the event is handled.
struct Now {
  MonoTime mono;
  WallTime wall;

  constexpr bool operator==(const Now&) const = default;
};

}  // namespace quorate
