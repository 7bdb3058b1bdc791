#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "master/ports/coordination.h"
#include "master/ports/event.h"
#include "sim/links.h"
#include "sim/profile.h"
#include "sim/world.h"
#include "sim/zk_tree.h"

namespace quorate::sim {

enum class ZkOp : std::uint8_t {
  Connect,
  Ping,
  SetWatches,
  Auth,
  CloseSession,
  Create,
  Get,
  Exists,
  Children,
  Set,
  Remove
};

// What a client library sends.
struct ZkRequest {
  ZkOp op = ZkOp::Ping;
  CoordinationTicket ticket;
  std::string path;
  Bytes data;  // Auth: the principal
  CreateMode mode;
  std::int32_t version = -1;
  bool watch = false;
  // Connect
  std::int64_t session = 0;  // 0: a new one
  Duration timeout;
  // SetWatches: what the client still waits for.
  std::set<std::string> data_watches, exist_watches, child_watches;
  std::int64_t seen = 0;  // Connect, SetWatches: the last change that the client has seen
};

// What a server sends.
struct ZkMessage {
  enum class Kind : std::uint8_t { Connected, Expired, Pong, Reply, Watch, SessionClosed };
  Kind kind = Kind::Pong;
  CoordinationReply reply;  // Reply; its handle is not set
  WatchFired watch;         // Watch; its handle is not set
  std::int64_t session = 0;
  Duration timeout;
  std::int64_t zxid = 0;
};

using ZkConnectionId = Strong<struct ZkConnectionTag>;

class ZkClient {
 public:
  virtual ~ZkClient() = default;
  virtual void on_zookeeper(ZkConnectionId connection, ZkMessage message) = 0;
  virtual void on_zookeeper_lost(ZkConnectionId connection) = 0;
};

// Sees what passes between clients and servers: for pictures. Of each connection and direction,
// messages arrive in the order in which they were sent; what was dropped never does.
class ZkTap {
 public:
  virtual ~ZkTap() = default;
  virtual void on_request(ZkConnectionId connection, Place from, Place to,
                          const ZkRequest& request) = 0;
  virtual void on_message(ZkConnectionId connection, Place from, Place to,
                          const ZkMessage& message) = 0;
  virtual void on_request_arrived(ZkConnectionId connection) = 0;
  virtual void on_message_arrived(ZkConnectionId connection) = 0;
};

// A model of a ZooKeeper ensemble: servers that serve while they reach a majority, one agreed tree,
// sessions that expire at the servers' ticks, watches that are delivered before any answer that
// shows the change. What it leaves out is listed in docs/simulator.md.
class Zookeeper final : public Actor, public LinkWatcher {
 public:
  struct Settings {
    std::size_t servers = 3;
    Duration tick = Duration::seconds(2);
    // A session's timeout is brought into these limits; 0: 2 and 20 ticks, as of the real server.
    Duration least_timeout{};
    Duration most_timeout{};
  };
  Zookeeper(World& world, Links& links, const Profile& profile, Settings settings);

  std::size_t servers() const { return servers_.size(); }
  Place place(std::size_t server) const { return servers_[server].place; }

  // A client's calls. The connection is up when Connected arrives; it may never.
  ZkConnectionId connect(ZkClient& client, Place from, std::size_t server);
  void send(ZkConnectionId connection, ZkRequest request);
  // The client's side is closed; on_zookeeper_lost does not follow. What is under way may still
  // arrive.
  void drop(ZkConnectionId connection);

  // Faults.
  void stop_server(std::size_t server);
  void start_server(std::size_t server);
  bool serving(std::size_t server) const;
  void expire(std::int64_t session);
  // Ends the sessions whose last connection came from there, as a person or another client with
  // their password can. How many.
  std::size_t expire_sessions(Place from);
  // A person removes the ephemeral nodes of those sessions; the sessions go on. How many.
  std::size_t remove_nodes(Place from);
  // From now on this server learns of each change so much later than the others: it serves reads
  // of the past, fires watches late, and answers the writes that it passes on when it has learned
  // of them. A client that has seen more than it knows is not let in.
  void lag(std::size_t server, Duration by) { servers_[server].lag = by; }
  Duration lag(std::size_t server) const { return servers_[server].lag; }
  // Until then nobody may create, set or remove nodes (NoAuth), as after a person changed who may.
  void lose_access(SimTime until) { no_access_until_ = until; }
  // The connections from there end, as if somebody between had reset them: both sides are told,
  // also across a cut, and what is under way is lost.
  void reset_connections(Place from);
  // A person makes a node, as if it had had so many children already.
  // No server may lag.
  void create_by_hand(const std::string& path, std::int32_t children_ever = 0);

