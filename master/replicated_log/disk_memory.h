#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "master/paxos/types.h"

// The peers' memory (protocol.md 12): a disk that lost what it had acknowledged, and an old copy of
// a directory that was put back, look whole to their own replica. So every replica remembers how
// far it saw the disks of the others, and tells each one when it starts.

namespace quorate::replicated_log {

inline constexpr std::size_t kRememberedMax = 24;

// How far each member's disk was seen. Of two watermarks of one disk the later one stays.
class DiskMemory {
 public:
  // True if it was news.
  bool note(ReplicaId replica, const paxos::Watermark& watermark);
  bool note(const std::vector<paxos::MemberWatermark>& members);
  // None if nothing is known.
  paxos::Watermark of(ReplicaId replica) const;
  // Everything, in order of replica id.
  std::vector<paxos::MemberWatermark> all() const;
  // Of more than kRememberedMax, those are forgotten that are no members now. A member that is down
  // is none for ZooKeeper's group, and it is then that it matters what was seen of it.
  void bound(const std::vector<ReplicaId>& members);

 private:
  std::map<ReplicaId, paxos::Watermark> known_;
};

// What a replica knows of its own disk.
struct OwnDisk {
  paxos::Watermark found;  // at open: of the runs before
  paxos::Watermark now;    // of this run; at least what was found
  // The digest of a batch, if it is still known.
  std::function<std::optional<Digest>(std::uint64_t batch)> digest_of;
};

// Why a disk that somebody saw at `seen` cannot be this one, or nothing. The sentence says what was
// seen and what is here.
std::optional<std::string> lost_since(const paxos::Watermark& seen, const OwnDisk& own);

}  // namespace quorate::replicated_log
