#pragma once

#include <string_view>

#include "master/base/bytes.h"
#include "master/registry/decoded.h"
#include "master/registry/entry.h"

namespace quorate::registry {

// The payload of a log entry, as docs/formats/registry-entry.md describes it. The caller guarantees
// a well-formed entry.
Bytes encode_entry(const Entry& entry);

// Accepts exactly what encode_entry() writes: bytes that decode to an entry are its only encoding.
// The entry is well formed. Bytes may be hostile; the cost is linear (n log n) in their number.
Decoded<Entry> decode_entry(std::string_view bytes);

}  // namespace quorate::registry
