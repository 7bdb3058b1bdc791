#pragma once

#include "master/base/result.h"
#include "master/registry/entry.h"
#include "master/registry/operation.h"
#include "master/registry/registry.h"

namespace quorate::registry {

// Judges an operation against a state and decides the values of its entry; by the rules of
// facts/mesos-http.md 6.3. A negative start is accepted, as there. The error is a sentence for the
// operator; it shows the machine as JSON and says what would be accepted.
//
// fold() of the entry on the same state gives Effect::Applied, unless the operation is known to it.
Result<Entry> validate(const Registry& registry, const Operation& operation);

}  // namespace quorate::registry
