#pragma once

#include <optional>
#include <string>
#include <vector>

#include "master/ensemble/birth.h"

// Who would found an ensemble, and whether they agree: the inner part of birth (protocol.md 31).

namespace quorate::ensemble {

// The group without what cannot be a master, and without ghosts: of two nodes with one replica id
// or one address the newer one counts (the older belongs to a run that ended, and goes with its
// session).
std::vector<GroupMember> without_ghosts(const std::vector<GroupMember>& group);

struct FounderChoice {
  std::vector<GroupMember> founders;  // in the group's order
  // Who or how many are still missing, as a sentence; empty: complete.
  std::string missing;

  bool complete() const { return missing.empty(); }
  bool contains(ReplicaId replica) const;
  std::vector<ReplicaId> ids() const;  // ascending
  // Ascending by replica id.
  std::vector<paxos::Member> members() const;
};

// The listed masters, or the first 2N - 1 of the group; those of `intent`, if all of them are here
// and they are as many as wished for: so who comes later does not disturb a birth under way.
// The flags wish for something.
FounderChoice choose_founders(const Flags& flags, const std::vector<GroupMember>& group,
                              const BirthIntent* intent);

// Why the chosen ones cannot act yet: missing, holding a log, or announcing another list. `joined`:
// a log of this ensemble is no obstacle. `own` announces what was chosen.
std::optional<std::string> obstacle_to_founding(const FounderChoice& choice, ReplicaId own,
                                                EnsembleId joined);

// Why the intent may not be replaced: a founder of it that may still hold votes for it.
std::optional<std::string> obstacle_to_replacing(const BirthIntent& intent, const Flags& flags,
                                                 const std::vector<GroupMember>& group);

// "10.0.0.1:5050 (replica 00000000000000a1)" and lists of such.
std::string name_of(ReplicaId replica, const std::string& address);
std::string names_of(const std::vector<paxos::Member>& members);

}  // namespace quorate::ensemble
