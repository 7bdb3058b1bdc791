#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/log_host.h"
#include "sim/log_network.h"
#include "sim/world.h"

namespace quorate::sim {

// Plays ZooKeeper for the hosts of a log: sessions that expire, the group of replicas, one leader
// at a time. News takes its time, so members are told late and in different orders, and a leader
// whose session is gone may go on for a while beside its successor.
class LogElector final : public Actor {
 public:
  LogElector(World& world, LogNetwork& network, Duration session_timeout);

  // Begins to look, for as long as the world runs.
  void start();
  // Fault TwoLeaders: tells this one that it leads; the leader so far hears of it later. False: it
  // cannot lead now.
  bool overtake(LogHost& host);
  // The log of a leader says that it is not one any more.
  void deposed(LogHost& host);
  std::optional<std::uint64_t> leader() const { return leader_; }

  void act(const Task& task) override;

 private:
  struct Session {
    bool alive = false;
    std::uint64_t incarnation = 0;
    ReplicaId id;
    SimTime expires;
    std::uint64_t told = 0;   // the version of the group
    std::uint64_t order = 0;  // among the contenders; 0: does not contend
    SimTime leaves_at = SimTime::never();
  };
  struct Node {  // of a session whose program is gone
    ReplicaId id;
    SimTime expires;
  };

  bool reaches(const LogHost& host) const;
  void look_after(LogHost& host);
  void open_session(LogHost& host, Session& session);
  void expire(LogHost& host, Session& session);
  void tell_members(LogHost& host, Session& session);
  void choose_leader();

  World& world_;
  LogNetwork& network_;
  Duration session_timeout_;
  RandomStream random_;
  std::vector<Session> sessions_;
  std::vector<Node> left_;
  std::uint64_t version_ = 1;
  std::uint64_t last_order_ = 0;
  std::optional<std::uint64_t> leader_;
  std::uint64_t leader_incarnation_ = 0;
  SimTime leader_until_;  // of a leader whose program is gone
};

}  // namespace quorate::sim
