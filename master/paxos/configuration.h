#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/paxos/types.h"

namespace quorate::paxos {

// A replica that votes, and where it was found last. The address ("host:port") is a hint: who
// answers there proves its identity in the handshake (protocol.md 25). At most kAddressBytesMax.
struct Member {
  ReplicaId replica;
  std::string address;

  bool operator==(const Member&) const = default;
};
inline constexpr std::size_t kAddressBytesMax = 280;
inline constexpr std::size_t kMembersMax = 99;
inline constexpr std::size_t kRetiredMax = 64;

// Who votes: the value of a Configuration entry, and part of Genesis in an ensemble that is
// recorded. The one chosen at p governs every position above p, until the next one (protocol.md
// 20).
struct Configuration {
  // 1 for the founders; each change raises it by one.
  std::uint64_t epoch = 0;
  std::vector<Member> members;  // by replica id, each once
  // Ids that were members once, so that whoever still runs under one is told why it is refused: the
  // latest kRetiredMax, oldest first. Correctness leans on `members` alone.
  std::vector<ReplicaId> retired;
  // Of the request that asked for this change, so that it is carried out once; 0: nobody's.
  std::uint64_t wish = 0;

  bool operator==(const Configuration&) const = default;

  // floor(n/2) + 1 of the members (protocol.md 26).
  std::uint32_t quorum() const;
  const Member* find(ReplicaId replica) const;
  bool contains(ReplicaId replica) const { return find(replica) != nullptr; }
  // Ascending.
  std::vector<ReplicaId> replicas() const;
};

using MaybeConfiguration = std::optional<Configuration>;

// What must hold of every configuration; a sentence about what does not, or nothing. 1 to
// kMembersMax members, known ids, each once, ascending; nobody both a member and retired.
std::optional<std::string> broken(const Configuration& configuration);

// The one that follows `before` with these members (in any order): who is not in it any more is
// retired.
Configuration successor(const Configuration& before, std::vector<Member> members,
                        std::uint64_t wish);

// docs/formats/paxos-message.md. The same configuration has one encoding.
Bytes encode(const Configuration& configuration);
// Nothing: not exactly one configuration that is not broken.
MaybeConfiguration decode_configuration(std::string_view bytes);

// Of a snapshot; nothing: it has none.
MaybeConfiguration configuration_of(const SnapshotInfo& info);

// A change proposed above the chain value `assumed_chain` (protocol.md 21).
Entry configuration_entry(const Configuration& configuration, const Digest& assumed_chain);

}  // namespace quorate::paxos
