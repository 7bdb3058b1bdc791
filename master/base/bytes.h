#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace quorate {

// Bytes are held in std::string: contiguous, owned, cheap to move, comparable.
using Bytes = std::string;

// Writes numbers little-endian and byte strings with a length before them. Used by every codec of
// our own (frames, log records, entries, snapshots, recordings).
class ByteWriter {
 public:
  ByteWriter() = default;
  // Goes on behind what is there.
  explicit ByteWriter(Bytes begun) : out_(std::move(begun)) {}

  void u8(std::uint8_t v) { number(v); }
  void u16(std::uint16_t v) { number(v); }
  void u32(std::uint32_t v) { number(v); }
  void u64(std::uint64_t v) { number(v); }
  void i64(std::int64_t v) { u64(static_cast<std::uint64_t>(v)); }
  void boolean(bool v) { u8(v ? 1 : 0); }
  void raw(std::string_view bytes) { out_.append(bytes); }
  // A u32 length, then the bytes. The caller guarantees fewer than 2^32 bytes.
  void sized(std::string_view bytes);
  // Room for this many bytes in all, so that a long text is not copied while it grows. Asked once,
  // at the beginning.
  void reserve(std::size_t bytes) { out_.reserve(bytes); }

  std::size_t size() const { return out_.size(); }
  const Bytes& bytes() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  // In the inner loop of every codec: the compilers make one store of it.
  template <typename Number>
  void number(Number value) {
    char bytes[sizeof value];
    for (std::size_t i = 0; i < sizeof value; ++i)
      bytes[i] = static_cast<char>((value >> (8 * i)) & 0xff);
    out_.append(bytes, sizeof value);
  }

  Bytes out_;
};

// Reads what ByteWriter wrote, from bytes that may be hostile. The first read past the end, or a
// boolean other than 0 or 1, makes the reader fail for good: every later read gives zero or empty,
// and done() is false. So a decoder reads all its fields and asks once, at the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  bool boolean();
  // A view into the bytes that were handed in; they must outlive it.
  std::string_view raw(std::size_t size);
  std::string_view sized();

  void fail() {
    failed_ = true;
    rest_ = {};
  }
  bool failed() const { return failed_; }
  std::size_t remaining() const { return rest_.size(); }
  // Everything was read and nothing was wrong.
  bool done() const { return !failed_ && rest_.empty(); }

 private:
  template <typename Number>
  Number number() {
    const std::string_view bytes = raw(sizeof(Number));
    if (bytes.size() != sizeof(Number)) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
      value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return static_cast<Number>(value);
  }

  std::string_view rest_;
  bool failed_ = false;
};

// Lower-case hexadecimal, two digits a byte.
std::string hex(std::string_view bytes);
// 16 digits, zero-padded.
std::string hex(std::uint64_t number);

}  // namespace quorate
