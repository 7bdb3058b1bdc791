#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "master/base/time.h"
#include "master/ports/coordination.h"
#include "master/ports/event.h"

namespace quorate::election {

// A call that ZooKeeper refused for good.
struct Failure {
  CoordinationCode code = CoordinationCode::Other;
  std::string call;  // "create", "list", ...
  std::string path;
};

// Codes after which the same call may succeed later; for every other one it is pointless to go on.
bool retryable(CoordinationCode code);
// "node exists".
std::string_view to_text(CoordinationCode code);

// The one client handle that is alive, the calls on it, and what they prove about the session: when
// it was last known to be alive at the servers.
class Session {
 public:
  enum class Change { None, Connected, Disconnected, Expired, AuthFailed, Closed };

  // `coordination` outlives this.
  Session(Coordination& coordination, Duration asked_timeout);

  // Opens a new handle; an older one that still lives is closed.
  void open(Now now);
  // Ends the session at the servers. Change Closed (or Expired) follows.
  void close();

  // None for events of older handles.
  Change on(Now now, const SessionState& state);
  // Was this asked on the current handle? Notes the contact that an answer proves.
  bool on(const CoordinationReply& reply);
  bool on(const WatchFired& fired) const { return open_ && fired.handle == handle_; }

  CoordinationTicket add_auth(Now now);
  CoordinationTicket create(Now now, const std::string& path, const Bytes& data, CreateMode mode);
  CoordinationTicket get(Now now, const std::string& path, bool watch);
  CoordinationTicket exists(Now now, const std::string& path);
  CoordinationTicket children(Now now, const std::string& path, bool watch);
  CoordinationTicket remove(Now now, const std::string& path);

  bool is_open() const { return open_; }
  bool connected() const { return connected_; }
  std::int64_t id() const { return id_; }
  // The negotiated timeout; before it is known, the one that was asked for.
  Duration timeout() const { return timeout_; }

  // Until when a leader may lead: the sending of the last answered call, plus the timeout less a
  // tenth.
  MonoTime lease_end() const;
  // When a session that is cut off is to be given up without the servers' word; never() while
  // connected.
  MonoTime given_up_at() const;

 private:
  CoordinationTicket mint(Now now);
  void forget();

  Coordination& coordination_;
  const Duration asked_timeout_;
  SessionHandle handle_;
  CoordinationTicket last_ticket_;
  bool open_ = false;
  bool connected_ = false;
  std::int64_t id_ = 0;
  Duration timeout_;
  std::map<CoordinationTicket, MonoTime> asked_;  // calls not answered yet, and when they were sent
  std::optional<MonoTime> contact_;  // when the last call that a server answered was sent
  MonoTime heard_;                   // the later of that and of the last Connected, or of `open`
};

}  // namespace quorate::election
