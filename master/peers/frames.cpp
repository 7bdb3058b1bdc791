#include "master/peers/frames.h"

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/checksum.h"

namespace quorate::peers {
namespace {
// Room that is made for a payload before it has come: its length is a claim of the peer. Holds an
// Accept of one entry of 1 MiB.
constexpr std::size_t kReservedBytesMax = (1 << 20) + (64 << 10);
}  // namespace

Bytes frame_head(std::string_view payload) {
  CHECK(payload.size() <= kFrameBytesMax);
  ByteWriter out;
  out.u32(static_cast<std::uint32_t>(payload.size()));
  out.u32(crc32c(payload));
  return out.take();
}

Bytes frame(std::string_view payload) {
  Bytes bytes = frame_head(payload);
  bytes.reserve(kFrameHeadBytes + payload.size());
  bytes.append(payload);
  return bytes;
}

void FrameReader::receive(std::string_view bytes) {
  received_ += bytes.size();
  while (!broken_ && !bytes.empty()) {
    const bool in_head = head_.size() < kFrameHeadBytes;
    Bytes& part = in_head ? head_ : payload_;
    const std::size_t missing = (in_head ? kFrameHeadBytes : size_) - part.size();
    const std::string_view taken = bytes.substr(0, missing);
    bytes.remove_prefix(taken.size());
    part.append(taken);
    if (!in_head) payload_checksum_ = crc32c(taken, payload_checksum_);
    if (in_head && head_.size() == kFrameHeadBytes) read_head();
    if (head_.size() == kFrameHeadBytes && payload_.size() == size_ && !broken_) finish_payload();
  }
}

void FrameReader::read_head() {
  ByteReader head(head_);
  size_ = head.u32();
  checksum_ = head.u32();
  payload_checksum_ = crc32c("");
  broken_ = size_ > kFrameBytesMax;
  if (!broken_) payload_.reserve(std::min(size_, kReservedBytesMax));
}

void FrameReader::finish_payload() {
  broken_ = payload_checksum_ != checksum_;
  if (!broken_) ready_.push_back(std::exchange(payload_, {}));
  head_.clear();
}

std::optional<Bytes> FrameReader::next() {
  if (ready_.empty()) return std::nullopt;
  Bytes payload = std::move(ready_.front());
  ready_.pop_front();
  return payload;
}

}  // namespace quorate::peers
