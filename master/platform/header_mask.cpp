#include "master/platform/header_mask.h"

#include <algorithm>
#include <array>

#include "master/base/text.h"

namespace quorate::platform {
namespace {

constexpr std::array<std::string_view, 3> kSecretFields = {"authorization", "proxy-authorization",
                                                           "cookie"};
constexpr std::string_view kUpgrade = "upgrade";
constexpr std::size_t kNameBytesMax = 32;
constexpr std::size_t kValueBytesMax = 256;

bool is_space(char byte) { return byte == ' ' || byte == '\t'; }

bool is_secret(std::string_view name) {
  return std::find(kSecretFields.begin(), kSecretFields.end(), name) != kSecretFields.end();
}

}  // namespace

void HeaderMask::name(Line& line, char byte) const {
  if (byte == ':') {
    line.name = std::string(trim(line.name));
    line.hides = is_secret(line.name);
    line.part = Line::Part::Value;
    line.value.clear();
  } else if (line.name.size() < kNameBytesMax) {
    line.name += lower(std::string_view(&byte, 1));
  }
}

void HeaderMask::end(Line& line) const {
  if (line.part == Line::Part::Value && line.name == kUpgrade && trim(line.value) == link_token_)
    line.upgrades = true;
  line.over = line.blank && line.upgrades;
  line.part = Line::Part::Begin;
  line.blank = true;
}

char HeaderMask::pass(Line& line, char byte) const {
  if (byte == '\n') {
    end(line);
    return byte;
  }
  if (byte == '\r') return byte;
  if (line.part == Line::Part::Begin) {
    const bool folded = line.hides && is_space(byte);
    line.part = folded ? Line::Part::Value : Line::Part::Name;
    if (!folded) line.name.clear();
    line.hides = folded;
  }
  line.blank = false;
  if (line.part == Line::Part::Name) {
    name(line, byte);
    return byte;
  }
  if (line.name == kUpgrade && line.value.size() < kValueBytesMax) line.value.push_back(byte);
  return line.hides ? 'x' : byte;
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
