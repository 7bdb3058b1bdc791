#include "master/platform/zookeeper_session.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "master/platform/zookeeper_log.h"

namespace quorate::platform {

namespace {

constexpr int kNameResolutionDelayMs = 10'000;
constexpr int kInitFailuresPerLine = 10;

CoordinationCode code_of(int result) {
  switch (result) {
    case ZOK: return CoordinationCode::Ok;
    case ZNONODE: return CoordinationCode::NoNode;
    case ZNODEEXISTS: return CoordinationCode::NodeExists;
    case ZBADVERSION: return CoordinationCode::BadVersion;
    case ZNOTEMPTY: return CoordinationCode::NotEmpty;
    case ZNOAUTH: return CoordinationCode::NoAuth;
    case ZAUTHFAILED: return CoordinationCode::AuthFailed;
    case ZINVALIDACL: return CoordinationCode::InvalidAcl;
    case ZNOCHILDRENFOREPHEMERALS: return CoordinationCode::NoChildrenForEphemerals;
    case ZBADARGUMENTS: return CoordinationCode::BadArguments;
    case ZCONNECTIONLOSS:
    case ZSESSIONMOVED: return CoordinationCode::ConnectionLoss;
    case ZOPERATIONTIMEOUT: return CoordinationCode::OperationTimeout;
    case ZSESSIONEXPIRED: return CoordinationCode::SessionExpired;
    case ZCLOSING: return CoordinationCode::Closing;
    default: return CoordinationCode::Other;
  }
}

void watcher(zhandle_t* zh, int type, int state, const char* path, void* context) {
  auto* session = static_cast<ZookeeperSession*>(context);
  if (type == ZOO_SESSION_EVENT) return session->on_session_event(zh, state);
  session->on_watch(type, path);
}

std::optional<WatchKind> kind_of(int type) {
  if (type == ZOO_CREATED_EVENT) return WatchKind::Created;
  if (type == ZOO_DELETED_EVENT) return WatchKind::Deleted;
  if (type == ZOO_CHANGED_EVENT) return WatchKind::DataChanged;
  if (type == ZOO_CHILD_EVENT) return WatchKind::ChildrenChanged;
  return {};
}

}  // namespace

ZookeeperSession::ZookeeperSession(EventLoop& loop, Process& process,
                                   const ZookeeperSettings& settings, SessionHandle handle,
                                   Duration timeout)
    : loop_(loop), process_(process), settings_(settings), handle_(handle), timeout_(timeout) {
  thread_ = std::thread([this] { live(); });
}

ZookeeperSession::~ZookeeperSession() {
  {
    std::lock_guard lock(lock_);
    closed_told_ = true;  // nobody listens any more
    phase_ = Phase::Closing;
    end_wanted_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

// The thread of the session: makes the handle, waits for the end, closes it.
void ZookeeperSession::live() {
  zhandle_t* zh = make_handle();
  {
    std::unique_lock lock(lock_);
    changed_.wait(lock, [this] { return end_wanted_; });
  }
  {
    // The loop thread is outside the library now, and stays there: the phase refuses all calls.
    std::lock_guard retire(handle_lock_);
  }
  // Tells the server, if it is connected, and waits for the library's threads, so that no callback
  // comes after it.
  if (zh != nullptr) zookeeper_close(zh);
  bool asked = false;
  {
    std::lock_guard lock(lock_);
    zh_ = nullptr;
    ended_ = true;
    asked = phase_ == Phase::Closing;
  }
  if (asked) tell_closed();
}

// Tries until it succeeds or the session is to end.
zhandle_t* ZookeeperSession::make_handle() {
  for (int failures = 0;; ++failures) {
    zhandle_t* zh = zookeeper_init2(settings_.servers.c_str(), watcher,
                                    static_cast<int>(timeout_.whole_milliseconds()), nullptr, this,
                                    ZOO_NO_LOG_CLIENTENV, log_zookeeper_line);
    int error = errno;
    if (zh != nullptr) zoo_set_servers_resolution_delay(zh, kNameResolutionDelayMs);
    if (zh == nullptr && failures % kInitFailuresPerLine == 0) {
      process_.log(LogLevel::Warning, "zookeeper: cannot use the servers '" + settings_.servers +
                                          "': " + std::strerror(error) +
                                          "; do their names resolve? Trying again every second");
    }
    std::unique_lock lock(lock_);
    if (zh != nullptr) zh_ = zh;
    if (zh != nullptr || end_wanted_) return zh;
    changed_.wait_for(lock, std::chrono::seconds(1), [this] { return end_wanted_; });
    if (end_wanted_) return nullptr;
  }
}

std::optional<CoordinationCode> ZookeeperSession::refusal() const {
  switch (phase_) {
    case Phase::Connected: return {};
    case Phase::Opening:
    case Phase::Disconnected: return CoordinationCode::ConnectionLoss;
    case Phase::Expired: return CoordinationCode::SessionExpired;
    case Phase::AuthFailed: return CoordinationCode::AuthFailed;
    case Phase::Closing: return CoordinationCode::Closing;
  }
  return CoordinationCode::Other;
}

CoordinationReply ZookeeperSession::refused(SessionHandle handle, CoordinationTicket ticket,
                                            CoordinationCode code) {
  CoordinationReply reply;
  reply.handle = handle;
  reply.ticket = ticket;
  reply.code = code;
  return reply;
}

void ZookeeperSession::call(CoordinationTicket ticket, const StartZookeeperCall& start) {
  std::lock_guard in_library(handle_lock_);
  const ZookeeperCall* call = nullptr;
  zhandle_t* zh = nullptr;
  {
    std::lock_guard lock(lock_);
    pending_.push_back({ticket, {}});
    if (auto code = refusal()) return answer(ticket, refused(handle_, ticket, *code));
    auto made = std::make_unique<ZookeeperCall>(ZookeeperCall{this, ticket});
    call = made.get();
    zh = zh_;
    calls_.emplace(call, std::move(made));
  }
  int result = start(zh, call);
  if (result == ZOK) return;
  std::lock_guard lock(lock_);
  calls_.erase(call);
  // The state of the handle changed under us; its event is on the way.
  CoordinationCode code = code_of(result);
  if (result == ZINVALIDSTATE) code = refusal().value_or(CoordinationCode::ConnectionLoss);
  answer(ticket, refused(handle_, ticket, code));
}

void ZookeeperSession::close() {
  bool dead = false;
  {
    std::lock_guard lock(lock_);
    if (phase_ == Phase::Closing) return;
    dead = phase_ == Phase::Expired || phase_ == Phase::AuthFailed;
    answer_all(CoordinationCode::Closing);
    phase_ = Phase::Closing;
    end_wanted_ = true;
  }
  changed_.notify_all();
  if (dead) tell_closed();
}

void ZookeeperSession::tell_closed() {
  std::lock_guard lock(lock_);
  if (!std::exchange(closed_told_, true)) post_state(SessionPhase::Closed);
}

bool ZookeeperSession::ended() {
  std::lock_guard lock(lock_);
  return ended_;
}

void ZookeeperSession::on_session_event(zhandle_t* zh, int state) {
  std::lock_guard lock(lock_);
  bool alive =
      phase_ == Phase::Opening || phase_ == Phase::Connected || phase_ == Phase::Disconnected;
  if (!alive) return;
  if (state == ZOO_EXPIRED_SESSION_STATE) {
    return die(Phase::Expired, CoordinationCode::SessionExpired, SessionPhase::Expired);
  }
  if (state == ZOO_AUTH_FAILED_STATE) {
    return die(Phase::AuthFailed, CoordinationCode::AuthFailed, SessionPhase::AuthFailed);
  }
  if (state == ZOO_CONNECTED_STATE) {
    if (phase_ == Phase::Connected) return;
    phase_ = Phase::Connected;
    zh_ = zh;  // this event may come before zookeeper_init2 has returned
    post_state(SessionPhase::Connected, zoo_client_id(zh)->client_id,
               Duration::milliseconds(zoo_recv_timeout(zh)));
  } else if (phase_ == Phase::Connected) {
    phase_ = Phase::Disconnected;
    post_state(SessionPhase::Disconnected);
  }
}

void ZookeeperSession::die(Phase phase, CoordinationCode pending_calls, SessionPhase told) {
  answer_all(pending_calls);
  phase_ = phase;
  post_state(told);
  end_wanted_ = true;
  changed_.notify_all();
}

void ZookeeperSession::on_watch(int type, const char* path) {
  auto kind = kind_of(type);
  std::lock_guard lock(lock_);
  if (!kind || path == nullptr || phase_ == Phase::Closing) return;
  loop_.post(WatchFired{handle_, *kind, path});
}

CoordinationReply ZookeeperSession::reply_to(const ZookeeperCall* call, int result) {
  return refused(handle_, call->ticket, code_of(result));
}

void ZookeeperSession::settle(const ZookeeperCall* call, CoordinationReply reply) {
  std::lock_guard lock(lock_);
  answer(call->ticket, std::move(reply));
}

void ZookeeperSession::forget(const ZookeeperCall* call) {
  std::lock_guard lock(lock_);
  calls_.erase(call);
}

// A late answer of a call that was answered already, when the session died, finds nothing.
void ZookeeperSession::answer(CoordinationTicket ticket, CoordinationReply reply) {
  auto found = std::find_if(pending_.begin(), pending_.end(),
                            [ticket](const Pending& one) { return one.ticket == ticket; });
  if (found == pending_.end()) return;
  if (!found->reply) found->reply = std::move(reply);
  post_answered();
}

void ZookeeperSession::answer_all(CoordinationCode code) {
  for (Pending& one : pending_) {
    if (!one.reply) one.reply = refused(handle_, one.ticket, code);
  }
  post_answered();
}

void ZookeeperSession::post_answered() {
  while (!pending_.empty() && pending_.front().reply) {
    loop_.post(std::move(*pending_.front().reply));
    pending_.pop_front();
  }
}

void ZookeeperSession::post_state(SessionPhase phase, std::int64_t id, Duration timeout) {
  loop_.post(SessionState{handle_, phase, id, timeout});
}

}  // namespace quorate::platform
