#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "master/base/check.h"
#include "master/election/election.h"
#include "master/election/fake_coordination.h"

// For the tests of this folder only: masters on one tree and one clock.

namespace quorate::election {

struct Host {
  Host(FakeTree& tree, const std::string& name, Settings settings)
      : client(tree), election(std::move(settings), client, 7) {
    info.id = "uuid-of-" + name;
    info.ip = *parse_ipv4("10.0.0.1");
    info.port = 5050;
    info.pid = "master@" + name + ":5050";
    info.hostname = name;
  }

  FakeClient client;
  Election election;
  MasterInfo info;
  std::vector<Outcome> outcomes;  // without Noted

  template <typename T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const Outcome& outcome : outcomes) {
      if (const T* one = std::get_if<T>(&outcome)) found.push_back(*one);
    }
    return found;
  }
  std::optional<Ended> ended() const {
    std::vector<Ended> found = all<Ended>();
    return found.empty() ? std::nullopt : std::optional(found.front());
  }
};

class TestWorld {
 public:
  FakeTree tree;
  Now now{MonoTime{1'000'000'000'000}, WallTime{0}};
  Settings settings{.zk_path = "/top/mesos", .authenticated = false};
  std::deque<Host> hosts;

  Host& add(const std::string& name) { return hosts.emplace_back(tree, name, settings); }
  // A master that has started and contends.
  Host& contender(const std::string& name) {
    Host& host = add(name);
    host.election.start(now);
    host.election.contend(now, host.info);
    settle();
    return host;
  }

  // Delivers everything that is under way, without any time passing.
  void settle() {
    bool more = true;
    for (int rounds = 0; more; ++rounds) {
      CHECK(rounds < 10'000);  // the masters must come to rest
      more = false;
      for (Host& host : hosts) more = step(host) || more;
    }
  }
  bool step(Host& host) {
    bool any = !host.client.events.empty();
    if (any) {
      Event event = host.client.events.front();
      host.client.events.pop_front();
      std::visit(
          [&](const auto& e) {
            if constexpr (requires { host.election.on(now, e); }) host.election.on(now, e);
          },
          event);
    }
    for (Outcome& outcome : host.election.take_outcomes()) {
      if (!std::holds_alternative<Noted>(outcome)) host.outcomes.push_back(std::move(outcome));
    }
    return any;
  }
  // Lets time pass as the clock port would: each master is woken at its deadlines.
  void pass(Duration duration) {
    MonoTime end = now.mono + duration;
    settle();
    while (true) {
      MonoTime at = end;
      for (const Host& host : hosts) at = std::min(at, host.election.next_deadline());
      now.mono = std::max(now.mono, at);
      for (Host& host : hosts) host.election.on_time(now);
      settle();
      if (at >= end) return;
      // A deadline that stands still would keep us here for ever.
      CHECK(++wakes < 100'000);
    }
  }
  // Time passes, and nobody is woken: the process was stopped.
  void jump(Duration duration) { now.mono = now.mono + duration; }

  std::vector<std::string> candidates() const {
    std::vector<std::string> names;
    for (const std::string& name : tree.children(settings.zk_path)) {
      if (parse_node_name(name)) names.push_back(name);
    }
    return names;
  }

 private:
  int wakes = 0;
};

}  // namespace quorate::election
