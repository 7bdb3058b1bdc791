#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "faults/schedule.h"

namespace quorate::faults {

// What the guarantee speaks of: "no acknowledged append is lost while a quorum's worth of undamaged
// logs exists." Of n = 2q - 1 replicas q - 1 may lose their votes in one phase, however often and
// by whatever fault; everything that costs nothing may befall all of them at any time.
//
// A replica that loses what it acknowledged and cannot know it (Cost::OldReplica) is recognised by
// its peers only. They must be there when it comes back (protocol.md 12, 19): a phase with such a
// fault holds faults of the replicas that are lost in it, and before the first of those goes down
// cuts and losses of messages between replicas, all of them undone by then; cuts among the others,
// for as long as they like; nothing else.
//
// The reason why a phase is beyond that; none: it is within the budget.
std::optional<std::string> over_budget(const Phase& phase, std::uint32_t replicas);
std::optional<std::string> over_budget(const Schedule& schedule, std::uint32_t replicas);

}  // namespace quorate::faults
