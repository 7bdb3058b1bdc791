#include <algorithm>
#include <utility>

#include "sim/host.h"

// What faults do to one host.

namespace quorate::sim {

using faults::Fault;
using faults::FaultKind;

void Host::befall(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::Start: return start();
    case FaultKind::Stop: return stop();
    case FaultKind::Pause: return pause();
    case FaultKind::Resume: return resume();
    case FaultKind::Kill: return fault.after ? disk_.befall(fault) : kill();
    case FaultKind::PowerLoss: return fault.after ? disk_.befall(fault) : lose_power();
    case FaultKind::Restart: return restart(fault.flags);
    case FaultKind::StartWith:
    case FaultKind::StartExtra: return start_with(fault.flags);
    case FaultKind::SlowCpu: event_cost_ = fault.by; return;
    case FaultKind::LoseNames: return ports_.lose_names(true);
    case FaultKind::SlowNames: return ports_.slow_names(fault.by);
    case FaultKind::ClockRate:
    case FaultKind::WallRate:
    case FaultKind::ClockForward:
    case FaultKind::ClockBackward:
    case FaultKind::ClockLeap: return befall_clock(fault);
    default: break;
  }
  if (HostDisk::replaces_files(fault.kind) && !fault.after) lose_power();
  disk_.befall(fault);
}

void Host::befall_clock(const Fault& fault) {
  const SimTime now = in_.world.now();
  in_.world.felt(fault.kind);
  switch (fault.kind) {
    case FaultKind::ClockRate: clock_.set_rates(fault.rate_ppb, clock_.wall_rate_ppb, now); break;
    case FaultKind::WallRate: clock_.set_rates(clock_.rate_ppb, fault.rate_ppb, now); break;
    case FaultKind::ClockForward: clock_.wall_offset_ns += fault.by.ns; break;
    case FaultKind::ClockBackward: clock_.wall_offset_ns -= fault.by.ns; break;
    default: clock_.mono_offset_ns += fault.by.ns; clock_.wall_offset_ns += fault.by.ns;
  }
  ports_.clock_changed();
}

void Host::heal() {
  disk_.heal();
  event_cost_ = {};
  ports_.lose_names(false);
  ports_.slow_names({});
  if (clock_.rate_ppb != 0 || clock_.wall_rate_ppb != 0) {
    clock_.set_rates(0, 0, in_.world.now());
    ports_.clock_changed();
  }
  resume();
}

void Host::set_flags(const std::vector<std::string>& flags) {
  for (const std::string& flag : flags) {
    const std::string key = "--" + flag.substr(0, flag.find('=') + 1);
    std::erase_if(spec_.flags, [&](const std::string& old) { return old.starts_with(key); });
    spec_.flags.push_back("--" + flag);
  }
}

void Host::start_with(const std::vector<std::string>& flags) {
  if (state_ == State::Running || state_ == State::Paused) return;
  set_flags(flags);
  boot();
}

void Host::restart(std::vector<std::string> flags) {
  if (state_ != State::Running && state_ != State::Paused) return start_with(flags);
  restart_with_ = std::move(flags);
  stop();
}

}  // namespace quorate::sim
