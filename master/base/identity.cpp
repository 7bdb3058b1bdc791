#include "master/base/identity.h"

#include "master/base/bytes.h"

namespace quorate {

std::string to_text(ReplicaId id) { return hex(id.value); }

std::string to_text(const EnsembleId& id) { return hex(id.high) + hex(id.low); }

}  // namespace quorate
