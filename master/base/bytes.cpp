#include "master/base/bytes.h"

#include "master/base/check.h"

namespace quorate {
namespace {

void put(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

}  // namespace

void ByteWriter::u8(std::uint8_t v) { put(out_, v, 1); }
void ByteWriter::u16(std::uint16_t v) { put(out_, v, 2); }
void ByteWriter::u32(std::uint32_t v) { put(out_, v, 4); }
void ByteWriter::u64(std::uint64_t v) { put(out_, v, 8); }

void ByteWriter::sized(std::string_view bytes) {
  CHECK(bytes.size() <= UINT32_MAX);
  u32(static_cast<std::uint32_t>(bytes.size()));
  raw(bytes);
}

std::uint64_t ByteReader::number(std::size_t size) {
  std::string_view bytes = raw(size);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return value;
}

std::uint8_t ByteReader::u8() { return static_cast<std::uint8_t>(number(1)); }
std::uint16_t ByteReader::u16() { return static_cast<std::uint16_t>(number(2)); }
std::uint32_t ByteReader::u32() { return static_cast<std::uint32_t>(number(4)); }
std::uint64_t ByteReader::u64() { return number(8); }

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
