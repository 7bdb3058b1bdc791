#include "bench/replica.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "bench/usage.h"
#include "master/base/check.h"
#include "master/base/text.h"
#include "master/paxos/codec.h"
#include "master/peer_hello.h"

namespace quorate::bench {
namespace {

constexpr Duration kContactTimeout = Duration::seconds(10);  // ZooKeeper's session, as shipped
constexpr Duration kLeaveAfter = Duration::milliseconds(50);
constexpr SocketAddress kAnyLoopbackPort{Ipv4{0x7f000001}, 0};

std::uint64_t room_seed(std::uint64_t seed, std::string_view room) {
  return RandomStream(seed, room).next();
}

replicated_log::Settings log_settings(const ReplicaOptions& options) {
  replicated_log::Settings settings;
  settings.quorum = options.quorum;
  settings.contact_timeout = kContactTimeout;
  if (options.keep_all) settings.truncate_after_bytes = replicated_log::kNeverTruncate;
  return settings;
}

void say(const Line& line) {
  const std::string text = to_text(line) + "\n";
  // The bench is gone when this fails, and then stdin ends us.
  ssize_t ignored = ::write(STDOUT_FILENO, text.data(), text.size());
  (void)ignored;
}

std::int64_t count(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

Replica::Replica(const ReplicaOptions& options, const Ports& ports, std::uint64_t seed)
    : options_(options),
      ports_(ports),
      front_(FrontLimits{}, ports.network),
      peers_(ports.network, kContactTimeout, room_seed(seed, "peers")),
      log_(log_settings(options), ports.disk, room_seed(seed, "replicated_log")) {}

void Replica::start(Now now) {
  started_ = now.mono;
  ports_.network.listen(kAnyLoopbackPort);
  log_.start(now);
  pump(now);
  set_alarm();
}

void Replica::handle(const Now& now, const Event& event) {
  route(now, event);
  front_.on_time(now);
  peers_.on_time(now);
  log_.on_time(now);
  pump(now);
  if (leave_at_ <= now.mono) ports_.process.exit(Exit::Asked);
  set_alarm();
}

void Replica::route(Now now, const Event& event) {
  if (const auto* synced = std::get_if<Synced>(&event)) {
    log_.on(now, *synced);
  } else if (const auto* read = std::get_if<ReadDone>(&event)) {
    log_.on(now, *read);
  } else if (const auto* listed = std::get_if<Listed>(&event)) {
    log_.on(now, *listed);
  } else if (const auto* listening = std::get_if<Listening>(&event)) {
    if (listening->error) ports_.process.fail_fast(Exit::Configuration, *listening->error);
    bound_ = listening->bound;
  } else if (const auto* command = std::get_if<FileRead>(&event)) {
    Result<Line> line = parse_line(command->bytes);
    if (!line) ports_.process.fail_fast(Exit::Usage, line.error().text);
    obey(now, *line);
  } else if (std::holds_alternative<StopRequested>(event)) {
    ports_.process.exit(Exit::Asked);
  } else {
    route_connection(now, event);
  }
}

void Replica::route_connection(Now now, const Event& event) {
  if (const auto* received = std::get_if<Received>(&event)) {
    if (peers_.owns(received->connection))
      peers_.on(now, *received);
    else
      front_.on(now, *received);
  } else if (const auto* opened = std::get_if<Opened>(&event)) {
    if (is_accepted(opened->connection))
      front_.on(now, *opened);
    else
      peers_.on(now, *opened);
  } else if (const auto* closed = std::get_if<Closed>(&event)) {
    if (peers_.owns(closed->connection))
      peers_.on(now, *closed);
    else
      front_.on(*closed);
  } else if (const auto* refused = std::get_if<Refused>(&event)) {
    peers_.on(now, *refused);
  }
}

void Replica::pump(Now now) {
  bool moved = true;
  while (moved) {
    moved = carry_messages(now);
    moved = carry_upgrades(now) || moved;
    moved = carry_results() || moved;
  }
  introduce();
  carry_notes();
  log_bytes_max_ = std::max(log_bytes_max_, log_.gauges().storage.log_bytes);
  if (watched_ && log_.gauges().learned >= *watched_) {
    say(Line{"reached", {}}.with("at_ns", platform::EventLoop::now().mono.ns));
    watched_.reset();
  }
  if (loading_ && load_.idle()) {
    loading_ = false;
    say(Line{"loaded", {}}.with("at_ns", platform::EventLoop::now().mono.ns));
  }
}

bool Replica::carry_messages(Now now) {
  std::vector<peers::PeerMessage> messages = peers_.take_messages();
  for (const peers::PeerMessage& message : messages) log_.receive(now, message.from, message.bytes);
  log_.flush(now);
  std::vector<replicated_log::Envelope> envelopes = log_.take_envelopes();
  for (replicated_log::Envelope& envelope : envelopes) {
    if (lead_at_ && !prepare_at_) notice_prepare(envelope);
    peers_.send(now, envelope.to, std::move(envelope.message));
  }
  return !messages.empty() || !envelopes.empty();
}

// The log does not tell when it asks for promises, so it is seen on the wire.
void Replica::notice_prepare(const replicated_log::Envelope& envelope) {
  Result<paxos::Framed> framed = paxos::decode(envelope.message);
  CHECK(framed.has_value());
  if (std::holds_alternative<paxos::Prepare>(framed->message))
    prepare_at_ = platform::EventLoop::now().mono;
}

bool Replica::carry_upgrades(Now now) {
  std::vector<FrontUpgrade> upgrades = front_.take_upgrades();
  for (const FrontUpgrade& upgrade : upgrades)
    peers_.accept(now, upgrade.connection, hello_of(upgrade.request), upgrade.rest);
  return !upgrades.empty();
}

bool Replica::carry_results() {
  if (log_.refusal())
    ports_.process.fail_fast(log_.refusal()->exit, options_.directory + ": " + log_.refusal()->why);
  bool moved = false;
  // The clock of the loop stands still while an event is handled; a latency must not.
  const Now now = platform::EventLoop::now();
  for (const replicated_log::ChosenEntry& entry : log_.take_chosen()) {
    switch (entry.kind) {
      case replicated_log::ChosenEntry::Kind::Data:
        tally_.apply(entry.position, entry.payload);
        break;
      case replicated_log::ChosenEntry::Kind::Cut:
        log_.cut(now, entry.position, encode(tally_));
        break;
      case replicated_log::ChosenEntry::Kind::State: tally_ = decode_tally(entry.payload); break;
    }
    moved = true;
  }
  for (const replicated_log::AppendOutcome& outcome : log_.take_outcomes())
    if (!load_.settle(now.mono, outcome))
      ports_.process.fail_fast(Exit::LeadershipLost, "the outcome of an append is unknown");
  for (const replicated_log::LogEvent& event : log_.take_events()) {
    carry_event(event);
    moved = true;
  }
  if (log_.established() && load_.fill(now.mono, log_)) moved = true;
  return moved;
}

void Replica::carry_event(const replicated_log::LogEvent& event) {
  using Kind = replicated_log::LogEvent::Kind;
  const MonoTime now = platform::EventLoop::now().mono;
  if (event.kind == Kind::Voting) say(Line{"voting", {}}.with("at_ns", now.ns));
  if (event.kind == Kind::Deposed) ports_.process.fail_fast(Exit::LeadershipLost, event.text);
  if (event.kind != Kind::Established) return;
  // Alone in its ensemble it asks nobody but itself.
  const MonoTime prepare = prepare_at_.value_or(lead_at_.value_or(now));
  say(Line{"established", {}}
          .with("lead_ns", (now - lead_at_.value_or(now)).ns)
          .with("prepare_ns", (now - prepare).ns)
          .with("position", count(log_.gauges().learned)));
  lead_at_.reset();
}

void Replica::carry_notes() {
  for (const std::string& note : log_.take_notes())
    ports_.process.log(LogLevel::Info, "log: " + note);
  for (const std::string& note : peers_.take_notes()) ports_.process.log(LogLevel::Info, note);
}

void Replica::introduce() {
  if (introduced_ || !bound_ || !log_.opened()) return;
  introduced_ = true;
  const replicated_log::Metadata& identity = log_.metadata();
  peers_.introduce(identity.replica, identity.incarnation);
  const MonoTime now = platform::EventLoop::now().mono;
  say(Line{"opened", {}}
          .with("replica", to_text(identity.replica))
          .with("incarnation", to_text(identity.incarnation))
          .with("address", to_text(*bound_))
          .with("opening_ns", (now - started_).ns)
          .with("learned", count(log_.gauges().learned))
          .with("at_ns", now.ns));
}

void Replica::set_alarm() {
  ports_.clock.wake_at(
      std::min({front_.next_deadline(), peers_.next_deadline(), log_.next_deadline(), leave_at_}));
}

// --- Commands

void Replica::obey(Now now, const Line& command) {
  if (command.word == "members") {
    set_members(now, command.text("list"));
  } else if (command.word == "lead") {
    lead_at_ = platform::EventLoop::now().mono;
    log_.lead(now);
  } else if (command.word == "load") {
    load_.start({.depth = static_cast<std::size_t>(command.number("depth")),
                 .size_bytes = static_cast<std::size_t>(command.number("size")),
                 .count = static_cast<std::uint64_t>(command.number("count"))});
    loading_ = true;
  } else if (command.word == "quiet") {
    load_.stop();
  } else if (command.word == "mark") {
    load_.mark();
    marked_at_ = platform::EventLoop::now().mono;
    marked_usage_ = own_usage();
    marked_syncs_ = log_.gauges().storage.syncs;
    say({"marked", {}});
  } else if (command.word == "measure") {
    measure();
  } else if (command.word == "watch") {
    watched_ = static_cast<std::uint64_t>(command.number("learned"));
  } else if (command.word == "state") {
    stand();
  } else if (command.word == "leave") {
    log_.seal();
    leave_at_ = now.mono + kLeaveAfter;
  } else {
    ports_.process.fail_fast(Exit::Usage, "no such command: " + command.word);
  }
}

void Replica::set_members(Now now, const std::string& list) {
  std::vector<peers::PeerAddress> addresses;
  std::vector<ReplicaId> members;
  for (const std::string& item : split(list, ',')) {
    const std::vector<std::string> parts = split(item, '/');
    CHECK(parts.size() == 3);
    const std::optional<ReplicaId> replica = parse_replica_id(parts[0]);
    const std::optional<Incarnation> incarnation = parse_incarnation(parts[1]);
    const std::optional<SocketAddress> address = parse_socket_address(parts[2]);
    CHECK(replica && incarnation && address);
    addresses.push_back({*replica, *incarnation, *address});
    members.push_back(*replica);
  }
  peers_.set_peers(now, addresses);
  log_.set_members(now, members);
}

void Replica::measure() {
  const MonoTime now = platform::EventLoop::now().mono;
  const Histogram& latencies = load_.latencies();
  const Usage usage = own_usage();
  say(Line{"measured", {}}
          .with("appends", count(load_.applied()))
          .with("p50_ns", latencies.percentile(50).ns)
          .with("p99_ns", latencies.percentile(99).ns)
          .with("p999_ns", latencies.percentile(99.9).ns)
          .with("syncs", count(log_.gauges().storage.syncs - marked_syncs_))
          .with("cpu_ns", (usage.cpu - marked_usage_.cpu).ns)
          .with("written_bytes", count(usage.written_bytes - marked_usage_.written_bytes))
          .with("elapsed_ns", (now - marked_at_).ns)
          .with("dropped", count(peers_.gauges().dropped)));
}

void Replica::stand() {
  const replicated_log::LogGauges gauges = log_.gauges();
  say(Line{"stands", {}}
          .with("learned", count(gauges.learned))
          .with("entries", count(tally_.entries))
          .with("digest", hex(tally_.digest.high) + hex(tally_.digest.low))
          .with("log_bytes", count(gauges.storage.log_bytes))
          .with("log_bytes_max", count(log_bytes_max_))
          .with("segments", count(gauges.storage.segments))
          .with("resident_bytes", count(own_usage().resident_bytes)));
}

}  // namespace quorate::bench
