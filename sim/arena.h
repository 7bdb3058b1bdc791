#pragma once

namespace quorate::sim {

// From now on operator new of this program takes small pieces from lists of free pieces of equal
// size, and operator delete puts them back: a simulation is one thread that allocates all the time,
// and spends a sixth of its time in malloc otherwise. Memory that was taken is kept.
//
// Not done in builds with sanitizers, nor when MALLOC_PERTURB_ is set: then malloc is to fill
// memory, so that what was not initialised shows (ci/scenarios runs every seed without and with
// it).
void use_arena();

}  // namespace quorate::sim
