#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "sim/zookeeper.h"

// How servers agree on a change and learn of it, and what people and faults do to an ensemble.

namespace quorate::sim {

CoordinationCode Zookeeper::carry_out(ZkTree& tree, const Change& change, std::string& path) {
  path = change.path;
  switch (change.kind) {
    case Change::Kind::Create: return tree.create(change.who, path, change.data, change.mode);
    case Change::Kind::Set: return tree.set(change.who, path, change.data, change.version);
    case Change::Kind::Remove: return tree.remove(change.who, path, change.version);
    case Change::Kind::EndSession: tree.end_session(change.who.session); break;
  }
  return CoordinationCode::Ok;
}

CoordinationCode Zookeeper::agree(const Change& change, std::string& path, ZkConnectionId asked) {
  const CoordinationCode code = carry_out(tree_, change, path);
  tree_.take_changes();  // watches are of the servers
  if (code != CoordinationCode::Ok) return code;
  Connection* asking = find(asked);
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    Server& server = servers_[i];
    SimTime at = world_.now() + server.lag;
    if (!server.coming.empty()) at = std::max(at, server.coming.back().at);
    const bool later = at > world_.now();
    server.coming.push_back({at, change, {}, std::nullopt});
    if (!later) {
      apply(i);
      continue;
    }
    world_.felt(faults::FaultKind::LagServer);
    world_.at(at, *this, {kApply, i, 0});
    if (asking == nullptr || asking->server != i) continue;
    server.coming.back().asked = asked;
    asking->waits = true;
  }
  return code;
}

void Zookeeper::apply(std::size_t number) {
  Server& server = servers_[number];
  while (!server.coming.empty() && server.coming.front().at <= world_.now()) {
    Coming coming = std::move(server.coming.front());
    server.coming.pop_front();
    std::string path;
    CHECK(carry_out(server.view, coming.change, path) == CoordinationCode::Ok);
    fire_watches(number);
    Connection* asking = find(coming.asked);
    if (asking == nullptr) continue;
    asking->waits = false;
    if (coming.answer) tell(coming.asked, std::move(*coming.answer));
    for (; asking->put_off > 0; --asking->put_off)
      world_.after(Duration{0}, *this, {kWork, coming.asked.value, 0});
  }
}

void Zookeeper::write(Connection& connection, const Session& session, ZkRequest& request,
                      CoordinationReply& reply) {
  if (world_.now() < no_access_until_) {
    world_.felt(faults::FaultKind::LoseAccess);
    reply.code = CoordinationCode::NoAuth;
    return;
  }
  Change change;
  change.kind = request.op == ZkOp::Create ? Change::Kind::Create
                : request.op == ZkOp::Set  ? Change::Kind::Set
                                           : Change::Kind::Remove;
  change.who = {connection.session, session.principal};
  change.path = std::move(request.path);
  change.data = std::move(request.data);
  change.mode = request.mode;
  change.version = request.version;
  std::string path;
  reply.code = agree(change, path, session.connection);
  if (reply.code != CoordinationCode::Ok) return;
  if (request.op == ZkOp::Create) reply.path = path;
  if (request.op == ZkOp::Set) reply.version = tree_.find(path)->version;
}

std::vector<std::int64_t> Zookeeper::sessions_from(Place from) const {
  std::vector<std::int64_t> out;
  for (const auto& [id, session] : sessions_)
    if (session.from == from) out.push_back(id);
  return out;
}

void Zookeeper::expire(std::int64_t session) { end_session(session); }

void Zookeeper::reset_connections(Place from) {
  std::vector<ZkConnectionId> gone;
  for (const auto& [id, connection] : connections_)
    if (connection.from == from) gone.push_back(id);
  for (ZkConnectionId id : gone) {
    end_connection(id);
    Connection* connection = find(id);
    if (connection == nullptr) continue;
    connection->up.flying.clear();
    connection->down.flying.clear();
    world_.after(profile_.zookeeper.draw(connection->down.random), *this, {kReset, id.value, 0});
  }
}

std::size_t Zookeeper::expire_sessions(Place from) {
  const std::vector<std::int64_t> ended = sessions_from(from);
  for (std::int64_t id : ended) end_session(id);
  return ended.size();
}

std::size_t Zookeeper::remove_nodes(Place from) {
  std::vector<Change> wanted;
  for (std::int64_t session : sessions_from(from))
    for (const auto& [path, node] : tree_.nodes()) {
      if (node.owner != session) continue;
      Change change;
      change.kind = Change::Kind::Remove;
      change.who.principal = tree_.find(ZkTree::parent(path))->creator;
      change.path = path;
      wanted.push_back(std::move(change));
    }
  for (const Change& change : wanted) {
    std::string path;
    CHECK(agree(change, path) == CoordinationCode::Ok);
  }
  return wanted.size();
}

void Zookeeper::create_by_hand(const std::string& path, std::int32_t children_ever) {
  Change change;
  change.path = path;
  std::string created;
  CHECK(agree(change, created) == CoordinationCode::Ok);
  tree_.count_children(path, children_ever);
  for (Server& server : servers_) server.view.count_children(path, children_ever);
}

}  // namespace quorate::sim
