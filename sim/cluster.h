#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/host.h"
#include "sim/zookeeper.h"

namespace quorate::sim {

struct ClusterSpec {
  std::uint64_t seed = 1;
  const Profile* profile = nullptr;  // not owned; nullptr: lan
  std::size_t zookeeper_servers = 3;
  std::vector<HostSpec> masters;
  HostOptions options;
};

// A whole simulated world, ready to run: masters (all down), ZooKeeper, links, and a place for
// clients.
class Cluster {
 public:
  Cluster(const ClusterSpec& spec, NodeFactory& factory, HostWatcher& watcher);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  World& world() { return world_; }
  Links& links() { return links_; }
  Fabric& fabric() { return fabric_; }
  Zookeeper& zookeeper() { return zookeeper_; }
  const NameTable& names() const { return names_; }
  std::vector<std::unique_ptr<Host>>& hosts() { return hosts_; }
  const std::vector<std::unique_ptr<Host>>& hosts_const() const { return hosts_; }
  Host* find(std::string_view name);
  // Where the HTTP clients sit: "client" in a scenario.
  Place client_place() const { return client_place_; }
  Ipv4 client_ip() const { return {0x0a000101}; }

  // Runs until true time `until`.
  void run_until(SimTime until);
  void finish();

 private:
  World world_;
  Links links_;
  Fabric fabric_;
  Zookeeper zookeeper_;
  NameTable names_;
  Place client_place_;
  std::vector<std::unique_ptr<Host>> hosts_;
};

}  // namespace quorate::sim
