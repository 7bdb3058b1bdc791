#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "master/base/bytes.h"
#include "master/base/checksum.h"
#include "master/paxos/types.h"

namespace quorate::sim {

// The state machine on top of a simulated log: it digests every payload, so that two replicas that
// applied anything else, or in another order, differ for ever. Equal states have equal bytes.
class LogState {
 public:
  static constexpr std::size_t kRecent = 16;

  void apply(paxos::Position position, std::string_view payload);

  std::uint64_t count() const { return count_; }
  const Digest& digest() const { return digest_; }
  paxos::Position last() const { return last_; }
  // Hashes (xxh3_64) of the last payloads, for a report.
  const std::deque<std::uint64_t>& recent() const { return recent_; }

  Bytes encode() const;
  static std::optional<LogState> decode(std::string_view bytes);

  bool operator==(const LogState&) const = default;

 private:
  std::uint64_t count_ = 0;
  Digest digest_;
  paxos::Position last_;  // of the last payload
  std::deque<std::uint64_t> recent_;
};

}  // namespace quorate::sim
