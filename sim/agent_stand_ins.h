#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "sim/cluster.h"
#include "sim/scenario_runner.h"

namespace quorate::sim {

// The traffic of agents, until there are agents: each keeps one connection to the leading master
// and exchanges one message each way every 15 s (--agent_ping_timeout), which is a GET of /livez
// on that connection. Let in while a master leads; it stays with this master.
class AgentStandIns final : public Bystander, public Actor {
 public:
  explicit AgentStandIns(std::size_t count) : count_(count) {}

  void look(Cluster& cluster) override;
  void act(const Task& task) override;

  std::uint64_t asked() const { return asked_; }
  std::uint64_t answered() const { return answered_; }

 private:
  struct Agent final : Endpoint {
    AgentStandIns* all = nullptr;
    EndpointId endpoint;
    std::uint64_t connection = 0;
    bool connected = false;
    Bytes answer;  // what has come of it

    void on_network(Event event) override;
  };
  void ask(Agent& agent);

  std::size_t count_;
  Cluster* cluster_ = nullptr;
  SocketAddress leader_;
  std::deque<Agent> agents_;  // the fabric knows them by address
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
};

}  // namespace quorate::sim
