#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "master/base/bytes.h"

namespace quorate::peers {

// A frame between masters: u32 length, u32 CRC-32C of the payload, payload; little-endian. The
// sender's way of the connection carries frames, the other way carries acknowledgements: the count
// of bytes received so far, each a u64.
inline constexpr std::size_t kFrameBytesMax = 64 << 20;

Bytes frame(std::string_view payload);

// Takes a stream apart into frames. A length above the limit or a wrong checksum breaks the stream
// for good: what follows cannot be found again.
class FrameReader {
 public:
  void receive(std::string_view bytes);
  std::optional<Bytes> next();
  bool broken() const { return broken_; }
  std::uint64_t received_bytes() const { return received_; }

 private:
  Bytes pending_;
  std::size_t read_ = 0;  // bytes of pending_ already handed out
  std::uint64_t received_ = 0;
  bool broken_ = false;
};

}  // namespace quorate::peers
