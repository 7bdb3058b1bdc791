#pragma once

#include <string>
#include <vector>

#include "master/ensemble/view.h"

namespace quorate::ensemble {

// A change that somebody's flags, or an empty disk in a lost member's place, wish for (protocol.md
// 26 to 28). Whether its members are sound enough is not judged here.
struct Plan {
  std::vector<paxos::Member> members;
  std::string why;
  // What it still waits for, as a sentence: somebody who is not here, or announces something else.
  // Empty: nothing.
  std::string obstacle;
  // Who is alive of those it is about wishes for it: the newcomers in it may begin to learn.
  bool agreed = false;

  bool contains(ReplicaId replica) const;
};

// Empty disks in the places of lost members, one plan each.
std::vector<Plan> replacement_plans(const EnsembleView& view);

// What is wished for by flags: each different wish that a living member or eligible newcomer
// announces and that would change the members.
std::vector<Plan> wish_plans(const EnsembleView& view);

}  // namespace quorate::ensemble
