#include "sim/asof.h"

#include <fmt/format.h>

#include "master/base/json.h"

namespace quorate::sim {
namespace {

std::string state_text(Host::State state) {
  switch (state) {
    case Host::State::Down: return "down";
    case Host::State::Running: return "running";
    case Host::State::Paused: return "paused";
    case Host::State::Restarting: return "restarting";
  }
  return "?";
}

std::string name_of(const Cluster& cluster, const std::string& address) {
  for (const auto& host : cluster.hosts_const())
    if (to_text(SocketAddress{host->spec().ip, host->spec().port}) == address)
      return host->spec().name;
  return address;
}

// As its neighbours in the names of ballots: the first digits are enough to tell replicas apart.
std::string short_id(ReplicaId id) { return to_text(id).substr(0, 6); }

std::string promise_text(const Glance& glance) {
  if (glance.promised_round == 0) return "none";
  return fmt::format("{} by {}", glance.promised_round, short_id(glance.promised_to));
}

std::string role(const MasterAt& master) {
  if (master.glance.elected) return master.glance.recovered ? "leads" : "is elected, recovers";
  if (!master.leader.empty()) return "follows " + master.leader;
  return "knows no leader";
}

}  // namespace

WorldAt world_at(Cluster& cluster) {
  WorldAt out;
  out.at = cluster.world().now();
  out.hash = cluster.world().hash();
  for (const auto& host : cluster.hosts()) {
    MasterAt master;
    master.name = host->spec().name;
    master.state = state_text(host->state());
    master.incarnation = host->incarnation();
    if (host->node() != nullptr) master.glance = host->node()->glance();
    master.leader = name_of(cluster, master.glance.leader);
    if (!host->exits().empty()) master.last_exit = host->exits().back();
    const Now now = host->clock().read(out.at);
    master.mono = now.mono;
    master.wall = now.wall;
    out.masters.push_back(std::move(master));
  }
  return out;
}

std::string to_text(const WorldAt& world) {
  std::string out = fmt::format("at {}, hash so far {:016x}\n", to_text(world.at).text, world.hash);
  for (const MasterAt& master : world.masters) {
    const Glance& seen = master.glance;
    out += fmt::format("{}: {}, run {}", master.name, master.state, master.incarnation);
    if (master.last_exit)
      out += fmt::format(", last exit {} at {} '{}'", master.last_exit->code,
                         to_text(master.last_exit->at).text, master.last_exit->why);
    out += "\n";
    if (master.state != "running" && master.state != "paused") continue;
    out +=
        fmt::format("    {}{}{}; {} writes and {} reads wait\n", role(master),
                    seen.connected ? "" : ", not connected to ZooKeeper",
                    seen.contending ? ", contends" : "", seen.writes_waiting, seen.reads_waiting);
    if (!seen.opened) {
      out += "    log: not opened yet\n";
      continue;
    }
    out += fmt::format(
        "    log: replica {} {}{}, promise {}, start {}\n"
        "    positions: begin {}, learned {}, end {}, behind {}; ensemble of {}, {} bytes, "
        "{} contradictions\n",
        short_id(seen.replica), seen.status, seen.established ? ", established" : "",
        promise_text(seen), seen.incarnation.start, seen.begin, seen.learned, seen.end, seen.behind,
        seen.ensemble_size, seen.log_bytes, seen.contradictions);
  }
  return out;
}

std::string json_text(const WorldAt& world) {
  const auto whole = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
  JsonWriter out;
  out.begin_object().member_integer("at_ns", world.at.ns);
  out.member("hash", fmt::format("{:016x}", world.hash)).key("masters").begin_array();
  for (const MasterAt& master : world.masters) {
    const Glance& seen = master.glance;
    out.begin_object().member("name", master.name).member("state", master.state);
    out.member_integer("run", whole(master.incarnation)).member("leader", master.leader);
    out.member_boolean("connected", seen.connected).member_boolean("contending", seen.contending);
    out.member_boolean("elected", seen.elected).member_boolean("recovered", seen.recovered);
    out.member_boolean("established", seen.established).member("status", seen.status);
    out.member("replica", to_text(seen.replica));
    out.member_integer("promised_round", whole(seen.promised_round));
    out.member("promised_to", to_text(seen.promised_to));
    out.member("incarnation", to_text(seen.incarnation));
    out.member_integer("begin", whole(seen.begin)).member_integer("learned", whole(seen.learned));
    out.member_integer("end", whole(seen.end)).member_integer("behind", whole(seen.behind));
    out.member_integer("ensemble_size", whole(seen.ensemble_size));
    out.member_integer("contradictions", whole(seen.contradictions));
    out.member_integer("log_bytes", whole(seen.log_bytes));
    out.member_integer("snapshot_bytes", whole(seen.snapshot_bytes));
    out.member_integer("writes_waiting", whole(seen.writes_waiting));
    out.member_integer("reads_waiting", whole(seen.reads_waiting));
    out.member_integer("mono_ns", master.mono.ns).member_integer("wall_ns", master.wall.ns);
    if (master.last_exit)
      out.key("last_exit")
          .begin_object()
          .member_integer("at_ns", master.last_exit->at.ns)
          .member_integer("code", master.last_exit->code)
          .member("why", master.last_exit->why)
          .end_object();
    out.end_object();
  }
  out.end_array().end_object();
  return out.take() + "\n";
}

}  // namespace quorate::sim
