#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "master/ensemble/view.h"

// What an operator asks of the leader explicitly (quorate-log add, remove, replace, set-quorum).

namespace quorate::ensemble {

// Each name is an address, or a replica id of 16 hexadecimal digits.
struct AddMembers {
  std::vector<std::string> who;
};
struct RemoveMembers {
  std::vector<std::string> who;
};
struct ReplaceMember {
  std::string old;
  std::string with;
};
struct SetQuorum {
  std::int64_t quorum = 0;
};
struct Request {
  std::uint64_t wish = 0;  // not 0; the same for a repeated request, so that it is done once
  std::variant<AddMembers, RemoveMembers, ReplaceMember, SetQuorum> what;
};
std::string to_text(const Request& request);

// What it comes to for this ensemble.
struct RequestPlan {
  std::vector<paxos::Member> members;
  // Why it cannot be, and the safe steps for this very ensemble. Empty: it can.
  std::string refused;

  bool contains(ReplicaId replica) const;
};
RequestPlan plan_of(const EnsembleView& view, const Request& request);

}  // namespace quorate::ensemble
