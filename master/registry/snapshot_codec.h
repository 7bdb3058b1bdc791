#pragma once

#include <string_view>

#include "master/base/bytes.h"
#include "master/registry/decoded.h"
#include "master/registry/registry.h"

namespace quorate::registry {

// The whole registry, as docs/formats/registry-snapshot.md describes it. It is canonical: equal
// states have equal bytes, and so equal digests.
Bytes encode_snapshot(const Registry& registry);
// How many bytes that would be.
std::size_t snapshot_size_bytes(const Registry& registry);

// Accepts exactly what encode_snapshot() writes. Bytes may be hostile. They carry no checksum of
// their own: whoever stores or sends them guards them, and the log agrees on the state digest
// (protocol.md 16).
Decoded<Registry> decode_snapshot(std::string_view bytes);

}  // namespace quorate::registry
