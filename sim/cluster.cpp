#include "sim/cluster.h"

namespace quorate::sim {
namespace {

const Profile& profile_of(const ClusterSpec& spec) {
  return spec.profile != nullptr ? *spec.profile : *find_profile("lan");
}

}  // namespace

Cluster::Cluster(const ClusterSpec& spec, NodeFactory& factory, HostWatcher& watcher)
    : world_(spec.seed),
      fabric_(world_, links_, profile_of(spec)),
      zookeeper_(world_, links_, profile_of(spec), {.servers = spec.zookeeper_servers}),
      client_place_(links_.add("client")) {
  for (std::size_t i = 0; i < zookeeper_.servers(); ++i)
    names_.add(links_.name(zookeeper_.place(i)), Ipv4{0x0a000201 + static_cast<std::uint32_t>(i)});
  HostWorld shared{world_, links_, profile_of(spec), fabric_, zookeeper_, names_, factory, watcher};
  for (const HostSpec& master : spec.masters) {
    names_.add(master.name, master.ip);
    hosts_.push_back(std::make_unique<Host>(shared, master, links_.add(master.name), spec.options));
  }
}

Host* Cluster::find(std::string_view name) {
  for (const std::unique_ptr<Host>& host : hosts_)
    if (host->spec().name == name) return host.get();
  return nullptr;
}

void Cluster::run_until(SimTime until) {
  while (world_.step(until)) {}
}

void Cluster::finish() {
  for (const std::unique_ptr<Host>& host : hosts_) host->finish();
}

}  // namespace quorate::sim
