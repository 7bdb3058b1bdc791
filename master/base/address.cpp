#include "master/base/address.h"

#include "master/base/text.h"

namespace quorate {
namespace {

std::optional<std::uint32_t> parse_bounded(std::string_view text, std::uint32_t max) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  std::optional<std::uint64_t> number = parse_u64(text);
  if (!number || *number > max) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

}  // namespace

std::optional<Ipv4> parse_ipv4(std::string_view text) {
  std::vector<std::string> parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  Ipv4 ip;
  for (const std::string& part : parts) {
    std::optional<std::uint32_t> byte = parse_bounded(part, 255);
    if (!byte) return std::nullopt;
    ip.number = (ip.number << 8) | *byte;
  }
  return ip;
}

std::optional<SocketAddress> parse_socket_address(std::string_view text) {
  std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::optional<Ipv4> ip = parse_ipv4(text.substr(0, colon));
  std::optional<std::uint32_t> port = parse_bounded(text.substr(colon + 1), 65535);
  if (!ip || !port) return std::nullopt;
  return SocketAddress{*ip, static_cast<std::uint16_t>(*port)};
}

std::string to_text(Ipv4 ip) {
  std::string out = std::to_string(ip.number >> 24);
  for (int shift : {16, 8, 0}) out.append(".").append(std::to_string((ip.number >> shift) & 255));
  return out;
}

std::string to_text(SocketAddress address) {
  return to_text(address.ip) + ":" + std::to_string(address.port);
}

}  // namespace quorate
