#include "sim/sim_coordination.h"

#include <algorithm>
#include <utility>

namespace quorate::sim {
namespace {

constexpr Duration kDeferral = Duration::microseconds(10);
constexpr Duration kCloseLimit2s = Duration::seconds(2);

ZkRequest request(ZkOp op, CoordinationTicket ticket, std::string path, bool watch = false) {
  ZkRequest out;
  out.op = op;
  out.ticket = ticket;
  out.path = std::move(path);
  out.watch = watch;
  return out;
}

CoordinationReply refusal(SessionHandle handle, CoordinationTicket ticket, CoordinationCode code) {
  CoordinationReply reply;
  reply.handle = handle;
  reply.ticket = ticket;
  reply.code = code;
  return reply;
}

// What the library refuses by itself.
std::optional<CoordinationCode> refused_at_once(const ZkRequest& asked,
                                                const std::string& principal) {
  const bool bad = asked.op == ZkOp::Auth ? principal.empty()
                                          : !ZkTree::valid(asked.path, asked.mode.sequential);
  if (bad) return CoordinationCode::BadArguments;
  return std::nullopt;
}

}  // namespace

HostCoordination::HostCoordination(World& world, Zookeeper& zookeeper, const HostClock& clock,
                                   EventSink& sink, Settings settings)
    : world_(world),
      zookeeper_(zookeeper),
      clock_(clock),
      sink_(sink),
      settings_(std::move(settings)),
      random_(world.stream("coordination/" + settings_.host_name)) {}

void HostCoordination::end_process() {
  process_ += 1;
  std::map<SessionHandle, Handle> handles = std::exchange(handles_, {});
  for (auto& [id, handle] : handles)
    if (handle.connection.value != 0) zookeeper_.drop(handle.connection);
  deferred_.clear();
  held_.clear();
  paused_ = false;
}

void HostCoordination::resume() {
  paused_ = false;
  std::uint64_t process = process_;
  // What lies in the socket is read first, as the library's loop does; then it looks at its limits.
  while (!held_.empty() && !paused_) {
    Held held = std::move(held_.front());
    held_.pop_front();
    if (held.lost) {
      on_zookeeper_lost(held.connection);
    } else {
      on_zookeeper(held.connection, std::move(held.message));
    }
    if (process != process_) return;
  }
  std::vector<SessionHandle> ids;
  for (const auto& [id, handle] : handles_) ids.push_back(id);
  for (SessionHandle id : ids) {
    timer(id);
    if (process != process_) return;
  }
}

HostCoordination::Handle* HostCoordination::find(SessionHandle id) {
  auto found = handles_.find(id);
  return found == handles_.end() ? nullptr : &found->second;
}

SessionHandle HostCoordination::owner(ZkConnectionId connection) const {
  for (const auto& [id, handle] : handles_)
    if (handle.connection == connection) return id;
  return {};
}

void HostCoordination::schedule(Duration shown, Kind kind, SessionHandle id) {
  world_.after(clock_.truly(shown), *this, {kind, id.value, process_});
}

bool HostCoordination::emit(Event event) {
  std::uint64_t process = process_;
  sink_.on_answer(std::move(event));
  return process == process_;
}

void HostCoordination::defer(Event event) {
  std::uint64_t number = next_deferred_++;
  deferred_.emplace(number, std::move(event));
  world_.after(kDeferral, *this, {kDeferred, number, process_});
}

void HostCoordination::open(SessionHandle id, Duration timeout) {
  Handle handle;
  handle.timeout = timeout;
  handle.server = random_.below(zookeeper_.servers());
  handle.last_heard = world_.now();
  handles_.emplace(id, std::move(handle));
  schedule(kDeferral, kConnect, id);
}

void HostCoordination::connect(SessionHandle id) {
  Handle* handle = find(id);
  if (handle == nullptr || handle->phase != Phase::Connecting || handle->connection.value != 0)
    return;
  handle->connection = zookeeper_.connect(*this, settings_.place, handle->server);
  handle->server = (handle->server + 1) % zookeeper_.servers();
  handle->last_heard = world_.now();
  ZkRequest hello;
  hello.op = ZkOp::Connect;
  hello.session = handle->session;
  hello.timeout = handle->timeout;
  hello.seen = handle->seen;
  send(*handle, std::move(hello));
  arm(id);
}

void HostCoordination::send(Handle& handle, ZkRequest what) {
  handle.last_sent = world_.now();
  zookeeper_.send(handle.connection, std::move(what));
}

// One timer per connection; it looks again whenever something might be due.
void HostCoordination::arm(SessionHandle id) {
  Handle* handle = find(id);
  Duration third = clock_.truly(handle->timeout) / 3;
  SimTime due = handle->last_heard + third * 2;
  if (handle->phase == Phase::Connected) due = std::min(due, handle->last_sent + third);
  handle->timer_due = due;
  world_.at(due, *this, {kTimer, id.value, handle->connection.value});
}

void HostCoordination::timer(SessionHandle id) {
  Handle* handle = find(id);
  if (handle == nullptr || handle->connection.value == 0 || handle->phase == Phase::Closing) return;
  Duration third = clock_.truly(handle->timeout) / 3;
  if (world_.now() - handle->last_heard >= third * 2) {
    zookeeper_.drop(std::exchange(handle->connection, {}));
    return lost(id, CoordinationCode::OperationTimeout);
  }
  if (handle->phase == Phase::Connected && world_.now() - handle->last_sent >= third)
    send(*handle, ZkRequest{});
}

void HostCoordination::on_zookeeper(ZkConnectionId connection, ZkMessage message) {
  if (paused_) {
    held_.push_back({connection, false, std::move(message)});
    return;
  }
  SessionHandle id = owner(connection);
  if (Handle* handle = find(id)) {
    handle->last_heard = world_.now();
    // Of answers only: what else comes does not show that missed watches would have been told.
    if (message.kind == ZkMessage::Kind::Reply) handle->seen = std::max(handle->seen, message.zxid);
    received(id, std::move(message));
  }
}

void HostCoordination::on_zookeeper_lost(ZkConnectionId connection) {
  if (paused_) {
    held_.push_back({connection, true, {}});
    return;
  }
  SessionHandle id = owner(connection);
  Handle* handle = find(id);
  if (handle == nullptr) return;
  handle->connection = {};
  lost(id, CoordinationCode::ConnectionLoss);
}

void HostCoordination::received(SessionHandle id, ZkMessage message) {
  switch (message.kind) {
    case ZkMessage::Kind::Connected: return connected(id, message);
    case ZkMessage::Kind::Expired: {
      Handle* handle = find(id);
      zookeeper_.drop(std::exchange(handle->connection, {}));
      handle->expired = true;
      return dead(id, SessionPhase::Expired, CoordinationCode::SessionExpired);
    }
    case ZkMessage::Kind::Pong: return;
    case ZkMessage::Kind::Reply: return replied(id, std::move(message));
    case ZkMessage::Kind::Watch: return watched(id, message);
    case ZkMessage::Kind::SessionClosed: {
      zookeeper_.drop(std::exchange(find(id)->connection, {}));
      return dead(id, SessionPhase::Closed, CoordinationCode::Closing);
    }
  }
}

void HostCoordination::connected(SessionHandle id, const ZkMessage& message) {
  Handle* handle = find(id);
  bool again = handle->session != 0;
  handle->phase = Phase::Connected;
  handle->session = message.session;
  handle->timeout = message.timeout;
  if (again) {
    ZkRequest watches;
    watches.op = ZkOp::SetWatches;
    watches.data_watches = handle->data_watches;
    watches.exist_watches = handle->exist_watches;
    watches.child_watches = handle->child_watches;
    watches.seen = handle->seen;
    send(*handle, std::move(watches));
  }
  handle->told_connected = true;
  arm(id);
  emit(SessionState{id, SessionPhase::Connected, message.session, message.timeout});
}

void HostCoordination::replied(SessionHandle id, ZkMessage message) {
  Handle* handle = find(id);
  if (handle->pending.empty()) return;
  ZkRequest asked = std::move(handle->pending.front().asked);
  handle->pending.pop_front();
  CoordinationReply reply = std::move(message.reply);
  reply.handle = id;
  bool there = reply.code == CoordinationCode::Ok;
  if (asked.watch && asked.op == ZkOp::Children && there) handle->child_watches.insert(asked.path);
  if (asked.watch && asked.op == ZkOp::Get && there) handle->data_watches.insert(asked.path);
  if (asked.watch && asked.op == ZkOp::Exists)
    (there ? handle->data_watches : handle->exist_watches).insert(asked.path);
  if (emit(std::move(reply))) answer_known(id);
}

void HostCoordination::answer_known(SessionHandle id) {
  for (Handle* handle = find(id); handle != nullptr && !handle->pending.empty();
       handle = find(id)) {
    Pending& first = handle->pending.front();
    if (!first.known) return;
    CoordinationReply reply = refusal(id, first.asked.ticket, *first.known);
    handle->pending.pop_front();
    if (!emit(std::move(reply))) return;
  }
}

void HostCoordination::watched(SessionHandle id, const ZkMessage& message) {
  Handle* handle = find(id);
  if (handle->phase == Phase::Closing) return;
  const std::string& path = message.watch.path;
  std::size_t waiting = 0;
  if (message.watch.kind != WatchKind::ChildrenChanged)
    waiting += handle->data_watches.erase(path) + handle->exist_watches.erase(path);
  if (message.watch.kind == WatchKind::ChildrenChanged || message.watch.kind == WatchKind::Deleted)
    waiting += handle->child_watches.erase(path);
  if (waiting > 0) emit(WatchFired{id, message.watch.kind, path});
}

// The connection is gone, the session perhaps not.
void HostCoordination::lost(SessionHandle id, CoordinationCode pending) {
  Handle* handle = find(id);
  if (handle->phase == Phase::Closing)
    return dead(id, SessionPhase::Closed, CoordinationCode::Closing);
  handle->phase = Phase::Connecting;
  Duration pause{random_.between(0, Duration::seconds(1).ns)};
  schedule(pause, kConnect, id);
  if (std::exchange(handle->told_connected, false))
    if (!emit(SessionState{id, SessionPhase::Disconnected, 0, {}})) return;
  answer_all(id, pending);
}

bool HostCoordination::answer_all(SessionHandle id, CoordinationCode code) {
  Handle* handle = find(id);
  if (handle == nullptr) return true;
  auto pending = std::exchange(handle->pending, {});
  for (const Pending& one : pending)
    if (!emit(refusal(id, one.asked.ticket, one.known.value_or(code)))) return false;
  return true;
}

void HostCoordination::dead(SessionHandle id, SessionPhase phase, CoordinationCode pending) {
  find(id)->phase = Phase::Dead;
  if (answer_all(id, pending)) emit(SessionState{id, phase, 0, {}});
}

void HostCoordination::call(SessionHandle id, ZkRequest asked) {
  Handle* handle = find(id);
  CoordinationCode refused = CoordinationCode::Ok;
  if (handle == nullptr || handle->phase == Phase::Closing) {
    refused = CoordinationCode::Closing;
  } else if (handle->phase == Phase::Dead) {
    refused = handle->expired ? CoordinationCode::SessionExpired : CoordinationCode::Closing;
  } else if (handle->phase == Phase::Connecting) {
    refused = CoordinationCode::ConnectionLoss;
  }
  if (refused != CoordinationCode::Ok) return defer(refusal(id, asked.ticket, refused));
  if (auto known = refused_at_once(asked, settings_.principal)) {
    if (handle->pending.empty()) return defer(refusal(id, asked.ticket, *known));
    handle->pending.push_back({std::move(asked), known});
    return;
  }
  if (asked.op == ZkOp::Auth) asked.data = settings_.principal;
  handle->pending.push_back({asked, std::nullopt});
  send(*handle, std::move(asked));
}

// What was not answered is answered Closing at once, whatever the servers still do.
void HostCoordination::close(SessionHandle id) {
  Handle* handle = find(id);
  if (handle == nullptr) return defer(SessionState{id, SessionPhase::Closed, 0, {}});
  if (handle->phase == Phase::Closing) return;
  if (handle->phase == Phase::Dead) {
    if (std::exchange(handle->expired, false)) defer(SessionState{id, SessionPhase::Closed, 0, {}});
    return;
  }
  for (const Pending& one : std::exchange(handle->pending, {}))
    defer(refusal(id, one.asked.ticket, one.known.value_or(CoordinationCode::Closing)));
  bool connected = handle->phase == Phase::Connected;
  handle->phase = Phase::Closing;
  if (connected) {
    ZkRequest bye;
    bye.op = ZkOp::CloseSession;
    send(*handle, std::move(bye));
  }
  schedule(connected ? kCloseLimit2s : kDeferral, kCloseLimit, id);
}

void HostCoordination::act(const Task& task) {
  SessionHandle id(task.a);
  if (task.kind == kTimer) {
    Handle* handle = find(id);
    ZkConnectionId connection(task.b);
    if (handle == nullptr || connection.value == 0 || handle->connection != connection) return;
    if (world_.now() < handle->timer_due || handle->phase == Phase::Closing) return;
    if (paused_) return world_.after(Duration::milliseconds(100), *this, task);
    timer(id);
    handle = find(id);
    if (handle != nullptr && handle->connection == connection) arm(id);
    return;
  }
  if (task.b != process_) return;
  if (task.kind == kConnect) {
    if (paused_) return schedule(Duration::milliseconds(100), kConnect, id);
    return connect(id);
  }
  if (task.kind == kDeferred) {
    auto node = deferred_.extract(task.a);
    if (!node.empty()) emit(std::move(node.mapped()));
    return;
  }
  Handle* handle = find(id);
  if (handle == nullptr || handle->phase != Phase::Closing) return;
  if (handle->connection.value != 0) zookeeper_.drop(std::exchange(handle->connection, {}));
  dead(id, SessionPhase::Closed, CoordinationCode::Closing);
}

void SimCoordination::open(SessionHandle handle, Duration session_timeout) {
  client_.open(handle, session_timeout);
}
void SimCoordination::add_auth(SessionHandle handle, CoordinationTicket ticket) {
  client_.call(handle, request(ZkOp::Auth, ticket, {}));
}
void SimCoordination::close(SessionHandle handle) { client_.close(handle); }
void SimCoordination::create(SessionHandle handle, CoordinationTicket ticket,
                             const std::string& path, const Bytes& data, CreateMode mode) {
  ZkRequest asked = request(ZkOp::Create, ticket, path);
  asked.data = data;
  asked.mode = mode;
  client_.call(handle, std::move(asked));
}
void SimCoordination::get(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
                          bool watch) {
  client_.call(handle, request(ZkOp::Get, ticket, path, watch));
}
void SimCoordination::exists(SessionHandle handle, CoordinationTicket ticket,
                             const std::string& path, bool watch) {
  client_.call(handle, request(ZkOp::Exists, ticket, path, watch));
}
void SimCoordination::children(SessionHandle handle, CoordinationTicket ticket,
                               const std::string& path, bool watch) {
  client_.call(handle, request(ZkOp::Children, ticket, path, watch));
}
void SimCoordination::set(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
                          const Bytes& data, std::int32_t version) {
  ZkRequest asked = request(ZkOp::Set, ticket, path);
  asked.data = data;
  asked.version = version;
  client_.call(handle, std::move(asked));
}
void SimCoordination::remove(SessionHandle handle, CoordinationTicket ticket,
                             const std::string& path, std::int32_t version) {
  ZkRequest asked = request(ZkOp::Remove, ticket, path);
  asked.version = version;
  client_.call(handle, std::move(asked));
}

}  // namespace quorate::sim
