#include <utility>

#include "sim/fabric.h"
#include "sim/host_ports.h"
#include "sim/sim_disk.h"
#include "tests/contract/port_world.h"

namespace quorate::contract {
namespace {

using namespace quorate::sim;

// The simulated parts of one host, as sim/host.cpp joins them.
class SimulatedWorld final : public PortWorld, private sim::EventSink, private Endpoint {
 public:
  Disk& disk() override { return disk_port_; }
  Clock& clock() override { return ports_; }
  Network& network() override { return network_; }
  MonoTime now() override { return host_clock_.mono(world_.now()); }
  SocketAddress own_address() override { return {spec_.ip, 5050}; }
  bool run_until(const std::function<bool()>& enough, Duration at_most) override {
    const SimTime limit = world_.now() + at_most;
    while (!enough())
      if (!world_.step(limit)) return enough();
    return true;
  }
  void next_process() override {
    fabric_.end_process(endpoint_);
    ports_.end_process();
    disk_.end_process();
    events.clear();
    times.clear();
  }

 private:
  void on_answer(Event event) override {
    events.push_back(std::move(event));
    times.push_back(now());
  }
  void on_network(Event event) override { on_answer(std::move(event)); }

  World world_{11};
  const Profile& profile_ = *find_profile("lan");
  Links links_;
  Fabric fabric_{world_, links_, profile_};
  HostSpec spec_{"m1", Ipv4{0x0a000001}, 5050, {}};
  HostClock host_clock_{.mono_offset_ns = 7'000'000'000, .wall_offset_ns = 1, .rate_ppb = 0};
  NameTable names_;
  HostDisk disk_{world_, profile_, *this, "m1"};
  SimDisk disk_port_{disk_};
  HostPorts ports_{world_, host_clock_, names_, spec_, *this};
  EndpointId endpoint_ = fabric_.add(*this, links_.add("m1"), spec_.ip);
  SimNetwork network_{fabric_, endpoint_};
};

}  // namespace

std::unique_ptr<PortWorld> simulated_ports() { return std::make_unique<SimulatedWorld>(); }

}  // namespace quorate::contract
