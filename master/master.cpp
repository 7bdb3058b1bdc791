#include "master/master.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/rooms.h"

// Events to rooms, and what joins the rooms. Everything that a room gives is carried on in pump().

namespace quorate {
namespace {

FrontLimits front_limits(const HttpFlags& flags) {
  FrontLimits limits;
  limits.http.header_bytes_max = flags.max_header_size_bytes;
  limits.http.body_bytes_max = flags.max_body_size_bytes;
  limits.http.header_timeout = flags.header_timeout;
  limits.http.body_timeout = flags.body_timeout;
  limits.http.idle_timeout = flags.idle_timeout;
  limits.connections_max = flags.max_connections;
  limits.connections_per_address_max = flags.max_connections_per_address;
  return limits;
}

std::uint64_t room_seed(std::uint64_t seed, std::string_view room) {
  return RandomStream(seed, room).next();
}

}  // namespace

Master::Master(Config config, const Ports& ports, std::uint64_t seed)
    : rooms_(std::make_unique<Rooms>(std::move(config), ports, seed)) {}
Master::~Master() = default;
void Master::start(Now now) { rooms_->start(now); }
void Master::handle(Now now, const Event& event) { rooms_->handle(now, event); }
Glance Master::glance() const { return rooms_->glance(); }

Master::Rooms::Rooms(Config config_given, const Ports& ports_given, std::uint64_t seed)
    : config(std::move(config_given)),
      ports(ports_given),
      random(seed, "master"),
      front(front_limits(config.http), ports.network),
      peers(ports.network, config.zk_session_timeout, room_seed(seed, "peers")),
      level(config.logging_level) {
  master_id = make_uuid(random);
  if (config.zk)
    election.emplace(
        election::Settings{config.zk->path, config.zk->authenticated, config.zk_session_timeout},
        ports.coordination, room_seed(seed, "election"));
  if (!uses_log()) return;
  replicated_log::Settings settings;
  settings.quorum = config.quorum;
  settings.auto_initialize = config.log_auto_initialize;
  settings.storage.repair = config.quorum == 1        ? replicated_log::Repair::Never
                            : config.log_repair_peers ? replicated_log::Repair::Always
                                                      : replicated_log::Repair::Ambiguous;
  settings.contact_timeout = config.zk_session_timeout;
  log.emplace(settings, ports.disk, room_seed(seed, "replicated_log"));
  registrar = registry::Registrar(registry::Registrar::kDefaultWindow, log->payload_bytes_max());
}

void Master::Rooms::start(Now now) {
  started = now;
  log_line(LogLevel::Info,
           fmt::format("quorate-master {} ({}) starts: {}", QUORATE_VERSION, master_id,
                       config.zk ? fmt::format("quorum {} under ZooKeeper path {}", config.quorum,
                                               config.zk->path)
                                 : std::string("stand-alone")));
  for (const std::string& warning : config.warnings) log_line(LogLevel::Warning, warning);
  if (uses_log() && config.zk)
    log_line(LogLevel::Info, fmt::format("--quorum={}: {} masters, tolerates the loss of {}",
                                         config.quorum, 2 * config.quorum - 1, config.quorum - 1));
  ports.network.listen(listen_address(config));
  if (log) log->start(now);
  pump(now);
  set_alarm();
}

void Master::Rooms::handle(Now now, const Event& event) {
  // A process that was paused learns of its lost lease from the clock alone, before it acts on
  // anything that waited for it (protocol.md 2).
  if (election) {
    election->on_time(now);
    carry_election(now);
  }
  route(now, event);
  on_time(now);
  pump(now);
  set_alarm();
}

// One flat list, an event a line or two. NOLINTNEXTLINE(readability-function-cognitive-complexity)
void Master::Rooms::route(Now now, const Event& event) {
  if (const auto* received = std::get_if<Received>(&event)) {
    if (peers.owns(received->connection))
      peers.on(now, *received);
    else
      front.on(now, *received);
  } else if (const auto* opened = std::get_if<Opened>(&event)) {
    if (is_accepted(opened->connection))
      front.on(now, *opened);
    else
      peers.on(now, *opened);
  } else if (const auto* closed = std::get_if<Closed>(&event)) {
    if (peers.owns(closed->connection))
      peers.on(now, *closed);
    else
      front.on(*closed);
  } else if (const auto* refused = std::get_if<Refused>(&event)) {
    peers.on(now, *refused);
  } else if (const auto* synced = std::get_if<Synced>(&event)) {
    if (log && log->owns(synced->ticket)) log->on(now, *synced);
  } else if (const auto* read = std::get_if<ReadDone>(&event)) {
    if (log && log->owns(read->ticket)) log->on(now, *read);
  } else if (const auto* listed = std::get_if<Listed>(&event)) {
    if (log && log->owns(listed->ticket)) log->on(now, *listed);
  } else if (const auto* reply = std::get_if<CoordinationReply>(&event)) {
    if (election) election->on(now, *reply);
  } else if (const auto* fired = std::get_if<WatchFired>(&event)) {
    if (election) election->on(now, *fired);
  } else if (const auto* session = std::get_if<SessionState>(&event)) {
    if (election) election->on(now, *session);
  } else if (const auto* listening = std::get_if<Listening>(&event)) {
    if (listening->error) fail_fast(Exit::Configuration, *listening->error);
    bound = listening->bound;
    advance_addresses(now);
  } else if (const auto* resolved = std::get_if<Resolved>(&event)) {
    if (resolved->ticket != last_resolve) return;
    if (address_asked == Asked::OwnName) address_answers.own_name = *resolved;
    if (address_asked == Asked::OwnIp) address_answers.own_ip = *resolved;
    if (address_asked == Asked::ReverseName) address_answers.reverse_name = *resolved;
    advance_addresses(now);
  } else if (const auto* stats = std::get_if<HostStats>(&event)) {
    on_host_stats(now, *stats);
  } else if (std::holds_alternative<StopRequested>(event)) {
    stop(now);
  } else if (std::holds_alternative<Reload>(event)) {
    log_line(LogLevel::Info, "SIGHUP: there is nothing to reload yet");
  }
}

void Master::Rooms::on_time(Now now) {
  front.on_time(now);
  peers.on_time(now);
  if (log) log->on_time(now);
  check_limits(now);
}

// The way of a write: requests -> api -> registry -> log -> peers and disk -> chosen -> registry ->
// answers. Nothing is carried twice; the rounds end when nobody has anything to give.
void Master::Rooms::pump(Now now) {
  bool moved = true;
  while (moved) {
    moved = carry_messages(now);
    moved = carry_requests(now) || moved;
    moved = carry_log_results(now) || moved;
    moved = carry_election(now) || moved;
    moved = join_replica_group(now) || moved;
    moved = contend_when_ready(now) || moved;
  }
  carry_notes();
}

bool Master::Rooms::carry_messages(Now now) {
  std::vector<peers::PeerMessage> messages = peers.take_messages();
  if (!log) return false;
  for (const peers::PeerMessage& message : messages) log->receive(now, message.from, message.bytes);
  log->flush(now);
  std::vector<replicated_log::Envelope> envelopes = log->take_envelopes();
  for (replicated_log::Envelope& envelope : envelopes)
    peers.send(now, envelope.to, std::move(envelope.message));
  return !messages.empty() || !envelopes.empty();
}

bool Master::Rooms::carry_requests(Now now) {
  std::vector<FrontUpgrade> upgrades = front.take_upgrades();
  for (const FrontUpgrade& request : upgrades) upgrade(now, request);
  std::vector<FrontRequest> requests = front.take_requests();
  for (const FrontRequest& request : requests) serve(now, request);
  return !upgrades.empty() || !requests.empty();
}

bool Master::Rooms::carry_log_results(Now now) {
  carry_notes();
  if (!log) return false;
  // Why the log cannot go on comes before anything that it may still have said.
  if (const std::optional<replicated_log::Refusal>& refusal = log->refusal(); refusal && !ending)
    leave(now, refusal->exit, fmt::format("{}/replicated_log: {}", config.work_dir, refusal->why));
  bool moved = false;
  for (const replicated_log::ChosenEntry& entry : log->take_chosen()) {
    apply(now, entry);
    moved = true;
  }
  for (const replicated_log::AppendOutcome& outcome : log->take_outcomes())
    if (outcome.outcome != replicated_log::Outcome::Applied)
      abandon_writes(now, "leadership was lost while it was written");
  for (replicated_log::BarrierNumber number : log->take_confirmed()) {
    release_barrier(now, number);
    moved = true;
  }
  for (const replicated_log::LogEvent& event : log->take_events()) {
    on_log_event(now, event);
    moved = true;
  }
  return moved;
}

void Master::Rooms::carry_notes() {
  if (log)
    for (const std::string& note : log->take_notes()) log_line(LogLevel::Info, "log: " + note);
  for (const std::string& note : peers.take_notes()) log_line(LogLevel::Info, note);
}

void Master::Rooms::set_alarm() {
  MonoTime next = std::min(
      {front.next_deadline(), peers.next_deadline(), fetch_deadline, stop_at, level_reset_at});
  if (election) next = std::min(next, election->next_deadline());
  if (log) next = std::min(next, log->next_deadline());
  for (const WaitingStats& waiting : stats_waiting) next = std::min(next, waiting.until);
  if (!writes.empty())
    next = std::min(next, writes.begin()->second.submitted_at + config.registry_store_timeout);
  if (next == alarm) return;
  alarm = next;
  ports.clock.wake_at(next);
}

void Master::Rooms::fail_fast(Exit exit, const std::string& why) {
  ports.process.fail_fast(exit, why);
  check_failed("Process::fail_fast returned", __FILE__, __LINE__);
}

void Master::Rooms::log_line(LogLevel line_level, const std::string& line) {
  if (line_level >= level) ports.process.log(line_level, line);
}

}  // namespace quorate
