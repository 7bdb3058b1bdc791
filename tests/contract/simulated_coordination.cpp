#include <map>
#include <string>

#include "sim/sim_coordination.h"
#include "tests/contract/coordination_world.h"

namespace quorate::contract {
namespace {

class SimulatedCoordination final : public CoordinationWorld, public sim::EventSink {
 public:
  SimulatedCoordination(std::size_t servers, std::uint64_t seed)
      : world_(seed),
        zookeeper_(world_, links_, *sim::find_profile("lan"),
                   {.servers = servers,
                    .tick = Duration::milliseconds(500),
                    .least_timeout = Duration::seconds(1),
                    .most_timeout = Duration::seconds(60)}) {
    zookeeper_.create_by_hand("/overflow", INT32_MAX - 1);
  }

  Coordination& port(char name) override { return client(name).port; }
  const std::vector<Event>& told() const override { return told_; }
  bool run_until(const std::function<bool()>& enough, Duration at_most) override {
    sim::SimTime until = world_.now() + at_most;
    while (!enough())
      if (!world_.step(until)) return enough();
    return true;
  }

  void cut(char name) override { link(name, &sim::Links::cut); }
  void join(char name) override { link(name, &sim::Links::heal); }
  void reset(char name) override { zookeeper_.reset_connections(client(name).place); }
  void refuse(char name) override {
    reset(name);
    Duration told = Duration::milliseconds(50);
    run_until([] { return false; }, told);
    cut(name);
  }
  void stop_servers() override {
    for (std::size_t i = 0; i < zookeeper_.servers(); ++i) zookeeper_.stop_server(i);
  }
  void start_servers() override {
    for (std::size_t i = 0; i < zookeeper_.servers(); ++i) zookeeper_.start_server(i);
  }

  void on_answer(Event event) override { told_.push_back(std::move(event)); }

 private:
  struct Client {
    Client(SimulatedCoordination& owner, char name)
        : place(owner.links_.add(std::string(1, name))),
          library(owner.world_, owner.zookeeper_, clock, owner,
                  {std::string(1, name), place,
                   name == 'c'  ? "bob"
                   : name < 'c' ? "ann"
                                : ""}),
          port(library) {}
    sim::HostClock clock;
    sim::Place place;
    sim::HostCoordination library;
    sim::SimCoordination port;
  };

  Client& client(char name) {
    auto& made = clients_[name];
    if (made == nullptr) made = std::make_unique<Client>(*this, name);
    return *made;
  }
  void link(char name, void (sim::Links::*what)(sim::Place, sim::Place)) {
    sim::Place host = client(name).place;
    for (std::size_t i = 0; i < zookeeper_.servers(); ++i) {
      (links_.*what)(host, zookeeper_.place(i));
      (links_.*what)(zookeeper_.place(i), host);
    }
  }

  sim::World world_;
  sim::Links links_;
  sim::Zookeeper zookeeper_;
  std::map<char, std::unique_ptr<Client>> clients_;
  std::vector<Event> told_;
};

}  // namespace

std::unique_ptr<CoordinationWorld> make_simulated_coordination(std::size_t servers,
                                                               std::uint64_t seed) {
  return std::make_unique<SimulatedCoordination>(servers, seed);
}

}  // namespace quorate::contract
