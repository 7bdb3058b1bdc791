#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/http_client.h"

namespace quorate::sim {

// Sees each answer of a master to any client of the run.
class AnswerWatcher {
 public:
  virtual ~AnswerWatcher() = default;
  virtual void on_answer_seen(const HttpQuestion& asked, const HttpReply& reply) = 0;
  // Something that conditions depend on may have changed.
  virtual void on_view_changed() = 0;
};

// Looks at all masters as a client would: whom GET /redirect points to and, of one that points to
// itself, whether it serves the registry (GET /maintenance/schedule).
class Observer final : public Actor, public HttpAsker {
 public:
  Observer(Cluster& cluster, HttpClients& clients, AnswerWatcher& watcher);

  void begin();
  // While somebody waits for a condition, looks are more frequent.
  void hurry(bool on) { period_ = on ? Duration::milliseconds(250) : Duration::seconds(1); }
  void forget(const Host& host);

  // Running, answered lately, and what it said.
  bool knows(const Host& host) const;
  // Whom this master points to; empty: nobody, or it was not heard lately.
  std::string leader_of(const Host& host) const;
  // The only master that points to itself and serves; nullptr if there is none or another one that
  // points to itself.
  Host* one_leader() const;
  bool no_leader() const;
  bool all_agree() const;

  void act(const Task& task) override;
  void on_reply(std::uint64_t question, const HttpQuestion& asked, const HttpReply& reply) override;

 private:
  struct View {
    std::uint64_t question = 0;  // under way
    bool heard = false;
    std::string leader;
    bool serves = false;
    SimTime at;
  };
  void ask(std::size_t host, const char* target);
  void redirected(std::size_t host, const HttpReply& reply);
  std::string name_in(const HttpReply& reply) const;

  Cluster& cluster_;
  HttpClients& clients_;
  AnswerWatcher& watcher_;
  Duration period_ = Duration::milliseconds(250);
  std::vector<View> views_;
};

// The host that a Location header names ("//m2:5050/..."); empty if there is none.
std::string host_in_location(const NameTable& names, std::string_view location);

}  // namespace quorate::sim
