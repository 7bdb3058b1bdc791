#include <fmt/format.h>

#include <utility>

#include "master/api/api.h"
#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/peer_hello.h"
#include "master/rooms.h"

// Requests: what is answered at once, what waits for a quorum, the disk or the host.

namespace quorate {
namespace {

registry::Operation operation_of(const api::RegistryOperation& wish, registry::OperationId id) {
  if (const auto* update = std::get_if<api::UpdateSchedule>(&wish))
    return {id, registry::UpdateMaintenanceSchedule{update->schedule}};
  if (const auto* down = std::get_if<api::MachinesDown>(&wish))
    return {id, registry::StartMaintenance{down->ids}};
  return {id, registry::StopMaintenance{std::get<api::MachinesUp>(wish).ids}};
}

}  // namespace

void Master::Rooms::upgrade(Now now, const FrontUpgrade& upgrade) {
  peers.accept(now, upgrade.connection, hello_of(upgrade.request), upgrade.rest);
}

void Master::Rooms::serve(Now now, const FrontRequest& request) {
  if (!own) {
    probe(Probe::AskedTooEarly);
    // The port listens before the own name is resolved; this lasts for a moment.
    front.respond(now, request.key, http::text(503, "The master is starting.\n"));
    return;
  }
  api::Answer answer = api::handle(request.request, view());
  if (std::holds_alternative<api::NeedsReadBarrier>(answer)) {
    if (!log) {
      settle(now, request.key, api::handle_confirmed(request.request, view()));
    } else if (recovered && log->established()) {
      reads[log->confirm()].push_back({request.key, request.request});
    } else {
      probe(Probe::ReadRefused);
      settle(now, request.key, api::not_confirmed());
    }
    return;
  }
  if (const auto* needs = std::get_if<api::NeedsHostStats>(&answer)) {
    if (needs->patience.ns <= 0)
      return settle(now, request.key, render_stats(now, request.request));
    if (stats_waiting.empty()) ports.process.measure_host();
    stats_waiting.push_back({request.key, request.request, now.mono + needs->patience});
    return;
  }
  settle(now, request.key, std::move(answer));
}

void Master::Rooms::settle(Now now, const RequestKey& key, api::Answer answer) {
  if (auto* response = std::get_if<http::Response>(&answer)) {
    front.respond(now, key, *response);
  } else if (const auto* wish = std::get_if<api::RegistryOperation>(&answer)) {
    submit(now, key, *wish);
  } else if (const auto* set = std::get_if<api::SetLogLevel>(&answer)) {
    verbosity = set->level;
    level = set->level > 0 ? LogLevel::Debug : config.logging_level;
    level_reset_at = now.mono + set->duration;
    ports.process.set_log_level(level);
    front.respond(now, key, set->response);
  }
}

// --- Reads

void Master::Rooms::release_barrier(Now now, replicated_log::BarrierNumber number) {
  auto at = reads.find(number);
  if (at == reads.end()) return;
  const std::vector<WaitingRead> confirmed = std::move(at->second);
  reads.erase(at);
  for (const WaitingRead& read : confirmed)
    front.respond(now, read.key, api::handle_confirmed(read.request, view()));
}

http::Response Master::Rooms::render_stats(Now now, const http::Request& request) {
  const std::map<std::string, double> numbers = metrics(now);
  api::View shown = view();
  shown.metrics = &numbers;
  if (host_stats)
    shown.host = {host_stats->load_1min,          host_stats->load_5min,
                  host_stats->load_15min,         host_stats->cpus,
                  host_stats->memory_total_bytes, host_stats->memory_free_bytes};
  return api::render(request, shown);
}

void Master::Rooms::on_host_stats(Now now, const HostStats& stats) {
  host_stats = stats;
  for (const WaitingStats& waiting : std::exchange(stats_waiting, {}))
    front.respond(now, waiting.key, render_stats(now, waiting.request));
  host_stats.reset();
}

// --- Writes

void Master::Rooms::submit(Now now, const RequestKey& key, const api::RegistryOperation& wish) {
  const bool writable = recovered && !stopping && !ending && (!log || log->established());
  if (!writable) return front.respond(now, key, api::finish(api::NotLeading{}));
  if (log && log->short_of_space()) {
    probe(Probe::WriteRefusedForSpace);
    return front.respond(
        now, key,
        api::finish(api::Busy{"The disk of the leading master has no room for more of the log."}));
  }
  registry::OperationId id;
  id.high = random.next();
  id.low = random.next();
  const auto submitted = registrar.submit(operation_of(wish, id));
  if (!submitted) {
    using Kind = registry::Refusal::Kind;
    const registry::Refusal& refusal = submitted.error();
    const api::RegistryResult result =
        refusal.kind == Kind::Invalid ? api::RegistryResult(api::Rejected{refusal.text})
        : refusal.kind == Kind::Busy  ? api::RegistryResult(api::Busy{refusal.text})
                                      : api::RegistryResult(api::Applied{});
    return front.respond(now, key, api::finish(result));
  }
  writes.emplace(submitted->request, WaitingWrite{key, now.mono});
  if (log) {
    CHECK(log->append(submitted->entry).has_value());  // size and space were asked for before
  } else {
    apply_entry(now, registry::Position(++in_memory_position), submitted->entry);
  }
}

void Master::Rooms::apply(Now now, const replicated_log::ChosenEntry& entry) {
  using Kind = replicated_log::ChosenEntry::Kind;
  const registry::Position position(entry.position.value);
  switch (entry.kind) {
    case Kind::Data: return apply_entry(now, position, entry.payload);
    case Kind::Cut: return log->cut(now, entry.position, registrar.snapshot());
    case Kind::State: return restore_state(now, position, entry.payload);
  }
}

// A whole registry, of this replica's disk or of another one that it was too far behind.
void Master::Rooms::restore_state(Now now, registry::Position position, std::string_view bytes) {
  abandon_writes(now, "the log went on without this master");
  const registry::Decoded<std::monostate> restored = registrar.restore(position, bytes);
  if (const auto* newer = std::get_if<registry::Newer>(&restored))
    fail_fast(Exit::Configuration,
              fmt::format("the snapshot at position {}: {}", position.value, newer->why));
  if (const auto* malformed = std::get_if<registry::Malformed>(&restored))
    fail_fast(Exit::LogCorrupt,
              fmt::format("the snapshot at position {}: {}", position.value, malformed->why));
}

void Master::Rooms::apply_entry(Now now, registry::Position position, std::string_view bytes) {
  registry::ApplyOutcome outcome = registrar.apply(position, bytes);
  if (const auto* newer = std::get_if<registry::Newer>(&outcome))
    fail_fast(Exit::Configuration, fmt::format("position {}: {}", position.value, newer->why));
  if (const auto* malformed = std::get_if<registry::Malformed>(&outcome))
    fail_fast(Exit::LogCorrupt, fmt::format("position {}: {}", position.value, malformed->why));
  const registry::Folded& folded = std::get<registry::Folded>(outcome);
  if (folded.effect == registry::Effect::Unfitting)
    log_line(LogLevel::Error, fmt::format("the entry at position {} does not fit the registry and "
                                          "changed nothing",
                                          position.value));
  if (folded.request) answer_write(now, *folded.request, folded.effect);
}

void Master::Rooms::answer_write(Now now, registry::RequestNumber number, registry::Effect effect) {
  auto at = writes.find(number);
  if (at == writes.end()) return;
  last_store = now.mono - at->second.submitted_at;
  const api::RegistryResult result =
      effect == registry::Effect::Unfitting
          ? api::RegistryResult(
                api::Rejected{"The registry had changed meanwhile; nothing was done."})
          : api::RegistryResult(api::Applied{});
  front.respond(now, at->second.key, api::finish(result));
  writes.erase(at);
}

// What was in flight may still be chosen: nobody is told that it failed (protocol.md 9).
void Master::Rooms::abandon_writes(Now now, const std::string& why) {
  if (!writes.empty()) probe(Probe::WriteLostItsLeader);
  if (!reads.empty()) probe(Probe::ReadLostItsLeader);
  registrar.abandon();
  for (const auto& [number, write] : std::exchange(writes, {}))
    front.respond(now, write.key, api::finish(api::OutcomeUnknown{why}));
  for (const auto& [number, waiting] : std::exchange(reads, {}))
    for (const WaitingRead& read : waiting) front.respond(now, read.key, api::not_confirmed());
}

}  // namespace quorate
