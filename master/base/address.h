#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quorate {

// An IPv4 address as a number in host byte order: 127.0.0.1 is 0x7f000001. (IPv4 only, as Mesos.)
struct Ipv4 {
  std::uint32_t number = 0;

  constexpr auto operator<=>(const Ipv4&) const = default;
  constexpr bool is_loopback() const { return (number >> 24) == 127; }
  constexpr bool is_wildcard() const { return number == 0; }
};

// Where a TCP peer is found.
struct SocketAddress {
  Ipv4 ip;
  std::uint16_t port = 0;

  constexpr auto operator<=>(const SocketAddress&) const = default;
};

// Exactly four decimal parts of 0..255, without leading zeros.
std::optional<Ipv4> parse_ipv4(std::string_view text);
// "<ipv4>:<port>", port 0..65535.
std::optional<SocketAddress> parse_socket_address(std::string_view text);
std::string to_text(Ipv4 ip);
std::string to_text(SocketAddress address);

}  // namespace quorate
