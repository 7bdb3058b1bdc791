#include <fmt/format.h>

#include <algorithm>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/rooms.h"

// Who this master is, who leads, and when it must end.

namespace quorate {
namespace {

constexpr Duration kStopGrace = Duration::milliseconds(2500);

std::string describe(const std::optional<MasterInfo>& leader) {
  if (!leader) return "none";
  return fmt::format("{} ({})", leader->pid, leader->id);
}

}  // namespace

// --- The own address

void Master::Rooms::advance_addresses(Now now) {
  if (own || !bound) return;
  const AddressStep step = next_address_step(config, *bound, address_answers);
  if (const auto* error = std::get_if<Error>(&step)) fail_fast(Exit::Configuration, error->text);
  if (const auto* known = std::get_if<OwnAddress>(&step)) return address_known(now, *known);
  last_resolve = last_resolve.next();
  if (std::holds_alternative<AskOwnName>(step)) {
    address_asked = Asked::OwnName;
    ports.resolver.own_name(last_resolve);
  } else if (const auto* own_ip = std::get_if<AskOwnIp>(&step)) {
    address_asked = Asked::OwnIp;
    ports.resolver.resolve(last_resolve, own_ip->name);
  } else if (const auto* reverse = std::get_if<AskReverseName>(&step)) {
    address_asked = Asked::ReverseName;
    ports.resolver.reverse(last_resolve, reverse->ip);
  }
}

void Master::Rooms::address_known(Now now, const OwnAddress& address) {
  if (config.zk) {
    std::vector<Ipv4> servers;
    for (const HostPort& server : config.zk->servers)
      if (std::optional<Ipv4> ip = parse_ipv4(server.host)) servers.push_back(*ip);
    if (Result<void> checked = check_advertised(address.advertised, servers); !checked)
      fail_fast(Exit::Configuration, checked.error().text);
  }
  MasterInfo info;
  info.id = master_id;
  info.ip = address.advertised.ip;
  info.port = address.advertised.port;
  info.pid = "master@" + to_text(address.advertised);
  info.hostname = address.hostname;
  info.version = std::string(kMesosVersion);
  info.domain_json = config.domain_json;
  own = info;
  log_line(LogLevel::Info,
           fmt::format("listening on {}, known to others as {} ({})", to_text(*bound),
                       to_text(address.advertised), address.hostname));
  ports.process.ready();
  if (election) {
    election->start(now);
    return;
  }
  leader = own;
  elected_now(now);
}

// --- ZooKeeper's group and election

bool Master::Rooms::join_replica_group(Now now) {
  if (joined_group || !own || !log || !log->opened() || stopping) return false;
  joined_group = true;
  const replicated_log::Metadata& identity = log->metadata();
  peers.introduce(identity.replica, identity.incarnation);
  if (election) {
    election->join_replicas(
        now,
        to_json(peers::PeerAddress{identity.replica, identity.incarnation, {own->ip, own->port}}));
  } else {
    log->set_members(now, {identity.replica});
  }
  return true;
}

bool Master::Rooms::contend_when_ready(Now now) {
  if (!election || !own || stopping || ending || election->contending()) return false;
  if (log && !log->ready_to_lead(now)) return false;
  log_line(LogLevel::Info, "contending to lead");
  election->contend(now, *own);
  return true;
}

bool Master::Rooms::carry_election(Now now) {
  if (!election) return false;
  std::vector<election::Outcome> outcomes = election->take_outcomes();
  for (const election::Outcome& outcome : outcomes)
    std::visit([&](const auto& one) { on_outcome(now, one); }, outcome);
  return !outcomes.empty();
}

void Master::Rooms::on_outcome(Now now, const election::LeaderChanged& changed) {
  leader = changed.leader;
  log_line(LogLevel::Info, fmt::format("the leading master is {}{}", describe(leader),
                                       changed.is_self ? ", this one" : ""));
  if (changed.is_self && !stopping && !ending) return elected_now(now);
  ports.process.status(fmt::format("standby; the leading master is {}", describe(leader)));
}

void Master::Rooms::on_outcome(Now now, const election::ReplicasChanged& changed) {
  std::map<ReplicaId, peers::PeerAddress> group;
  for (const election::ReplicaNode& node : changed.replicas) {
    Result<peers::PeerAddress> peer = peers::parse_peer_address(node.data);
    if (!peer) {
      log_line(LogLevel::Warning,
               fmt::format("{}/quorate_replicas/{:010}: not a replica's node ({}); it is ignored",
                           config.zk->path, node.sequence, peer.error().text));
      continue;
    }
    // An earlier incarnation's node stays until its session expires; the latest one counts.
    auto [at, fresh] = group.emplace(peer->replica, *peer);
    if (!fresh) probe(Probe::OlderIncarnationInGroup);
    if (!fresh && at->second.incarnation < peer->incarnation) at->second = *peer;
  }
  std::vector<ReplicaId> members;
  std::vector<peers::PeerAddress> addresses;
  member_lines.clear();
  std::vector<Ipv4> ips;
  for (const auto& [id, peer] : group) {
    members.push_back(id);
    addresses.push_back(peer);
    ips.push_back(peer.address.ip);
    member_lines.push_back(fmt::format("{} at {}", to_text(id), to_text(peer.address)));
  }
  if (own)
    if (Result<void> checked = check_advertised({own->ip, own->port}, ips); !checked)
      fail_fast(Exit::Configuration, checked.error().text);
  if (!joined_group) return;  // told again as soon as this replica has joined
  peers.set_peers(now, addresses);
  log->set_members(now, members);
}

void Master::Rooms::on_outcome(Now, const election::ForeignLeader& foreign) {
  fail_fast(Exit::Configuration,
            foreign.why +
                "; masters of Apache Mesos and of Quorate cannot share a path: stop the others, "
                "remove the node, or use another --zk path");
}

void Master::Rooms::on_outcome(Now, const election::Ended& ended) {
  fail_fast(ended.exit, ended.why);
}

void Master::Rooms::on_outcome(Now, const election::Withdrawn&) {
  log_line(LogLevel::Info, "the candidacy is withdrawn");
}

void Master::Rooms::on_outcome(Now, const election::SessionClosed&) {
  if (ending) fail_fast(ending->exit, ending->why);
  if (stopping) ports.process.exit(Exit::Asked);
}

void Master::Rooms::on_outcome(Now, const election::Noted& noted) {
  log_line(LogLevel::Info, "zookeeper: " + noted.line);
}

void Master::Rooms::elected_now(Now now) {
  if (elected) return;
  elected = true;
  elected_at = now.wall;
  log_line(LogLevel::Info, "elected as the leading master");
  ports.process.status("leading; the registry is being recovered");
  if (!log) return recovered_now(now, "in memory");
  fetch_deadline = now.mono + config.registry_fetch_timeout;
  fetch_started = now.mono;
  log->lead(now);
}

void Master::Rooms::recovered_now(Now now, const std::string& how) {
  recovered = true;
  fetch_deadline = MonoTime::never();
  if (log) last_fetch = now.mono - fetch_started;
  log_line(LogLevel::Info, fmt::format("the registry is recovered ({})", how));
  ports.process.status("leading");
}

void Master::Rooms::on_log_event(Now now, const replicated_log::LogEvent& event) {
  using Kind = replicated_log::LogEvent::Kind;
  switch (event.kind) {
    case Kind::Opened: log_line(LogLevel::Info, "log: " + event.text); return;
    case Kind::Voting: log_line(LogLevel::Info, "log: this replica votes: " + event.text); return;
    case Kind::Established:
      if (elected) recovered_now(now, event.text);
      return;
    case Kind::Deposed:
      probe(Probe::DeposedInTerm);
      fail_fast(Exit::LeadershipLost, "deposed as the writer of the log: " + event.text);
  }
}

// --- The end

// Ends after the ZooKeeper session was closed, so that the next leader need not wait for its
// expiry. Nothing is written or confirmed from here on.
void Master::Rooms::leave(Now now, Exit exit, const std::string& why) {
  if (!election || exit != Exit::QuorumSilent) fail_fast(exit, why);
  log_line(LogLevel::Error, why + "; giving up the leadership");
  ending = Ending{exit, why};
  recovered = false;
  if (log) log->step_down();
  stop_at = now.mono + kStopGrace;
  election->close(now);
}

void Master::Rooms::check_limits(Now now) {
  if (fetch_deadline <= now.mono && !ending) {
    probe(Probe::FetchTimedOut);
    leave(now, Exit::QuorumSilent,
          fmt::format("the registry was not recovered within --registry_fetch_timeout={}",
                      duration_text(config.registry_fetch_timeout)));
  }
  if (!writes.empty() && !ending &&
      writes.begin()->second.submitted_at + config.registry_store_timeout <= now.mono) {
    probe(Probe::StoreTimedOut);
    leave(now, Exit::QuorumSilent,
          fmt::format(
              "a write was not chosen within --registry_store_timeout={}; its outcome is unknown",
              duration_text(config.registry_store_timeout)));
  }
  if (ending) fetch_deadline = MonoTime::never();
  if (stop_at <= now.mono) {
    if (ending) fail_fast(ending->exit, ending->why);
    ports.process.exit(Exit::Asked);
  }
  if (level_reset_at <= now.mono) {
    level_reset_at = MonoTime::never();
    level = config.logging_level;
    verbosity = 0;
    ports.process.set_log_level(level);
  }
  for (std::size_t i = 0; i < stats_waiting.size();) {
    if (now.mono < stats_waiting[i].until) {
      ++i;
      continue;
    }
    const WaitingStats waiting = stats_waiting[i];
    stats_waiting.erase(stats_waiting.begin() + static_cast<std::ptrdiff_t>(i));
    front.respond(now, waiting.key, render_stats(now, waiting.request));
  }
}

void Master::Rooms::stop(Now now) {
  if (stopping) return;
  if (recovered) probe(Probe::StoppedWhileLeading);
  stopping = true;
  log_line(LogLevel::Info, "asked to stop");
  ports.process.status("stopping");
  if (log) {
    log->step_down();
    log->seal();
  }
  recovered = false;
  stop_at = now.mono + (election ? kStopGrace : Duration::milliseconds(50));
  if (election) election->close(now);
}

}  // namespace quorate
