#include "sim/zookeeper.h"

#include <algorithm>
#include <utility>

#include "master/base/check.h"

namespace quorate::sim {
namespace {

// How often servers look whether they still reach a majority.
constexpr Duration kLook = Duration::milliseconds(500);
// What a request or an answer counts for on a narrow link.
constexpr std::size_t kMessageBytes = 150;

bool is_write(ZkOp op) {
  return op == ZkOp::Connect || op == ZkOp::CloseSession || op == ZkOp::Create || op == ZkOp::Set ||
         op == ZkOp::Remove;
}

// The server ends a connection that asks for more (jute.maxbuffer).
constexpr std::size_t kMostRequestBytes = 0xfffff;

// As on the wire.
std::size_t request_bytes(const ZkRequest& request) {
  const bool listed = request.mode.acl == CoordinationAcl::CreatorAll;
  const std::size_t around = request.op == ZkOp::Create ? (listed ? 63 : 47) : 20;
  return around + request.path.size() + request.data.size();
}

}  // namespace

Zookeeper::Zookeeper(World& world, Links& links, const Profile& profile, Settings settings)
    : world_(world),
      links_(links),
      profile_(profile),
      settings_(settings),
      commits_(world.stream("zookeeper/commits")) {
  CHECK(settings.servers > 0);
  if (settings_.least_timeout.ns == 0) settings_.least_timeout = settings_.tick * 2;
  if (settings_.most_timeout.ns == 0) settings_.most_timeout = settings_.tick * 20;
  for (std::size_t i = 1; i <= settings.servers; ++i)
    servers_.push_back({links.add("zk" + std::to_string(i)), true, true, {}, {}, {}});
  links_.watch(*this);
  world_.after(kLook, *this, {kTick, 0, 0});
}

Zookeeper::Connection* Zookeeper::find(ZkConnectionId id) {
  auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second;
}

bool Zookeeper::serving(std::size_t server) const {
  if (!servers_[server].up) return false;
  std::size_t reached = 0;
  for (const Server& peer : servers_)
    if (peer.up && links_.open(servers_[server].place, peer.place) &&
        links_.open(peer.place, servers_[server].place))
      ++reached;
  return reached * 2 > servers_.size();
}

bool Zookeeper::quorum() const {
  for (std::size_t i = 0; i < servers_.size(); ++i)
    if (serving(i)) return true;
  return false;
}

void Zookeeper::stop_server(std::size_t server) {
  servers_[server].up = false;
  tick();
}
void Zookeeper::start_server(std::size_t server) {
  servers_[server].up = true;
  tick();
}

ZkConnectionId Zookeeper::connect(ZkClient& client, Place from, std::size_t server) {
  ZkConnectionId id(next_connection_++);
  std::string name = "zk/" + links_.name(from) + "/" + std::to_string(id.value);
  connections_.emplace(id, Connection{&client,
                                      from,
                                      server,
                                      Lane<ZkRequest>(world_.stream(name + "/up")),
                                      Lane<ZkMessage>(world_.stream(name + "/down")),
                                      true,
                                      0,
                                      {},
                                      {},
                                      false,
                                      0,
                                      {},
                                      {}});
  return id;
}

void Zookeeper::send(ZkConnectionId id, ZkRequest request) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  Lane<ZkRequest>& lane = connection->up;
  Duration delay =
      profile_.zookeeper.draw(lane.random) +
      links_.slowed(world_, connection->from, place(connection->server), kMessageBytes);
  lane.last = std::max(lane.last, world_.now() + delay);
  if (tap != nullptr) tap->on_request(id, connection->from, place(connection->server), request);
  lane.flying.emplace_back(lane.last, std::move(request));
  if (!std::exchange(lane.awaited, true)) world_.at(lane.last, *this, {kUp, id.value, 0});
}

void Zookeeper::tell(ZkConnectionId id, ZkMessage message) {
  Connection* connection = find(id);
  if (connection == nullptr || !connection->open) return;
  message.zxid = servers_[connection->server].view.zxid();
  Lane<ZkMessage>& lane = connection->down;
  Duration delay =
      profile_.zookeeper.draw(lane.random) +
      links_.slowed(world_, place(connection->server), connection->from, kMessageBytes);
  lane.last = std::max(lane.last, world_.now() + delay);
  if (tap != nullptr) tap->on_message(id, place(connection->server), connection->from, message);
  lane.flying.emplace_back(lane.last, std::move(message));
  if (!std::exchange(lane.awaited, true)) world_.at(lane.last, *this, {kDown, id.value, 0});
}

