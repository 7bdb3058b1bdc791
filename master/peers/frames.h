#pragma once

#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "master/base/bytes.h"

namespace quorate::peers {

// A frame between masters: u32 length, u32 CRC-32C of the payload, payload; little-endian. The
// sender's way of the connection carries frames, the other way carries acknowledgements: the count
// of bytes received so far, each a u64.
inline constexpr std::size_t kFrameBytesMax = 64 << 20;

inline constexpr std::size_t kFrameHeadBytes = 8;

// The bytes before a payload; and a whole frame.
Bytes frame_head(std::string_view payload);
Bytes frame(std::string_view payload);

// Takes a stream apart into frames. A length above the limit or a wrong checksum breaks the stream
// for good: what follows cannot be found again; frames before it still come out.
class FrameReader {
 public:
  void receive(std::string_view bytes);
  std::optional<Bytes> next();
  bool broken() const { return broken_; }
  // A part of a frame has come, and the rest has not.
  bool in_frame() const { return !head_.empty(); }
  std::uint64_t received_bytes() const { return received_; }

 private:
  void read_head();
  void finish_payload();

  std::deque<Bytes> ready_;
  // The frame that is coming in. A payload is checked as it comes, while it is in the processor's
  // cache.
  Bytes head_;
  std::size_t size_ = 0;
  std::uint32_t checksum_ = 0;
  Bytes payload_;
  std::uint32_t payload_checksum_ = 0;
  std::uint64_t received_ = 0;
  bool broken_ = false;
};

}  // namespace quorate::peers
