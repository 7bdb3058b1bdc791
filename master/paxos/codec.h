#pragma once

#include "master/base/result.h"
#include "master/paxos/messages.h"

namespace quorate::paxos {

// The format of a message on the wire (docs/formats/paxos-message.md): u16 version, header, u8 kind,
// fields, all little-endian. Versions other than kMessageVersion are refused with both numbers.
inline constexpr std::uint16_t kMessageVersion = 1;

struct Framed {
  Header header;
  Message message;
  bool operator==(const Framed&) const = default;
};

Bytes encode(const Header& header, const Message& message);
// Bytes from a peer: anything that is not exactly one message is an error, never an abort.
Result<Framed> decode(std::string_view bytes);

// Shared with the log's storage and entry formats.
void put(ByteWriter& out, const Entry& entry);
Entry get_entry(ByteReader& in);
void put(ByteWriter& out, const Slot& slot);
Slot get_slot(ByteReader& in);
void put(ByteWriter& out, const Ballot& ballot);
Ballot get_ballot(ByteReader& in);
void put(ByteWriter& out, const Digest& digest);
Digest get_digest(ByteReader& in);

}  // namespace quorate::paxos
