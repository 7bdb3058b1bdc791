#include "sim/log_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace quorate::sim {
namespace {

using faults::Bounds;
using faults::Cost;
using faults::Fault;
using faults::FaultKind;
using replicated_log::LogEvent;
using replicated_log::Repair;

constexpr std::uint32_t kFault = 1;
constexpr std::uint32_t kReplace = 2;
constexpr std::size_t kRemembered = 60;
constexpr Duration kHealthyWithin = Duration::seconds(40);

// A person must look: the supervisor leaves it down.
bool is_refusal(int exit) {
  return exit == code(Exit::LogCorrupt) || exit == code(Exit::Configuration) ||
         exit == code(Exit::NotMember);
}

}  // namespace

LogWorld::LogWorld(std::uint64_t seed, LogSettings settings)
    : world_(seed),
      settings_(std::move(settings)),
      bounds_(settings_.bounds.value_or([](std::uint64_t drawn) {
        if (drawn < 80) return Bounds::Budget;
        return drawn < 93 ? Bounds::Telling : Bounds::None;
      }(RandomStream(seed, "bounds").below(100)))),
      profile_(*find_profile("lan")),
      oracle_(bounds_ != Bounds::None),
      network_(world_, profile_, oracle_),
      clients_(world_, network_) {
  world_.trace = settings_.trace;
  if (settings_.replicas == 0) {
    const std::uint64_t drawn = RandomStream(seed, "replicas").below(20);
    settings_.replicas = drawn < 14 ? 3 : drawn < 18 ? 5 : 1;
  }
  build();
  schedule_ = settings_.schedule.value_or(
      faults::generate(seed, {settings_.replicas, bounds_, settings_.kinds}));
}

LogWorld::~LogWorld() = default;