void Zookeeper::drop(ZkConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  connection->client = nullptr;
  connection->down.flying.clear();
  // What was sent before a cut link never left; the rest may arrive or not.
  Lane<ZkRequest>& lane = connection->up;
  bool reachable = links_.open(connection->from, place(connection->server));
  if (!reachable || lane.random.chance_ppm(500'000)) lane.flying.clear();
  bool idle = lane.flying.empty() && connection->work.empty();
  if (idle || !connection->open) end_connection(id);
}

void Zookeeper::up(ZkConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  Lane<ZkRequest>& lane = connection->up;
  lane.awaited = false;
  Place server = place(connection->server);
  while (!lane.flying.empty() && lane.flying.front().first <= world_.now()) {
    if (!links_.open(connection->from, server)) return;  // until it heals
    ZkRequest request = std::move(lane.flying.front().second);
    lane.flying.pop_front();
    if (tap != nullptr) tap->on_request_arrived(id);
    if (!connection->open) continue;
    if (!serving(connection->server) || request_bytes(request) > kMostRequestBytes) {
      // A server that does not serve ends connections; so does one that is asked too much.
      return end_connection(id);
    }
    Duration taken = is_write(request.op) ? profile_.commit.draw(commits_) : Duration{0};
    connection->last_work = std::max(connection->last_work, world_.now() + taken);
    connection->work.emplace_back(connection->last_work, std::move(request));
    world_.at(connection->last_work, *this, {kWork, id.value, 0});
  }
  if (!lane.flying.empty() && !std::exchange(lane.awaited, true))
    world_.at(lane.flying.front().first, *this, {kUp, id.value, 0});
}

void Zookeeper::work(ZkConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->work.empty()) return;
  if (connection->waits) {
    connection->put_off += 1;
    return;
  }
  ZkRequest request = std::move(connection->work.front().second);
  connection->work.pop_front();
  if (connection->open && serving(connection->server)) process(id, request);
  connection = find(id);
  if (connection != nullptr && connection->client == nullptr && connection->work.empty() &&
      connection->up.flying.empty())
    end_connection(id);
}

void Zookeeper::down(ZkConnectionId id) {
  while (Connection* connection = find(id)) {
    Lane<ZkMessage>& lane = connection->down;
    lane.awaited = false;
    if (connection->client == nullptr || lane.flying.empty()) return;
    if (!links_.open(place(connection->server), connection->from)) return;
    if (lane.flying.front().first > world_.now()) {
      lane.awaited = true;
      world_.at(lane.flying.front().first, *this, {kDown, id.value, 0});
      return;
    }
    ZkMessage message = std::move(lane.flying.front().second);
    lane.flying.pop_front();
    if (tap != nullptr) tap->on_message_arrived(id);
    connection->client->on_zookeeper(id, std::move(message));
  }
}

// The server ends the connection; the client learns of it when the link lets it.
void Zookeeper::end_connection(ZkConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  connection->open = false;
  auto session = sessions_.find(connection->session);
  if (session != sessions_.end() && session->second.connection == id)
    session->second.connection = {};
  if (connection->client == nullptr) {
    connections_.erase(id);
    return;
  }
  Lane<ZkMessage>& lane = connection->down;
  Duration delay = profile_.zookeeper.draw(lane.random);
  world_.at(std::max(lane.last, world_.now() + delay), *this, {kRefuse, id.value, 0});
}

void Zookeeper::touch(Session& session) {
  std::int64_t tick = settings_.tick.ns;
  std::int64_t least = (world_.now() + session.timeout).ns;
  session.expires_at = SimTime{(least / tick + 1) * tick};
}

void Zookeeper::process(ZkConnectionId id, ZkRequest& request) {
  if (request.op == ZkOp::Connect) return process_connect(id, request);
  Connection& connection = *find(id);
  auto found = sessions_.find(connection.session);
  // The session is over, or lives on another connection by now.
  if (found == sessions_.end() || found->second.connection != id) return end_connection(id);
  touch(found->second);
  switch (request.op) {
    case ZkOp::Ping: {
      ZkMessage pong;
      pong.kind = ZkMessage::Kind::Pong;
      return tell(id, std::move(pong));
    }
    case ZkOp::SetWatches: return process_set_watches(id, request);
    case ZkOp::CloseSession: {
      ZkMessage closed;
      closed.kind = ZkMessage::Kind::SessionClosed;
      tell(id, std::move(closed));
      return end_session(connection.session);
    }
    default: {
      ZkMessage message;
      message.kind = ZkMessage::Kind::Reply;
      message.reply = answer(connection, found->second, request);
      // With what comes, if the server has yet to learn of it: a client never sees a change earlier
      // than its watch.
      if (connection.waits) {
        servers_[connection.server].coming.back().answer = std::move(message);
        return;
      }
      return tell(id, std::move(message));
    }
  }
}

void Zookeeper::process_connect(ZkConnectionId id, const ZkRequest& request) {
  ZkMessage message;
  Connection& connection = *find(id);
  // Else its session would see the past of what it has seen.
  if (request.seen > servers_[connection.server].view.zxid()) return end_connection(id);
  std::int64_t number = request.session;
  if (number == 0) {
    number = (static_cast<std::int64_t>(connection.server + 1) << 56) + 0x10000 + next_session_++;
    Session fresh;
    fresh.timeout = std::clamp(request.timeout, settings_.least_timeout, settings_.most_timeout);
    sessions_.emplace(number, fresh);
  }
  auto found = sessions_.find(number);
  if (found == sessions_.end()) {
    message.kind = ZkMessage::Kind::Expired;
    tell(id, std::move(message));
    return end_connection(id);
  }
  ZkConnectionId before = found->second.connection;
  found->second.connection = id;
  found->second.from = connection.from;
  connection.session = number;
  if (before.value != 0 && before != id) end_connection(before);
  touch(found->second);
  message.kind = ZkMessage::Kind::Connected;
  message.session = number;
  message.timeout = found->second.timeout;
  tell(id, std::move(message));
}

void Zookeeper::process_set_watches(ZkConnectionId id, const ZkRequest& request) {
  Connection& connection = *find(id);
  const ZkTree& view = servers_[connection.server].view;
  auto fire = [&](WatchKind kind, const std::string& path) {
    ZkMessage message;
    message.kind = ZkMessage::Kind::Watch;
    message.watch.kind = kind;
    message.watch.path = path;
    tell(id, std::move(message));
  };
  for (const std::string& path : request.data_watches) {
    const ZkNode* node = view.find(path);
    if (node == nullptr) {
      fire(WatchKind::Deleted, path);
    } else if (node->modified > request.seen) {
      fire(WatchKind::DataChanged, path);
    } else {
      connection.data_watches.insert(path);
    }
  }
  for (const std::string& path : request.exist_watches) {
    if (view.find(path) != nullptr) {
      fire(WatchKind::Created, path);
    } else {
      connection.data_watches.insert(path);
    }
  }
  for (const std::string& path : request.child_watches) {
    const ZkNode* node = view.find(path);
    if (node == nullptr) {
      fire(WatchKind::Deleted, path);
    } else if (node->children_at > request.seen) {
      fire(WatchKind::ChildrenChanged, path);
    } else {
      connection.child_watches.insert(path);
    }
  }
}

CoordinationReply Zookeeper::answer(Connection& connection, Session& session, ZkRequest& request) {
  CoordinationReply reply;
  reply.ticket = request.ticket;
  reply.code = CoordinationCode::Ok;
  switch (request.op) {
    case ZkOp::Auth: session.principal = request.data; break;
    case ZkOp::Create:
    case ZkOp::Set:
    case ZkOp::Remove: write(connection, session, request, reply); break;
    default: read_node(connection, request, reply);
  }
  return reply;
}

void Zookeeper::read_node(Connection& connection, const ZkRequest& request,
                          CoordinationReply& reply) {
  if (!ZkTree::valid(request.path)) {
    reply.code = CoordinationCode::BadArguments;
    return;
  }
  const ZkNode* node = servers_[connection.server].view.find(request.path);
  if (node == nullptr) reply.code = CoordinationCode::NoNode;
  if (request.watch && (node != nullptr || request.op == ZkOp::Exists))
    (request.op == ZkOp::Children ? connection.child_watches : connection.data_watches)
        .insert(request.path);
  if (node == nullptr) return;
  if (request.op == ZkOp::Children) {
    reply.children.assign(node->children.begin(), node->children.end());
    return;
  }
  if (request.op == ZkOp::Get) reply.data = node->data;
  reply.version = node->version;
  reply.ephemeral_owner = node->owner;
}

namespace {

WatchKind watch_kind(ZkChange::Kind kind) {
  switch (kind) {
    case ZkChange::Kind::Created: return WatchKind::Created;
    case ZkChange::Kind::Deleted: return WatchKind::Deleted;
    case ZkChange::Kind::DataChanged: break;
  }
  return WatchKind::DataChanged;
}

}  // namespace

void Zookeeper::fire_watches(std::size_t server) {
  for (const ZkChange& change : servers_[server].view.take_changes()) {
    std::string parent = ZkTree::parent(change.path);
    for (auto& [id, connection] : connections_) {
      if (connection.server != server) continue;
      bool told = connection.data_watches.erase(change.path) > 0;
      ZkMessage message;
      message.kind = ZkMessage::Kind::Watch;
      message.watch.path = change.path;
      message.watch.kind = watch_kind(change.kind);
      if (change.kind == ZkChange::Kind::Deleted)
        told = connection.child_watches.erase(change.path) > 0 || told;
      if (told) tell(id, message);
      if (change.kind == ZkChange::Kind::DataChanged) continue;
      if (connection.child_watches.erase(parent) == 0) continue;
      message.watch.path = parent;
      message.watch.kind = WatchKind::ChildrenChanged;
      tell(id, std::move(message));
    }
  }
}

void Zookeeper::end_session(std::int64_t id) {
  auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  ZkConnectionId connection = found->second.connection;
  sessions_.erase(found);
  std::string none;
  agree({Change::Kind::EndSession, {id, ""}, {}, {}, {}}, none);
  if (connection.value != 0) end_connection(connection);
}

void Zookeeper::tick() {
  bool have_quorum = quorum();
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    bool now_serving = serving(i);
    if (servers_[i].was_serving && !now_serving) {
      std::vector<ZkConnectionId> gone;
      for (const auto& [id, connection] : connections_)
        if (connection.server == i && connection.open) gone.push_back(id);
      for (ZkConnectionId id : gone) end_connection(id);
    }
    servers_[i].was_serving = now_serving;
  }
  // A new leader of the servers gives every session its whole timeout again.
  if (have_quorum && !had_quorum_)
    for (auto& [id, session] : sessions_) touch(session);
  had_quorum_ = have_quorum;
  if (!have_quorum) return;
  std::vector<std::int64_t> expired;
  for (const auto& [id, session] : sessions_)
    if (session.expires_at <= world_.now()) expired.push_back(id);
  for (std::int64_t id : expired) end_session(id);
}

