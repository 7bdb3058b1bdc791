#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "master/base/address.h"
#include "master/base/bytes.h"
#include "master/base/time.h"
#include "master/ports/coordination.h"
#include "master/ports/ids.h"

// Everything that can happen to a master, as plain values. Master::handle(now, event) is the only
// way in. Values are copyable and comparable, carry nothing that points into a process, and have a
// codec (event_codec.h) with which they are recorded and replayed.

namespace quorate {

// Clock.
struct Woken {
  bool operator==(const Woken&) const = default;
};

// Network.
struct Listening {
  SocketAddress bound;
  std::optional<std::string> error;  // set: not listening, and why
  bool operator==(const Listening&) const = default;
};
struct Opened {
  ConnectionId connection;
  SocketAddress peer;
  bool operator==(const Opened&) const = default;
};
struct Refused {
  ConnectionId connection;
  std::string why;
  bool operator==(const Refused&) const = default;
};
struct Received {
  ConnectionId connection;
  Bytes bytes;
  bool operator==(const Received&) const = default;
};
// The queue of a connection, which had held more than 64 KiB, holds less than that again.
struct Writable {
  ConnectionId connection;
  bool operator==(const Writable&) const = default;
};
// The other side ended the connection or it broke; the id is dead. Nothing queued will leave.
struct Closed {
  ConnectionId connection;
  std::string why;
  bool operator==(const Closed&) const = default;
};

// Resolver.
struct Resolved {
  ResolveTicket ticket;
  std::vector<Ipv4> addresses;       // of resolve
  std::string name;                  // of reverse and own_name
  std::optional<std::string> error;  // set: neither
  bool operator==(const Resolved&) const = default;
};

// Disk.
enum class DiskErrorKind : std::uint8_t { Io, Full, Locked, Missing, Other };
struct DiskError {
  DiskErrorKind kind = DiskErrorKind::Other;
  std::string text;  // names the call, the file and the errno
  bool operator==(const DiskError&) const = default;
};
struct DiskFile {
  std::string name;
  std::uint64_t size_bytes = 0;
  bool operator==(const DiskFile&) const = default;
};
struct Listed {
  DiskTicket ticket;
  std::vector<DiskFile> files;  // by name
  std::optional<DiskError> error;
  bool operator==(const Listed&) const = default;
};
struct ReadDone {
  DiskTicket ticket;
  Bytes bytes;
  std::optional<DiskError> error;
  bool operator==(const ReadDone&) const = default;
};
struct Synced {
  DiskTicket ticket;
  std::optional<DiskError> error;
  bool operator==(const Synced&) const = default;
};

// Files.
struct FileRead {
  FileTicket ticket;
  Bytes bytes;
  std::uint64_t file_size_bytes = 0;
  std::optional<std::string> error;
  bool operator==(const FileRead&) const = default;
};
struct FileChanged {
  std::string path;
  bool operator==(const FileChanged&) const = default;
};

// Coordination.
struct CoordinationReply {
  SessionHandle handle;
  CoordinationTicket ticket;
  CoordinationCode code = CoordinationCode::Other;
  std::string path;                   // create
  Bytes data;                         // get
  std::int32_t version = 0;           // get, exists, set
  std::int64_t ephemeral_owner = 0;   // get, exists: the owning session, 0 for persistent nodes
  std::vector<std::string> children;  // children: names without path, sorted
  bool operator==(const CoordinationReply&) const = default;
};
enum class WatchKind : std::uint8_t { Created, Deleted, DataChanged, ChildrenChanged };
struct WatchFired {
  SessionHandle handle;
  WatchKind kind = WatchKind::DataChanged;
  std::string path;
  bool operator==(const WatchFired&) const = default;
};
enum class SessionPhase : std::uint8_t {
  Connected,     // the session is alive; session_id and timeout are the server's
  Disconnected,  // the connection is lost; the session may live on at the servers
  Expired,       // the servers ended the session; the handle is dead
  AuthFailed,    // the handle is dead
  Closed,        // our own close is done; the handle is dead
};
struct SessionState {
  SessionHandle handle;
  SessionPhase phase = SessionPhase::Disconnected;
  std::int64_t session_id = 0;
  Duration negotiated_timeout;
  bool operator==(const SessionState&) const = default;
};

// Process.
struct StopRequested {  // SIGTERM or SIGINT
  bool operator==(const StopRequested&) const = default;
};
struct Reload {  // SIGHUP
  bool operator==(const Reload&) const = default;
};
struct HostStats {
  double load_1min = 0, load_5min = 0, load_15min = 0;
  std::uint32_t cpus = 0;
  std::uint64_t memory_total_bytes = 0, memory_free_bytes = 0;
  bool operator==(const HostStats&) const = default;
};
struct Verified {
  VerifyTicket ticket;
  bool ok = false;
  bool operator==(const Verified&) const = default;
};

using Event = std::variant<Woken, Listening, Opened, Refused, Received, Writable, Closed, Resolved,
                           Listed, ReadDone, Synced, FileRead, FileChanged, CoordinationReply,
                           WatchFired, SessionState, StopRequested, Reload, HostStats, Verified>;

}  // namespace quorate
