#include "master/replicated_log/disk_memory.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorate::replicated_log {
namespace {

// Batch numbers rise over all runs, so they alone order the watermarks of one disk; two runs may
// name the same batch.
bool later(const paxos::Watermark& a, const paxos::Watermark& b) {
  return a.batch != b.batch ? a.batch > b.batch : a.start > b.start;
}

}  // namespace

bool DiskMemory::note(ReplicaId replica, const paxos::Watermark& watermark) {
  if (watermark.none()) return false;
  auto [known, fresh] = known_.emplace(replica, watermark);
  if (fresh) return true;
  if (!later(watermark, known->second)) return false;

  known->second = watermark;
  return true;
}

bool DiskMemory::note(const std::vector<paxos::MemberWatermark>& members) {
  bool news = false;
  for (const paxos::MemberWatermark& member : members)
    news = note(member.replica, member.watermark) || news;
  return news;
}

paxos::Watermark DiskMemory::of(ReplicaId replica) const {
  const auto known = known_.find(replica);
  return known == known_.end() ? paxos::Watermark{} : known->second;
}

std::vector<paxos::MemberWatermark> DiskMemory::all() const {
  std::vector<paxos::MemberWatermark> members;
  members.reserve(known_.size());
  for (const auto& [replica, watermark] : known_) members.push_back({replica, watermark});
  return members;
}

void DiskMemory::bound(const std::vector<ReplicaId>& members) {
  if (known_.size() <= kRememberedMax) return;
  std::erase_if(known_, [&members](const auto& known) {
    return std::find(members.begin(), members.end(), known.first) == members.end();
  });
}

std::optional<std::string> lost_since(const paxos::Watermark& seen, const OwnDisk& own) {
  if (seen.none()) return std::nullopt;
  if (seen.start > own.now.start)
    return fmt::format("it was seen in its run {}, here it is in run {}", seen.start,
                       own.now.start);
  // This run goes on with higher numbers than any before, so what it wrote proves nothing about an
  // earlier one.
  const std::uint64_t last = seen.start < own.now.start ? own.found.batch : own.now.batch;
  if (seen.batch > last)
    return fmt::format("it was seen with batch {}, here batch {} was the last", seen.batch, last);

  const std::optional<Digest> digest = own.digest_of(seen.batch);
  if (digest && *digest != seen.digest)
    return fmt::format("its batch {} was seen with another content", seen.batch);
  return std::nullopt;
}

}  // namespace quorate::replicated_log
