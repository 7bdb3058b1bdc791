#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "master/ports/coordination.h"
#include "sim/sim_disk.h"
#include "sim/time.h"
#include "sim/zookeeper.h"

namespace quorate::sim {

// The ZooKeeper client library of one host, as libzookeeper behaves: pings after a third of the
// session timeout, gives a connection up after two thirds without a word, tries the servers in
// turn, sets its watches again after a reconnection. It serves one process at a time.
class HostCoordination final : public Actor, public ZkClient {
 public:
  struct Settings {
    std::string host_name;
    Place place;
    std::string principal;  // what add_auth presents; empty: add_auth fails
  };
  HostCoordination(World& world, Zookeeper& zookeeper, const HostClock& clock, EventSink& sink,
                   Settings settings);

  // The process is gone: its connections close, its sessions live on until they expire.
  void end_process();
  // A paused process neither reads nor pings; what arrives waits.
  void pause() { paused_ = true; }
  void resume();

  void act(const Task& task) override;
  void on_zookeeper(ZkConnectionId connection, ZkMessage message) override;
  void on_zookeeper_lost(ZkConnectionId connection) override;

 private:
  friend class SimCoordination;
  enum class Phase : std::uint8_t { Connecting, Connected, Closing, Dead };
  struct Pending {
    ZkRequest asked;
    // Known without a server, but an earlier call is still unanswered.
    std::optional<CoordinationCode> known;
  };
  struct Handle {
    Phase phase = Phase::Connecting;
    bool expired = false;
    bool told_connected = false;  // the process knows it as connected
    std::int64_t session = 0;
    Duration timeout;
    ZkConnectionId connection;
    std::size_t server = 0;
    SimTime last_heard;
    SimTime last_sent;
    SimTime timer_due;  // of the timers under way, the one that counts
    std::int64_t seen = 0;
    std::deque<Pending> pending;
    std::set<std::string> data_watches, exist_watches, child_watches;
  };
  struct Held {
    ZkConnectionId connection;
    bool lost = false;
    ZkMessage message;
  };
  enum Kind : std::uint32_t { kTimer, kConnect, kDeferred, kCloseLimit };

  void open(SessionHandle id, Duration timeout);
  void call(SessionHandle id, ZkRequest request);
  void close(SessionHandle id);

  Handle* find(SessionHandle id);
  SessionHandle owner(ZkConnectionId connection) const;
  void schedule(Duration shown, Kind kind, SessionHandle id);
  void defer(Event event);
  void connect(SessionHandle id);
  void timer(SessionHandle id);
  void arm(SessionHandle id);
  void received(SessionHandle id, ZkMessage message);
  void connected(SessionHandle id, const ZkMessage& message);
  void replied(SessionHandle id, ZkMessage message);
  void watched(SessionHandle id, const ZkMessage& message);
  void lost(SessionHandle id, CoordinationCode pending);
  void dead(SessionHandle id, SessionPhase phase, CoordinationCode pending);
  bool answer_all(SessionHandle id, CoordinationCode code);
  void answer_known(SessionHandle id);
  bool emit(Event event);
  void send(Handle& handle, ZkRequest request);

  World& world_;
  Zookeeper& zookeeper_;
  const HostClock& clock_;
  EventSink& sink_;
  Settings settings_;
  RandomStream random_;
  std::map<SessionHandle, Handle> handles_;
  std::map<std::uint64_t, Event> deferred_;
  std::uint64_t next_deferred_ = 1;
  std::deque<Held> held_;
  std::uint64_t process_ = 1;
  bool paused_ = false;
};

// The Coordination port of one process.
class SimCoordination final : public Coordination {
 public:
  explicit SimCoordination(HostCoordination& client) : client_(client) {}

  void open(SessionHandle handle, Duration session_timeout) override;
  void add_auth(SessionHandle handle, CoordinationTicket ticket) override;
  void close(SessionHandle handle) override;
  void create(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
              const Bytes& data, CreateMode mode) override;
  void get(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
           bool watch) override;
  void exists(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
              bool watch) override;
  void children(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
                bool watch) override;
  void set(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
           const Bytes& data, std::int32_t version) override;
  void remove(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
              std::int32_t version) override;

 private:
  HostCoordination& client_;
};

}  // namespace quorate::sim