void Zookeeper::act(const Task& task) {
  ZkConnectionId id(task.a);
  switch (task.kind) {
    case kTick: tick(); return world_.after(kLook, *this, {kTick, 0, 0});
    case kUp: return up(id);
    case kDown: return down(id);
    case kWork: return work(id);
    case kRefuse: return refuse(id);
    case kReset: return tell_lost(id);
    case kApply: return apply(task.a);
    default: CHECK(false);
  }
}

void Zookeeper::refuse(ZkConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  if (connection->client != nullptr) {
    if (!links_.open(place(connection->server), connection->from)) return;  // not told
    down(id);
  }
  tell_lost(id);
}

void Zookeeper::tell_lost(ZkConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  ZkClient* client = std::exchange(connection->client, nullptr);
  connections_.erase(id);
  if (client != nullptr) client->on_zookeeper_lost(id);
}

void Zookeeper::links_healed() {
  for (auto& [id, connection] : connections_) {
    if (!connection.up.flying.empty() && !connection.up.awaited) {
      connection.up.awaited = true;
      Duration again{connection.up.random.between(0, Duration::milliseconds(400).ns)};
      world_.after(again, *this, {kUp, id.value, 0});
    }
    if (!connection.down.flying.empty() && !connection.down.awaited) {
      connection.down.awaited = true;
      Duration again{connection.down.random.between(0, Duration::milliseconds(400).ns)};
      world_.after(again, *this, {kDown, id.value, 0});
    }
    if (!connection.open && connection.client != nullptr)
      world_.after(Duration::milliseconds(400), *this, {kRefuse, id.value, 0});
  }
}

}  // namespace quorate::sim
