#pragma once

#include <string_view>

#include "master/base/bytes.h"
#include "master/base/result.h"
#include "master/ports/event.h"

namespace quorate {

// The first byte of every encoded event. It changes when an event gets another field or kind.
inline constexpr std::uint8_t kEventCodecVersion = 1;

// Event <-> bytes, for recordings and for the hash of a simulated run: version, kind, fields in the
// order of event.h. One event has exactly one encoding.
Bytes encode_event(const Event& event);
// Appends the encoding to what the writer holds.
void encode_event(ByteWriter& out, const Event& event);
// Bytes may be hostile. An error names the version, the kind or the length that is wrong.
Result<Event> decode_event(std::string_view bytes);

// "Received", "SessionState", ...: for traces.
std::string_view event_name(const Event& event);

}  // namespace quorate