void LogWorld::build() {
  RandomStream random = world_.stream("settings");
  constexpr Duration kTimeouts[] = {Duration::milliseconds(600), Duration::seconds(1),
                                    Duration::seconds(2)};
  const Duration timeout = kTimeouts[random.below(3)];
  if (random.chance_ppm(150'000)) profile_.network = find_profile("wan")->network;
  if (random.chance_ppm(300'000))
    profile_.sync = {Duration::milliseconds(1), Duration::milliseconds(15), 10'000,
                     Duration::milliseconds(200)};
  replicated_log::Settings log;
  log.quorum = settings_.replicas / 2 + 1;
  log.contact_timeout = timeout;
  const std::uint64_t repair = random.below(10);
  if (settings_.replicas > 1 && repair >= 2)
    log.storage.repair = repair < 6 ? Repair::Ambiguous : Repair::Always;
  log.storage.repair = settings_.repair.value_or(log.storage.repair);
  log.storage.segment_bytes = (64u << 10) + 4096 * random.below(49);
  if (random.chance_ppm(500'000)) log.truncate_after_bytes = (16u << 10) << random.below(4);
  log.truncate_after_bytes = settings_.truncate_after_bytes.value_or(log.truncate_after_bytes);
  const bool restarts = log.storage.repair == Repair::Always && random.chance_ppm(500'000);
  for (std::uint32_t i = 0; i < settings_.replicas; ++i) {
    hosts_.push_back(
        std::make_unique<LogHost>(world_, profile_, oracle_, *this,
                                  LogHost::Options{faults::replica_name(i), i, log, restarts}));
    network_.add(*hosts_.back());
  }
  elector_ = std::make_unique<LogElector>(world_, network_, timeout);
}

// --- The run

LogResult LogWorld::run() {
  start();
  if (!healthy_again(kHealthyWithin))
    fail(Verdict::LivenessViolated, "a new log did not come to life");
  clients_.start();
  for (std::size_t i = 0; i < schedule_.phases.size() && verdict_ == Verdict::Pass; ++i)
    run_phase(i);
  if (verdict_ == Verdict::Pass) last_look();
  if (oracle_.violation()) {
    verdict_ = Verdict::SafetyViolated;
    why_ = *oracle_.violation();
  }
  return result();
}

void LogWorld::start() {
  for (auto& host : hosts_) host->start();
  elector_->start();
}

void LogWorld::run_phase(std::size_t number) {
  phase_ = number;
  replacing_ = false;
  const faults::Phase& phase = schedule_.phases[number];
  for (std::size_t i = 0; i < phase.faults.size(); ++i)
    world_.after(phase.faults[i].at, *this, {kFault, number, i});
  // Whatever undoes a fault may come after the end; healing does it all.
  advance(phase.length + Duration::seconds(1));
  ++phase_;
  const bool budget = bounds_ == Bounds::Budget;
  heal(budget);
  if (!budget) {
    advance(Duration::seconds(8));
    return;
  }
  if (!healthy_again(kHealthyWithin))
    return fail(Verdict::LivenessViolated,
                fmt::format("after phase {} the log did not serve again within {} s", number + 1,
                            kHealthyWithin.ns / 1'000'000'000));
  restart_damaged(phase);
}

// Damage that nobody has met yet is met now, while nothing else is wrong.
void LogWorld::restart_damaged(const faults::Phase& phase) {
  bool any = false;
  for (auto& host : hosts_) {
    const bool befallen =
        std::any_of(phase.faults.begin(), phase.faults.end(), [&](const faults::TimedFault& f) {
          return faults::description_of(f.fault.kind).cost != Cost::Nothing &&
                 std::count(f.fault.targets.begin(), f.fault.targets.end(), host->name()) > 0;
        });
    if (!befallen) continue;
    any = true;
    host->kill();
    host->start();
  }
  if (any && !healthy_again(kHealthyWithin))
    fail(Verdict::LivenessViolated, "a damaged replica did not come back after a restart");
}

void LogWorld::last_look() {
  clients_.stop();
  const paxos::Position last = oracle_.last_acknowledged();
  const auto everywhere = [&] {
    return std::all_of(hosts_.begin(), hosts_.end(),
                       [&](const auto& host) { return host->reader().at >= last; });
  };
  if (bounds_ == Bounds::Budget && !advance_until(everywhere, kHealthyWithin))
    fail(Verdict::LivenessViolated, "not every replica got what was acknowledged last");
  if (bounds_ != Bounds::None || !complaints_.empty()) return;
  for (std::size_t i = 0; i < hosts_.size(); ++i)
    for (std::size_t j = i + 1; j < hosts_.size(); ++j)
      if (hosts_[i]->running() && hosts_[j]->running())
        if (auto two = oracle_.divergence(hosts_[i]->reader(), hosts_[j]->reader()))
          oracle_.violate("silent divergence: " + *two + ", and neither complains");
}

void LogWorld::advance(Duration time) {
  const SimTime end = world_.now() + time;
  while (!oracle_.violation() && world_.step(end)) {}
}

bool LogWorld::healthy_again(Duration at_most) {
  std::optional<Bytes> probe;
  SimTime probed;
  return advance_until(
      [&] {
        for (const auto& host : hosts_)
          if (!host->opened() || !host->log().voting()) return false;
        if (!probe || world_.now() - probed > Duration::seconds(2)) {
          probe = clients_.append_one();
          probed = world_.now();
          return false;
        }
        const paxos::Position at = oracle_.position_of(*probe);
        return at.value != 0 && std::all_of(hosts_.begin(), hosts_.end(), [&](const auto& host) {
                 return host->reader().at >= at;
               });
      },
      at_most);
}

// --- Faults

void LogWorld::act(const Task& task) {
  if (task.kind == kReplace) {
    LogHost& host = *hosts_[task.a];
    if (!replacing_ || host.state() != LogHost::State::Down) return;
    remember(host.name(), "is replaced");
    host.befall({.kind = FaultKind::Wipe});
    return host.start();
  }
  // What was to come after the end of its phase comes no more.
  if (task.a == phase_) befall(schedule_.phases[task.a].faults[task.b].fault);
}

void LogWorld::befall(const Fault& fault) {
  remember("faults", faults::to_text(fault));
  world_.hash(99, faults::to_text(fault));
  if (fault.targets.empty()) return network_.befall(fault);
  for (auto& host : hosts_) {
    if (std::count(fault.targets.begin(), fault.targets.end(), host->name()) == 0) continue;
    const LogHost::State before = host->state();
    if (fault.kind == FaultKind::TwoLeaders) {
      if (elector_->overtake(*host)) ++carried_out_[fault.kind];
      continue;
    }
    host->befall(fault);
    if (host->state() != before) ++carried_out_[fault.kind];
  }
}

void LogWorld::heal(bool replace) {
  remember("faults", "heal all");
  replacing_ = replace;
  network_.heal();
  for (auto& host : hosts_) {
    host->disk().heal();
    host->resume();
    const int exit = host->last_exit().value_or(0);
    const bool refused = is_refusal(exit);
    if (host->state() == LogHost::State::Running) continue;
    if (refused && host->state() == LogHost::State::Restarting) host->kill();
    if (host->state() == LogHost::State::Restarting) continue;
    if (refused && replace) host->befall({.kind = FaultKind::Wipe});
    if (!refused || replace) host->start();
  }
}

// --- What hosts tell

void LogWorld::on_send(LogHost& from, const replicated_log::Envelope& envelope) {
  network_.send(from, envelope);
}

void LogWorld::on_log_event(LogHost& host, const LogEvent& event) {
  remember(host.name(), event.text);
  if (event.kind == LogEvent::Kind::Opened) {
    const ReplicaId id = host.log().metadata().replica;
    auto [known, fresh] = ids_.emplace(host.number(), id);
    if (!fresh && known->second != id) {
      ++reborn_;
      if (!damaged(host) && bounds_ != Bounds::None)
        oracle_.violate(
            fmt::format("needless: {} gave up its votes, though its disk is well", host.name()));
      known->second = id;
    }
  }
  if (event.kind == LogEvent::Kind::Deposed) elector_->deposed(host);
}

void LogWorld::on_note(LogHost& host, const std::string& note) {
  remember(host.name(), note);
  if (note.find("contradict") != std::string::npos || note.find("corrupt") != std::string::npos ||
      note.find("another value") != std::string::npos)
    complaints_.push_back(note);
}

void LogWorld::on_end(LogHost& host, int code, const std::string& why) {
  remember(host.name(), fmt::format("exits with {}: {}", code, why));
  if (code != LogHost::kKilled) ++exits_[code];
  judge_exit(host, code, why);
  // An operator replaces what was refused, once nothing else is wrong.
  if (is_refusal(code) && replacing_)
    world_.after(Duration::milliseconds(500), *this, {kReplace, host.number(), 0});
}

// A fault befell its disk that may cost its votes.
bool LogWorld::damaged(LogHost& host) const {
  const auto& done = host.disk().carried_out();
  return excused_.contains(host.number()) ||
         std::any_of(done.begin(), done.end(), [](const auto& k) {
           return faults::description_of(k.first).cost != Cost::Nothing;
         });
}

void LogWorld::judge_exit(const LogHost& host, int code, const std::string& why) {
  LogHost& same = *hosts_[host.number()];
  const auto& done = same.disk().carried_out();
  const bool disk = done.contains(FaultKind::FailedSync) || done.contains(FaultKind::DiskFull);
  const bool legal = code == 0 || code == 65 || code == 69 || code == 74 || code == 75 ||
                     code == 78 || code == LogHost::kKilled;
  if (!legal) oracle_.violate(fmt::format("exit: {} ends with {}: {}", host.name(), code, why));
  if ((code == 65 || code == 78) && bounds_ != Bounds::None && !damaged(same))
    oracle_.violate(
        fmt::format("needless: {} refuses a disk that is well ({}): {}", host.name(), code, why));
  if (code == 74 && !disk)
    oracle_.violate(
        fmt::format("needless: {} ends with 74 on a disk that took all: {}", host.name(), why));
}

void LogWorld::remember(std::string_view who, std::string_view what) {
  if (world_.trace != nullptr) world_.trace->line(world_.now(), who, what);
  last_.push_back(fmt::format("{} {}: {}", to_text(world_.now()).text, who, what));
  if (last_.size() > kRemembered) last_.pop_front();
}

std::string LogWorld::last_events() const {
  std::string out;
  for (const std::string& line : last_) out += line + "\n";
  return out;
}

void LogWorld::fail(Verdict verdict, std::string text) {
  if (verdict_ != Verdict::Pass) return;
  verdict_ = verdict;
  why_ = std::move(text);
  if (!complaints_.empty()) why_ += "; " + complaints_.front();
  for (const auto& host : hosts_) {
    if (!host->opened()) {
      why_ += fmt::format("; {} is down", host->name());
      continue;
    }
    const replicated_log::LogGauges gauges = host->log().gauges();
    why_ += fmt::format("; {} {} members {} learned {} end {}{}", host->name(),
                        paxos::to_text(gauges.status), gauges.ensemble_size, gauges.learned,
                        gauges.end, host->log().established() ? " leads" : "");
  }
}

LogResult LogWorld::result() const {
  LogResult result;
  result.verdict = verdict_;
  result.text = why_;
  result.faults = faults::to_lines(schedule_);
  result.events.assign(last_.begin(), last_.end());
  result.replicas = settings_.replicas;
  result.bounds = bounds_;
  result.hash = world_.hash();
  result.time = world_.now();
  result.handled = world_.events();
  result.appends = oracle_.appends();
  result.acknowledged = oracle_.acknowledged_count();
  result.carried_out = carried_out_;
  for (const auto& [kind, count] : network_.carried_out()) result.carried_out[kind] += count;
  for (const auto& host : hosts_)
    for (const auto& [kind, count] : host->disk().carried_out()) result.carried_out[kind] += count;
  result.exits = exits_;
  result.reborn = reborn_;
  return result;
}

}  // namespace quorate::sim
