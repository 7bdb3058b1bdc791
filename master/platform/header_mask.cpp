#include "master/platform/header_mask.h"

#include <algorithm>
#include <array>

namespace quorate::platform {
namespace {

constexpr std::array<std::string_view, 3> kSecretFields = {
    "authorization:", "proxy-authorization:", "cookie:"};
constexpr std::string_view kUpgrade = "upgrade:";
constexpr std::size_t kNameBytesMax = 24;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

char HeaderMask::pass(Line& line, char byte) {
  if (byte == '\n') {
    line.begin.clear();
    line.hides = false;
    return byte;
  }
  if (line.hides) return byte == '\r' ? byte : 'x';
  if (line.begin.size() == kNameBytesMax) return byte;
  line.begin.push_back(lower(byte));
  if (byte != ':') return byte;
  line.hides =
      std::find(kSecretFields.begin(), kSecretFields.end(), line.begin) != kSecretFields.end();
  line.over = line.begin == kUpgrade;
  return byte;
}

Bytes HeaderMask::mask(ConnectionId connection, std::string_view bytes) {
  Line& line = lines_[connection];
  Bytes masked(bytes);
  for (char& byte : masked) {
    if (line.over) break;
    byte = pass(line, byte);
  }
  return masked;
}

}  // namespace quorate::platform
