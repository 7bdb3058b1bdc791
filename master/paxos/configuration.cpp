#include "master/paxos/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/paxos/quorum.h"

namespace quorate::paxos {
namespace {

bool by_replica(const Member& a, const Member& b) { return a.replica < b.replica; }

}  // namespace

std::uint32_t Configuration::quorum() const {
  return majority_of(static_cast<std::uint32_t>(members.size()));
}

const Member* Configuration::find(ReplicaId replica) const {
  const auto at = std::lower_bound(members.begin(), members.end(), Member{replica, {}}, by_replica);
  return at != members.end() && at->replica == replica ? &*at : nullptr;
}

std::vector<ReplicaId> Configuration::replicas() const {
  std::vector<ReplicaId> all;
  for (const Member& member : members) all.push_back(member.replica);
  return all;
}

std::optional<std::string> broken(const Configuration& configuration) {
  const std::vector<Member>& members = configuration.members;
  if (configuration.epoch == 0) return "its epoch is 0";
  if (members.empty()) return "it has no members";
  if (members.size() > kMembersMax)
    return fmt::format("it has {} members; {} is the most", members.size(), kMembersMax);
  if (configuration.retired.size() > kRetiredMax) return "it names too many retired replicas";
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i].replica == ReplicaId{}) return "a member has no id";
    if (i > 0 && !by_replica(members[i - 1], members[i]))
      return fmt::format("replica {} is out of order, or in it twice", to_text(members[i].replica));
    if (members[i].address.size() > kAddressBytesMax) return "an address is too long";
  }
  for (ReplicaId retired : configuration.retired)
    if (configuration.contains(retired))
      return fmt::format("replica {} is a member and retired", to_text(retired));
  return {};
}

Configuration successor(const Configuration& before, std::vector<Member> members,
                        std::uint64_t wish) {
  std::sort(members.begin(), members.end(), by_replica);
  Configuration after{before.epoch + 1, std::move(members), before.retired, wish};
  for (const Member& member : before.members)
    if (!after.contains(member.replica)) after.retired.push_back(member.replica);
  if (after.retired.size() > kRetiredMax)
    after.retired.erase(after.retired.begin(),
                        after.retired.end() - static_cast<std::ptrdiff_t>(kRetiredMax));
  return after;
}

Bytes encode(const Configuration& configuration) {
  ByteWriter out;
  out.u64(configuration.epoch);
  out.u64(configuration.wish);
  out.u16(static_cast<std::uint16_t>(configuration.members.size()));
  for (const Member& member : configuration.members) {
    out.u64(member.replica.value);
    out.sized(member.address);
  }
  out.u16(static_cast<std::uint16_t>(configuration.retired.size()));
  for (ReplicaId retired : configuration.retired) out.u64(retired.value);
  return out.take();
}

MaybeConfiguration decode_configuration(std::string_view bytes) {
  ByteReader in(bytes);
  Configuration read;
  read.epoch = in.u64();
  read.wish = in.u64();
  const std::size_t members = in.u16();
  for (std::size_t i = 0; i < members && !in.failed(); ++i) {
    const ReplicaId replica{in.u64()};
    read.members.push_back({replica, std::string(in.sized())});
  }
  const std::size_t retired = in.u16();
  for (std::size_t i = 0; i < retired && !in.failed(); ++i)
    read.retired.push_back(ReplicaId{in.u64()});
  if (!in.done() || broken(read)) return {};
  return read;
}

MaybeConfiguration configuration_of(const SnapshotInfo& info) {
  return decode_configuration(info.configuration);
}

Entry configuration_entry(const Configuration& configuration, const Digest& assumed_chain) {
  return {EntryKind::Configuration, assumed_chain, SharedBytes(encode(configuration))};
}

}  // namespace quorate::paxos
