#pragma once

#include "master/base/strong.h"

namespace quorate {

// Numbers by which a port's later event is matched with what was asked. All but accepted
// connections are minted by the master, strictly increasing within one incarnation, never reused.
using DiskTicket = Strong<struct DiskTicketTag>;
using ResolveTicket = Strong<struct ResolveTicketTag>;
using FileTicket = Strong<struct FileTicketTag>;
using CoordinationTicket = Strong<struct CoordinationTicketTag>;
// One ZooKeeper client handle, that is one session from `open` to `close` or expiry.
using SessionHandle = Strong<struct SessionHandleTag>;
using VerifyTicket = Strong<struct VerifyTicketTag>;

// One TCP connection. Those that the master dials are minted by it, from 1 up; those that it
// accepts are minted by the network, with the highest bit set.
using ConnectionId = Strong<struct ConnectionIdTag>;
inline constexpr std::uint64_t kAcceptedConnectionBit = std::uint64_t{1} << 63;
constexpr bool is_accepted(ConnectionId id) { return (id.value & kAcceptedConnectionBit) != 0; }

}  // namespace quorate
