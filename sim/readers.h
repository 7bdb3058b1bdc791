#pragma once

#include <cstdint>
#include <vector>

#include "sim/http_client.h"
#include "sim/observer.h"

namespace quorate::sim {

// Clients that only read: each master that runs or is paused is asked for the schedule and the
// machines' modes, again and again, without following redirects, so that one that believes too long
// that it leads is caught with a stale answer. Who answered a read last is asked three times a
// second, others every two seconds. Nobody waits for an answer before the next question.
class Readers final : public Actor, public HttpAsker {
 public:
  Readers(Cluster& cluster, HttpClients& clients, AnswerWatcher& watcher);

  void begin();
  std::uint64_t answered() const { return answered_; }

  void act(const Task& task) override;
  void on_reply(std::uint64_t question, const HttpQuestion& asked, const HttpReply& reply) override;

 private:
  Cluster& cluster_;
  HttpClients& clients_;
  AnswerWatcher& watcher_;
  RandomStream pace_;
  std::vector<bool> serves_;  // each master, when it was last heard
  std::uint64_t turn_ = 0;
  std::uint64_t answered_ = 0;
};

}  // namespace quorate::sim
