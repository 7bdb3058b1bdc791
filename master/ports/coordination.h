#pragma once

#include <cstdint>
#include <string>

#include "master/base/bytes.h"
#include "master/base/time.h"
#include "master/ports/ids.h"

namespace quorate {

// What a call to ZooKeeper came to.
enum class CoordinationCode : std::uint8_t {
  Ok,
  NoNode,
  NodeExists,
  BadVersion,
  NotEmpty,
  NoAuth,
  AuthFailed,
  InvalidAcl,
  NoChildrenForEphemerals,
  BadArguments,
  ConnectionLoss,    // the effect is unknown: it may still happen, or have happened
  OperationTimeout,  // as ConnectionLoss
  SessionExpired,    // this handle is dead; a new `open` is needed
  Closing,           // asked on a handle that was closed or never opened
  Other,
};

// Who may do what with a created node.
enum class CoordinationAcl : std::uint8_t {
  Open,        // everybody everything
  CreatorAll,  // everybody reads, the creator everything (Mesos with credentials)
};

struct CreateMode {
  bool ephemeral = false;   // vanishes with the session
  bool sequential = false;  // ten digits are appended to the path by the server
  CoordinationAcl acl = CoordinationAcl::Open;
};

// A ZooKeeper client: sessions, nodes, one-shot watches. Servers and credentials are the port's own
// and never reach the core. Retry, group and election logic is not here but in master/election.
//
// Calls on one handle are answered in order, each by one CoordinationReply. Disconnected is not
// expired: while disconnected, calls are answered ConnectionLoss, and the client keeps trying.
class Coordination {
 public:
  virtual ~Coordination() = default;

  // Starts a client that asks for this session timeout. Answered by SessionState events, as they
  // come.
  virtual void open(SessionHandle handle, Duration session_timeout) = 0;
  // Presents the credentials of the port's configuration (digest).
  virtual void add_auth(SessionHandle handle, CoordinationTicket ticket) = 0;
  // Ends the session at the server, so that its ephemeral nodes vanish at once. Answered by
  // SessionState Closed when the server has confirmed or after at most 2 s without it.
  virtual void close(SessionHandle handle) = 0;

  // The reply's `path` is the path really created (with the sequence number).
  virtual void create(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
                      const Bytes& data, CreateMode mode) = 0;
  // `watch`: one WatchFired when the node changes or vanishes (get), appears, changes or vanishes
  // (exists), or its list of children changes (children).
  virtual void get(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
                   bool watch) = 0;
  virtual void exists(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
                      bool watch) = 0;
  virtual void children(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
                        bool watch) = 0;
  // version -1: whatever version it has.
  virtual void set(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
                   const Bytes& data, std::int32_t version) = 0;
  virtual void remove(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
                      std::int32_t version) = 0;
};

}  // namespace quorate
