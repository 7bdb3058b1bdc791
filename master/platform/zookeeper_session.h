#pragma once

#include <zookeeper/zookeeper.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "master/platform/event_loop.h"
#include "master/platform/zookeeper_coordination.h"
#include "master/ports/process.h"

namespace quorate::platform {

class ZookeeperSession;

// What the library hands back with the answer of one call. Lives until then, or until the session
// ends.
struct ZookeeperCall {
  ZookeeperSession* session = nullptr;
  CoordinationTicket ticket;
};

// Starts one asynchronous call of the library; returns ZOK or what is wrong.
using StartZookeeperCall = std::function<int(zhandle_t*, const ZookeeperCall*)>;

// One session and its handle of the library, inside ZookeeperCoordination. A thread of its own
// makes the handle (which resolves names) and closes it; the library's threads come in by the
// callbacks.
//
// Two locks: `handle_lock_` is held by the loop thread while it is inside the library, and by
// whoever retires the handle; callbacks never take it, because the library may hold locks of its
// own when it calls. `lock_` protects the rest, and the library is never called under it.
class ZookeeperSession {
 public:
  ZookeeperSession(EventLoop& loop, Process& process, const ZookeeperSettings& settings,
                   SessionHandle handle, Duration timeout);
  // Waits until the handle is closed.
  ~ZookeeperSession();
  ZookeeperSession(const ZookeeperSession&) = delete;
  ZookeeperSession& operator=(const ZookeeperSession&) = delete;

  // Asks something; the one reply is posted in the order of the calls.
  void call(CoordinationTicket ticket, const StartZookeeperCall& start);
  // Begins to close. Closed is posted when that is done, or by tell_closed().
  void close();
  // Posts Closed, once.
  void tell_closed();
  // The handle is closed: the destructor would not wait.
  bool ended();

  // Callbacks of the library.
  void on_session_event(zhandle_t* zh, int state);
  void on_watch(int type, const char* path);
  void settle(const ZookeeperCall* call, CoordinationReply reply);
  // The library will not come back with this call. (With the answer of add_auth it may: after a
  // reconnection it presents the credentials again. Those are kept until the session ends.)
  void forget(const ZookeeperCall* call);
  CoordinationReply reply_to(const ZookeeperCall* call, int result);

  static CoordinationReply refused(SessionHandle handle, CoordinationTicket ticket,
                                   CoordinationCode code);

 private:
  enum class Phase { Opening, Connected, Disconnected, Expired, AuthFailed, Closing };
  struct Pending {
    CoordinationTicket ticket;
    std::optional<CoordinationReply> reply;  // known, but an earlier call is still unanswered
  };

  void live();
  zhandle_t* make_handle();
  std::optional<CoordinationCode> refusal() const;
  void die(Phase phase, CoordinationCode pending_calls, SessionPhase told);
  void answer(CoordinationTicket ticket, CoordinationReply reply);
  void answer_all(CoordinationCode code);
  void post_answered();
  void post_state(SessionPhase phase, std::int64_t id = 0, Duration timeout = {});

  EventLoop& loop_;
  Process& process_;
  const ZookeeperSettings settings_;
  const SessionHandle handle_;
  const Duration timeout_;

  std::mutex handle_lock_;
  std::mutex lock_;
  std::condition_variable changed_;
  Phase phase_ = Phase::Opening;
  zhandle_t* zh_ = nullptr;
  bool end_wanted_ = false;
  bool ended_ = false;
  bool closed_told_ = false;
  std::deque<Pending> pending_;
  std::map<const ZookeeperCall*, std::unique_ptr<ZookeeperCall>> calls_;
  std::thread thread_;  // last: uses all of the above
};

}  // namespace quorate::platform
