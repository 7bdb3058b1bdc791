#include "sim/log_state.h"

namespace quorate::sim {

void LogState::apply(paxos::Position position, std::string_view payload) {
  const std::uint64_t hash = xxh3_64(payload);
  ByteWriter out;
  out.u64(digest_.high);
  out.u64(digest_.low);
  out.u64(position.value);
  out.u64(hash);
  digest_ = xxh3_128(out.bytes());
  ++count_;
  last_ = position;
  recent_.push_back(hash);
  if (recent_.size() > kRecent) recent_.pop_front();
}

Bytes LogState::encode() const {
  ByteWriter out;
  out.u64(count_);
  out.u64(digest_.high);
  out.u64(digest_.low);
  out.u64(last_.value);
  out.u32(static_cast<std::uint32_t>(recent_.size()));
  for (std::uint64_t hash : recent_) out.u64(hash);
  return out.take();
}

std::optional<LogState> LogState::decode(std::string_view bytes) {
  ByteReader in(bytes);
  LogState state;
  state.count_ = in.u64();
  state.digest_.high = in.u64();
  state.digest_.low = in.u64();
  state.last_ = paxos::Position(in.u64());
  const std::uint32_t recent = in.u32();
  if (recent > kRecent) return std::nullopt;
  for (std::uint32_t i = 0; i < recent; ++i) state.recent_.push_back(in.u64());
  if (!in.done()) return std::nullopt;
  return state;
}

}  // namespace quorate::sim
