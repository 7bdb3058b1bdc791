#include "sim/state_digest.h"

#include <algorithm>
#include <array>
#include <utility>

#include "master/base/bytes.h"
#include "master/base/checksum.h"

namespace quorate::sim {
namespace {

// 0, 1, 2 to 3, 4 to 15, more.
std::uint8_t class_of(std::uint64_t count) {
  if (count < 2) return static_cast<std::uint8_t>(count);
  if (count < 4) return 2;
  return count < 16 ? 3 : 4;
}

using Promise = std::pair<std::uint64_t, ReplicaId>;
struct Seen {
  const Host* host;
  Glance glance;
  Promise promise() const { return {glance.promised_round, glance.promised_to}; }
};

enum class Leads : std::uint8_t { Nobody, Itself, Another };

Bytes digest_of(const Seen& seen, std::uint64_t most_learned, std::uint8_t promise_rank) {
  const Glance& glance = seen.glance;
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(seen.host->state()));
  for (bool each : {glance.connected, glance.contending, glance.elected, glance.recovered,
                    glance.opened, glance.established, glance.contradictions > 0,
                    glance.snapshot_bytes > 0, glance.reads_waiting > 0})
    out.u8(each ? 1 : 0);
  const std::string own = to_text(SocketAddress{seen.host->spec().ip, seen.host->spec().port});
  const Leads leads = glance.leader.empty()  ? Leads::Nobody
                      : glance.leader == own ? Leads::Itself
                                             : Leads::Another;
  out.u8(static_cast<std::uint8_t>(leads));
  out.sized(glance.status);
  out.u8(promise_rank);
  out.u8(class_of(most_learned - glance.learned));
  out.u8(class_of(glance.end - glance.learned));
  out.u8(class_of(glance.writes_waiting));
  out.u8(class_of(glance.ensemble_size));
  return out.take();
}

}  // namespace

std::uint64_t state_digest(const std::vector<std::unique_ptr<Host>>& hosts) {
  std::vector<Seen> seen;
  std::uint64_t most_learned = 0;
  for (const std::unique_ptr<Host>& host : hosts) {
    seen.push_back({host.get(), host->node() != nullptr ? host->node()->glance() : Glance{}});
    most_learned = std::max(most_learned, seen.back().glance.learned);
  }
  std::vector<Bytes> parts;
  for (const Seen& each : seen) {
    const auto higher = std::count_if(seen.begin(), seen.end(), [&](const Seen& other) {
      return other.promise() > each.promise();
    });
    parts.push_back(digest_of(each, most_learned, static_cast<std::uint8_t>(higher)));
  }
  std::sort(parts.begin(), parts.end());
  ByteWriter all;
  for (const Bytes& part : parts) all.sized(part);
  return xxh3_64(all.bytes());
}

}  // namespace quorate::sim