  // What the servers agreed on, and what one of them knows of it.
  const ZkTree& tree() const { return tree_; }
  const ZkTree& tree_of(std::size_t server) const { return servers_[server].view; }

  void act(const Task& task) override;
  void links_healed() override;

  ZkTap* tap = nullptr;  // not owned

 private:
  template <typename T>
  struct Lane {
    explicit Lane(RandomStream stream) : random(stream) {}
    RandomStream random;
    std::deque<std::pair<SimTime, T>> flying;
    SimTime last;
    bool awaited = false;
  };
  struct Connection {
    ZkClient* client;  // nullptr: the client closed its side
    Place from;
    std::size_t server;
    Lane<ZkRequest> up;
    Lane<ZkMessage> down;
    bool open = true;  // at the server
    std::int64_t session = 0;
    std::deque<std::pair<SimTime, ZkRequest>> work;  // at the server, in order
    SimTime last_work;
    // The server has not yet learned of a write that it passed on: what was asked behind it waits.
    bool waits = false;
    std::uint64_t put_off = 0;           // so many kWork tasks
    std::set<std::string> data_watches;  // of get and exists
    std::set<std::string> child_watches;
  };
  struct Session {
    Duration timeout;
    SimTime expires_at;
    ZkConnectionId connection;
    Place from;  // of its last connection
    std::string principal;
  };
  // A change that was agreed on. Each server applies all, in this order.
  struct Change {
    enum class Kind : std::uint8_t { Create, Set, Remove, EndSession };
    Kind kind = Kind::Create;
    ZkTree::Caller who;
    std::string path;
    Bytes data;
    CreateMode mode;
    std::int32_t version = -1;
  };
  struct Coming {
    SimTime at;
    Change change;
    ZkConnectionId asked;  // 0, or who waits for the answer
    std::optional<ZkMessage> answer;
  };
  struct Server {
    Place place;
    bool up = true;
    bool was_serving = true;
    ZkTree view;
    Duration lag;
    std::deque<Coming> coming;
  };
  enum Kind : std::uint32_t { kTick, kUp, kDown, kWork, kRefuse, kReset, kApply };

  Connection* find(ZkConnectionId id);
  void up(ZkConnectionId id);
  void down(ZkConnectionId id);
  void refuse(ZkConnectionId id);
  void tell_lost(ZkConnectionId id);
  void work(ZkConnectionId id);
  void tick();
  void tell(ZkConnectionId id, ZkMessage message);
  void end_connection(ZkConnectionId id);
  void process(ZkConnectionId id, ZkRequest& request);
  void process_connect(ZkConnectionId id, const ZkRequest& request);
  void process_set_watches(ZkConnectionId id, const ZkRequest& request);
  CoordinationReply answer(Connection& connection, Session& session, ZkRequest& request);
  void write(Connection& connection, const Session& session, ZkRequest& request,
             CoordinationReply& reply);
  // `path` becomes the path that was really created.
  static CoordinationCode carry_out(ZkTree& tree, const Change& change, std::string& path);
  // Agrees on a change if it is possible, and lets the servers learn of it. `asked`: the connection
  // whose answer may have to wait for that.
  CoordinationCode agree(const Change& change, std::string& path, ZkConnectionId asked = {});
  void apply(std::size_t server);
  std::vector<std::int64_t> sessions_from(Place from) const;
  void read_node(Connection& connection, const ZkRequest& request, CoordinationReply& reply);
  void fire_watches(std::size_t server);
  void touch(Session& session);
  void end_session(std::int64_t id);
  bool quorum() const;

  World& world_;
  Links& links_;
  const Profile& profile_;
  Settings settings_;
  RandomStream commits_;
  std::vector<Server> servers_;
  ZkTree tree_;
  SimTime no_access_until_;
  std::map<ZkConnectionId, Connection> connections_;
  std::map<std::int64_t, Session> sessions_;
  std::uint64_t next_connection_ = 1;
  std::int64_t next_session_ = 1;
  bool had_quorum_ = true;
};

}  // namespace quorate::sim
