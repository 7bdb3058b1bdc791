#pragma once

#include "master/registry/entry.h"
#include "master/registry/registry.h"

namespace quorate::registry {

enum class Effect {
  Applied,    // the registry is now what the entry decided
  Repeated,   // its operation was applied before; nothing changed
  Unfitting,  // it does not fit this state; nothing changed
};

// Applies an entry to the registry, wholly or not at all.
//
// Why this is safe when leaders change: an entry is validated by its leader against the state that
// all entries before it leave behind. The log compares the chain value that the entry assumed of
// its predecessor with the real one, on every replica alike, and does not release an entry whose
// predecessor differs (protocol.md 6); once one such entry is withheld, the later ones of the same
// leader carry wrong chain values too and are withheld as well. So an entry that arrives here meets
// the very state that it was validated against, and Unfitting never happens in a correct log.
//
// It is defined all the same, for every well-formed entry on every registry, because replicas must
// stay equal even where a leader was wrong:
// * the result depends on the registry and the entry alone: no clock, no chance, no configuration;
// * an entry that does not fit changes nothing and its operation is not remembered, so that a later
//   retry of it can still be applied;
// * what each kind asks of the state (below) is part of the format. A change needs a new entry
// version.
//
// ScheduleDecided fits if exactly the machines that are DOWN now are DOWN in the plan (so no entry
// can lose a DOWN machine); MachinesWentDown if all its machines are DRAINING; MachinesCameUp if
// all are DOWN.
//
// The caller guarantees a well-formed entry: one that decode_entry() gave or validate() made.
Effect fold(Registry& registry, const Entry& entry);

}  // namespace quorate::registry
