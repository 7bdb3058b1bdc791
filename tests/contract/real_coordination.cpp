#include <map>
#include <string>

#include "master/base/check.h"
#include "master/platform/recording_sink_test.h"
#include "master/platform/zookeeper_coordination.h"
#include "tests/contract/coordination_world.h"
#include "tests/contract/tcp_link.h"
#include "tests/contract/zookeeper_server.h"

namespace quorate::contract {
namespace {

// One for the whole program; starting one takes a second.
ZookeeperServer& shared_server() {
  static ZookeeperServer server;
  static const bool started = (server.start(), true);
  CHECK(started);
  return server;
}

class RealCoordination final : public CoordinationWorld {
 public:
  ~RealCoordination() override {
    for (auto& [name, client] : clients_) client.link->set(TcpLink::Mode::Pass);
  }

  Coordination& port(char name) override { return *client(name).port; }
  const std::vector<Event>& told() const override { return sink_.events; }
  bool run_until(const std::function<bool()>& enough, Duration at_most) override {
    return sink_.run_until(enough, at_most);
  }

  void cut(char name) override { set(name, TcpLink::Mode::Hold); }
  void join(char name) override { set(name, TcpLink::Mode::Pass); }
  void reset(char name) override { client(name).link->reset(); }
  void refuse(char name) override { set(name, TcpLink::Mode::Refuse); }
  void stop_servers() override { shared_server().stop(); }
  // A server that begins takes connections before it can serve them, and never answers those. Who
  // meets that waits for its own time-out; nobody does here.
  void start_servers() override {
    for (auto& [name, client] : clients_)
      if (client.mode == TcpLink::Mode::Pass) client.link->set(TcpLink::Mode::Refuse);
    shared_server().start();
    for (auto& [name, client] : clients_) client.link->set(client.mode);
  }

 private:
  struct Client {
    std::unique_ptr<TcpLink> link;
    TcpLink::Mode mode = TcpLink::Mode::Pass;
    std::unique_ptr<platform::ZookeeperCoordination> port;
  };

  void set(char name, TcpLink::Mode mode) {
    client(name).mode = mode;
    client(name).link->set(mode);
  }

  Client& client(char name) {
    auto found = clients_.find(name);
    if (found != clients_.end()) return found->second;
    Client made;
    made.link = std::make_unique<TcpLink>(shared_server().port);
    const char* credentials = name == 'c' ? "bob:word" : name < 'c' ? "ann:secret" : "";
    made.port = std::make_unique<platform::ZookeeperCoordination>(
        loop_, process_,
        platform::ZookeeperSettings{"127.0.0.1:" + std::to_string(made.link->port()), credentials});
    return clients_.emplace(name, std::move(made)).first->second;
  }

  platform::EventLoop loop_;
  platform::QuietProcess process_;
  platform::RecordingSink sink_{loop_};
  std::map<char, Client> clients_;
};

}  // namespace

std::unique_ptr<CoordinationWorld> make_real_coordination(std::string& why) {
  if (auto missing = why_no_zookeeper()) {
    why = *missing;
    return nullptr;
  }
  shared_server();
  return std::make_unique<RealCoordination>();
}

}  // namespace quorate::contract
