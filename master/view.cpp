#include <fmt/format.h>

#include "master/rooms.h"

// What requests are shown of this master.

namespace quorate {
namespace {

const api::BuildInfo& build_info() {
  static const api::BuildInfo kBuild{.version = std::string(kMesosVersion),
                                     .build_date = QUORATE_RELEASE_DATE " 00:00:00",
                                     .build_time_seconds = QUORATE_RELEASE_TIME,
                                     .build_user = "quorate",
                                     .git_sha = {},
                                     .git_branch = {},
                                     .git_tag = "quorate-" QUORATE_VERSION};
  return kBuild;
}

}  // namespace

api::View Master::Rooms::view() const {
  api::View shown;
  shown.self = &*own;
  shown.leader = leader ? &*leader : nullptr;
  shown.leading = elected && !stopping && !ending;
  shown.recovered = recovered;
  shown.log_recovered = !log || log->voting();
  shown.started = started.wall;
  if (elected) shown.elected = elected_at;
  shown.build = &build_info();
  shown.flags = &config.shown;
  shown.log_verbosity = verbosity;
  shown.session_state = [this] { return session_text(); };
  shown.log_state = [this] { return log_text(); };
  shown.members = &member_lines;
  shown.schedule = &registrar.applied().schedule;
  shown.machines = &registrar.applied().machines;
  return shown;
}

std::string Master::Rooms::session_text() const {
  if (!election) return "stand-alone";
  if (!election->connected()) return "not connected";
  return fmt::format("connected, session timeout {}", duration_text(election->session_timeout()));
}

std::string Master::Rooms::log_text() const {
  if (!log || !log->opened()) return "in memory";
  const replicated_log::LogGauges gauges = log->gauges();
  return fmt::format("replica {} {}, learned {}, holds {}", to_text(log->metadata().replica),
                     to_text(gauges.status), gauges.learned, gauges.end);
}

Glance Master::Rooms::glance() const {
  Glance seen;
  if (election) {
    seen.connected = election->connected();
    seen.contending = election->contending();
  }
  seen.elected = elected && !stopping && !ending;
  seen.recovered = recovered;
  if (leader) seen.leader = to_text(SocketAddress{leader->ip, leader->port});
  seen.writes_waiting = writes.size();
  for (const auto& [number, waiting] : reads) seen.reads_waiting += waiting.size();
  if (!log || !log->opened()) return seen;
  const replicated_log::LogGauges gauges = log->gauges();
  const replicated_log::Metadata& metadata = log->metadata();
  seen.opened = true;
  seen.established = log->established();
  seen.status = to_text(gauges.status);
  seen.replica = metadata.replica;
  seen.incarnation = metadata.incarnation;
  seen.promised_round = log->promised().round;
  seen.promised_to = log->promised().replica;
  seen.begin = gauges.begin;
  seen.learned = gauges.learned;
  seen.end = gauges.end;
  seen.behind = gauges.behind;
  seen.ensemble_size = gauges.ensemble_size;
  seen.contradictions = gauges.contradictions;
  seen.log_bytes = gauges.storage.log_bytes;
  seen.snapshot_bytes = gauges.storage.snapshot_bytes;
  return seen;
}

std::map<std::string, double> Master::Rooms::metrics(Now now) {
  auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  std::map<std::string, double> values;
  values["master/elected"] = elected && !stopping && !ending ? 1 : 0;
  values["master/uptime_secs"] = (now.mono - started.mono).in_seconds();
  values["master/event_queue_messages"] = 0;
  values["master/event_queue_dispatches"] = 0;
  values["master/event_queue_http_requests"] = number(writes.size() + reads.size());
  values["registrar/queued_operations"] = number(registrar.queued_operations());
  if (recovered) values["registrar/registry_size_bytes"] = number(registrar.state_size_bytes());
  if (last_fetch) values["registrar/state_fetch_ms"] = last_fetch->in_seconds() * 1000;
  if (last_store) values["registrar/state_store_ms"] = last_store->in_seconds() * 1000;
  const FrontGauges http = front.gauges();
  values["quorate/http/connections"] = number(http.connections);
  values["quorate/http/requests"] = number(http.requests);
  values["quorate/http/refused_connections"] = number(http.refused_connections);
  if (!log) return values;
  const replicated_log::LogGauges gauges = log->gauges();
  values["registrar/log/recovered"] = log->voting() ? 1 : 0;
  values["registrar/log/ensemble_size"] = number(gauges.ensemble_size);
  values["quorate/log/begin_position"] = number(gauges.begin);
  values["quorate/log/learned_position"] = number(gauges.learned);
  values["quorate/log/end_position"] = number(gauges.end);
  values["quorate/log/bytes"] = number(gauges.storage.log_bytes);
  values["quorate/log/snapshot_bytes"] = number(gauges.storage.snapshot_bytes);
  values["quorate/log/behind_positions"] = number(gauges.behind);
  values["quorate/log/state_transfer_bytes"] = number(gauges.state_transfer_bytes);
  values["quorate/log/state_transfer_total_bytes"] = number(gauges.state_transfer_total_bytes);
  values["quorate/log/sync_ms"] = gauges.last_sync.in_seconds() * 1000;
  values["quorate/log/contradictions"] = number(gauges.contradictions);
  values["quorate/log/segments"] = number(gauges.storage.segments);
  values["quorate/log/syncs"] = number(gauges.storage.syncs);
  values["quorate/log/batches"] = number(gauges.storage.batches);
  values["quorate/log/dropped_messages"] = number(gauges.dropped_messages);
  const peers::PeerGauges links = peers.gauges();
  values["quorate/peers/links_up"] = number(links.links_up);
  values["quorate/peers/messages_sent"] = number(links.sent);
  values["quorate/peers/messages_received"] = number(links.received);
  values["quorate/peers/messages_dropped"] = number(links.dropped);
  return values;
}

}  // namespace quorate
