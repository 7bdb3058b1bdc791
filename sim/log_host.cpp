#include "sim/log_host.h"

#include <utility>

#include "master/base/check.h"
#include "master/paxos/codec.h"

namespace quorate::sim {
namespace {

using replicated_log::ChosenEntry;
using replicated_log::ReplicatedLog;

constexpr std::uint32_t kWake = 1;
constexpr std::uint32_t kRestart = 2;

HostClock draw_clock(const World& world, const std::string& name) {
  RandomStream random = world.stream("clock/" + name);
  HostClock clock;
  clock.mono_offset_ns = random.between(Duration::minutes(1).ns, Duration::minutes(60).ns);
  clock.rate_ppb = random.between(-200'000, 200'000);
  return clock;
}

}  // namespace

LogHost::LogHost(World& world, const Profile& profile, LogOracle& oracle, LogHostWatcher& watcher,
                 Options options)
    : world_(world),
      oracle_(oracle),
      watcher_(watcher),
      options_(std::move(options)),
      clock_(draw_clock(world, options_.name)),
      boots_(world.stream("boot/" + options_.name)),
      disk_(world, profile, *this, options_.name),
      port_(disk_) {}

LogHost::~LogHost() = default;

void LogHost::start() {
  if (state_ == State::Running || state_ == State::Paused) return;
  ++incarnation_;
  state_ = State::Running;
  reader_ = {};
  reader_.name = options_.name;
  wakes_at_ = SimTime::never();
  if (world_.trace != nullptr) world_.trace->line(world_.now(), name(), "starts");
  log_ = std::make_unique<ReplicatedLog>(options_.settings, port_, boots_.next());
  log_->start(now());
  pump();
}

void LogHost::stop() {
  if (state_ == State::Paused) resume();
  if (!running()) return;
  log_->seal();
  log_->flush(now());
  end(code(Exit::Asked), "asked", false);
}

void LogHost::kill() {
  if (state_ == State::Running || state_ == State::Paused) end(kKilled, "killed", false);
  state_ = State::Down;
}

void LogHost::lose_power() {
  if (state_ == State::Running || state_ == State::Paused) {
    end(kKilled, "power lost", true);
  } else {
    disk_.lose_power();
  }
  state_ = State::Down;
}

void LogHost::leave(Exit exit, const std::string& why) {
  if (running()) end(code(exit), why, false);
}

void LogHost::pause() {
  if (running()) state_ = State::Paused;
}

void LogHost::resume() {
  if (state_ != State::Paused) return;
  state_ = State::Running;
  const std::uint64_t before = incarnation_;
  while (running() && incarnation_ == before && !held_.empty()) {
    const Input input = std::move(held_.front());
    held_.pop_front();
    handle(input);
  }
  if (running() && incarnation_ == before) set_alarm();
}

void LogHost::befall(const faults::Fault& fault) {
  using faults::FaultKind;
  switch (fault.kind) {
    case FaultKind::Start: return start();
    case FaultKind::Stop: return stop();
    case FaultKind::Pause: return pause();
    case FaultKind::Resume: return resume();
    case FaultKind::Kill: return fault.after ? disk_.befall(fault) : kill();
    case FaultKind::PowerLoss: return fault.after ? disk_.befall(fault) : lose_power();
    case FaultKind::RestoreCopy:
    case FaultKind::Wipe:
      if (!fault.after) lose_power();
      return disk_.befall(fault);
    default: return disk_.befall(fault);
  }
}

// --- The way in

void LogHost::take(Input input) {
  if (state_ == State::Paused) {
    held_.push_back(std::move(input));
  } else if (running()) {
    handle(input);
  }
}

void LogHost::receive(ReplicaId from, Bytes message) { take(Message{from, std::move(message)}); }
void LogHost::set_members(std::vector<ReplicaId> members) { take(Members{std::move(members)}); }
void LogHost::lead() { take(Lead{}); }
void LogHost::on_answer(Event event) { take(std::move(event)); }

void LogHost::on_crash(bool power) { power ? lose_power() : kill(); }

void LogHost::step_down() {
  if (!running()) return;
  log_->step_down();
  pump();
}

void LogHost::receive_garbage(const Bytes& message) {
  if (!opened()) return;
  // What the decoder takes, the encoder writes; and nobody by that name is believed.
  if (Result<paxos::Framed> framed = paxos::decode(message)) {
    if (paxos::encode(framed->header, framed->message) != message)
      oracle_.violate("codec: changed bytes are taken for another message than they are");
  }
  log_->receive(now(), ReplicaId(1), message);
  pump();
}

void LogHost::append(Bytes payload) {
  CHECK(opened());
  // Refused where the disk is all but full, or the payload too large.
  const Result<replicated_log::AppendNumber> number = log_->append(payload);
  if (!number) return;
  oracle_.appended(payload);
  appended_.emplace(*number, std::move(payload));
}

void LogHost::confirm() {
  CHECK(opened());
  if (log_->established()) barriers_.emplace(log_->confirm(), oracle_.last_acknowledged());
}

void LogHost::act(const Task& task) {
  if (task.a != incarnation_) return;
  if (task.kind == kRestart) {
    if (state_ == State::Restarting) start();
    return;
  }
  if (world_.now() >= wakes_at_) wakes_at_ = SimTime::never();
  if (!running()) return;
  log_->on_time(now());
  pump();
}

void LogHost::handle(const Input& input) {
  world_.count_event();
  const Now at = now();
  if (const auto* message = std::get_if<Message>(&input)) {
    world_.hash(number(), message->bytes);
    log_->receive(at, message->from, message->bytes);
  } else if (const auto* members = std::get_if<Members>(&input)) {
    log_->set_members(at, members->ids);
  } else if (std::holds_alternative<Lead>(input)) {
    if (log_->voting()) log_->lead(at);
  } else {
    handle_event(at, std::get<Event>(input));
  }
  pump();
}

void LogHost::handle_event(Now at, const Event& event) {
  if (const auto* listed = std::get_if<Listed>(&event)) {
    log_->on(at, *listed);
  } else if (const auto* read = std::get_if<ReadDone>(&event)) {
    log_->on(at, *read);
  } else if (const auto* synced = std::get_if<Synced>(&event)) {
    world_.hash(number(), synced->error ? "synced: error" : "synced");
    log_->on(at, *synced);
  }
}

// --- The way out

void LogHost::pump() {
  const std::uint64_t before = incarnation_;
  const auto here = [&] { return running() && incarnation_ == before; };
  log_->flush(now());
  for (const replicated_log::Envelope& envelope : log_->take_envelopes())
    watcher_.on_send(*this, envelope);
  for (const std::string& note : log_->take_notes()) watcher_.on_note(*this, note);
  if (log_->refusal()) {
    const replicated_log::Refusal refusal = *log_->refusal();
    return end(code(refusal.exit), refusal.why, false);
  }
  const std::vector<ChosenEntry> chosen = log_->take_chosen();
  for (const ChosenEntry& entry : chosen) apply(entry);
  if (!chosen.empty()) log_->flush(now());  // a state that was cut makes more to write
  for (const replicated_log::AppendOutcome& outcome : log_->take_outcomes()) {
    auto mine = appended_.find(outcome.number);
    CHECK(mine != appended_.end());
    if (outcome.outcome == replicated_log::Outcome::Applied) {
      oracle_.acknowledged(mine->second);
    } else if (outcome.outcome == replicated_log::Outcome::NotApplied) {
      oracle_.not_applied(mine->second);
    } else {
      ++unknown_;
    }
    appended_.erase(mine);
  }
  for (const replicated_log::BarrierNumber number : log_->take_confirmed()) {
    auto asked = barriers_.extract(number);
    CHECK(!asked.empty());
    oracle_.confirmed(reader_, asked.mapped());
  }
  for (const replicated_log::LogEvent& event : log_->take_events()) {
    if (event.kind == replicated_log::LogEvent::Kind::Established) confirm();
    watcher_.on_log_event(*this, event);
    if (!here()) return;
  }
  set_alarm();
}

void LogHost::apply(const ChosenEntry& entry) {
  world_.hash(number(), entry.payload);
  switch (entry.kind) {
    case ChosenEntry::Kind::Data: return oracle_.handed_out(reader_, entry.position, entry.payload);
    case ChosenEntry::Kind::Cut:
      oracle_.cut(reader_, entry.position);
      return log_->cut(now(), entry.position, reader_.state.encode());
    case ChosenEntry::Kind::State: return oracle_.restored(reader_, entry.position, entry.payload);
  }
}

void LogHost::set_alarm() {
  const MonoTime deadline = log_->next_deadline();
  if (deadline == MonoTime::never()) return;
  const SimTime at = clock_.when(deadline, world_.now());
  if (at >= wakes_at_) return;
  wakes_at_ = at;
  world_.at(at, *this, {kWake, incarnation_, 0});
}

// --- The end

void LogHost::end(int code, const std::string& why, bool power) {
  state_ = State::Down;
  held_.clear();
  appended_.clear();
  barriers_.clear();
  if (power) {
    disk_.lose_power();
  } else {
    disk_.end_process();
  }
  log_.reset();
  last_exit_ = code;
  last_why_ = why;
  world_.hash(number(), "ends " + std::to_string(code));
  supervise(code);
  watcher_.on_end(*this, code, why);
}

void LogHost::supervise(int code) {
  Duration delay;
  switch (code) {
    case 69: delay = Duration::milliseconds(200); break;
    case 75: delay = Duration::milliseconds(800); break;
    case 74: delay = Duration::seconds(3); break;
    case 65:
      if (!options_.repair_restarts) return;
      delay = Duration::seconds(3);
      break;
    default: return;  // asked, killed, or a person must look
  }
  state_ = State::Restarting;
  ++incarnation_;  // what was asked before is void
  world_.after(delay, *this, {kRestart, incarnation_, 0});
}

}  // namespace quorate::sim
