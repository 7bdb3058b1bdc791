#pragma once

#include "master/base/address.h"
#include "master/base/bytes.h"
#include "master/ports/ids.h"

namespace quorate {

// TCP byte streams: HTTP, libprocess messages and master-to-master frames, all on the one port.
// Everything above bytes is in the rooms. No call ever calls back; answers are later events.
class Network {
 public:
  virtual ~Network() = default;

  // Accepts connections at `address` (port 0: a free one) from now on. Answered by Listening. Asked
  // once. Accepted connections appear as Opened with an id of the network's own (is_accepted(id)).
  virtual void listen(SocketAddress address) = 0;
  // Dials. Answered by Opened or Refused, in bounded time (the port's own connect time-out, 5 s).
  virtual void connect(ConnectionId id, SocketAddress address) = 0;
  // Queues bytes, in order. There is no bound here: whoever writes watches the queue by Writable.
  // Writes on a closed or unknown connection are dropped.
  virtual void write(ConnectionId id, Bytes bytes) = 0;
  // Ends a connection. With `flush`, what was written before still leaves (for at most 5 s);
  // without, the connection is reset and what is queued is lost. No Closed is reported for it; no
  // event of this connection follows.
  virtual void close(ConnectionId id, bool flush) = 0;
  // Back-pressure: while receiving is off, no Received is delivered and the sender is made to wait.
  virtual void receive(ConnectionId id, bool on) = 0;
};

}  // namespace quorate
