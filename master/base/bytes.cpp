#include "master/base/bytes.h"

#include "master/base/check.h"

namespace quorate {

void ByteWriter::sized(std::string_view bytes) {
  CHECK(bytes.size() <= UINT32_MAX);
  u32(static_cast<std::uint32_t>(bytes.size()));
  raw(bytes);
}

bool ByteReader::boolean() {
  std::uint8_t v = u8();
  if (v > 1) fail();
  return v == 1;
}

std::string_view ByteReader::raw(std::size_t size) {
  if (failed_ || size > rest_.size()) {
    fail();
    return {};
  }
  std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

std::string_view ByteReader::sized() { return raw(u32()); }

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

std::string hex(std::uint64_t number) {
  std::string big_endian;
  for (int shift = 56; shift >= 0; shift -= 8)
    big_endian.push_back(static_cast<char>((number >> shift) & 0xff));
  return hex(std::string_view(big_endian));
}

}  // namespace quorate
