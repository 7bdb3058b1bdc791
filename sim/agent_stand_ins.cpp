#include "sim/agent_stand_ins.h"

#include <variant>

#include "sim/http_client.h"

namespace quorate::sim {
namespace {

constexpr Duration kPing = Duration::seconds(15);
constexpr std::uint32_t kFirstIp = 0x0a020001;  // 10.2.0.1

}  // namespace

void AgentStandIns::look(Cluster& cluster) {
  const Host* leader = nullptr;
  for (const auto& host : cluster.hosts())
    if (host->node() != nullptr && host->node()->glance().recovered) leader = host.get();
  if (leader == nullptr) return;
  cluster_ = &cluster;
  leader_ = {leader->spec().ip, leader->spec().port};
  for (std::size_t i = 0; i < count_; ++i) {
    Agent& agent = agents_.emplace_back();
    agent.all = this;
    agent.endpoint = cluster.fabric().add(agent, cluster.client_place(),
                                          Ipv4{kFirstIp + static_cast<std::uint32_t>(i)});
    const auto slot = static_cast<std::int64_t>(i);
    cluster.world().after(Duration{kPing.ns / static_cast<std::int64_t>(count_) * slot}, *this,
                          {0, i, 0});
  }
}

void AgentStandIns::act(const Task& task) {
  Agent& agent = agents_[task.a];
  if (agent.connected) {
    ask(agent);
  } else {
    cluster_->fabric().connect(agent.endpoint, ConnectionId(++agent.connection), leader_);
  }
  cluster_->world().after(kPing, *this, task);
}

void AgentStandIns::ask(Agent& agent) {
  ++asked_;
  cluster_->fabric().write(agent.endpoint, ConnectionId(agent.connection),
                           "GET /livez HTTP/1.1\r\nHost: " + to_text(leader_) + "\r\n\r\n");
}

void AgentStandIns::Agent::on_network(Event event) {
  if (std::holds_alternative<Opened>(event)) {
    connected = true;
    all->ask(*this);
  } else if (const auto* received = std::get_if<Received>(&event)) {
    HttpReply reply;
    answer += received->bytes;
    if (!parse_http_reply(answer, false, reply)) return;
    answer.clear();
    if (reply.status == 200) ++all->answered_;
  } else {
    connected = false;
    answer.clear();
  }
}

}  // namespace quorate::sim
