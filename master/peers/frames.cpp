#include "master/peers/frames.h"

#include "master/base/check.h"
#include "master/base/checksum.h"

namespace quorate::peers {
namespace {
constexpr std::size_t kHeadBytes = 8;
}

Bytes frame(std::string_view payload) {
  CHECK(payload.size() <= kFrameBytesMax);
  ByteWriter out;
  out.u32(static_cast<std::uint32_t>(payload.size()));
  out.u32(crc32c(payload));
  out.raw(payload);
  return out.take();
}

void FrameReader::receive(std::string_view bytes) {
  received_ += bytes.size();
  if (broken_) return;
  if (read_ == pending_.size()) {
    pending_.clear();
    read_ = 0;
  }
  pending_.append(bytes);
}

std::optional<Bytes> FrameReader::next() {
  std::string_view rest = std::string_view(pending_).substr(read_);
  if (broken_ || rest.size() < kHeadBytes) return std::nullopt;
  ByteReader head(rest.substr(0, kHeadBytes));
  const std::size_t size = head.u32();
  const std::uint32_t checksum = head.u32();
  if (size > kFrameBytesMax) {
    broken_ = true;
    return std::nullopt;
  }
  if (rest.size() < kHeadBytes + size) return std::nullopt;
  Bytes payload(rest.substr(kHeadBytes, size));
  if (crc32c(payload) != checksum) {
    broken_ = true;
    return std::nullopt;
  }
  read_ += kHeadBytes + size;
  return payload;
}

}  // namespace quorate::peers
