#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/time.h"

namespace quorate::sim {

// What a client asks of the registry over HTTP.
enum class RegistryCall : std::uint8_t {
  Replace,       // POST /maintenance/schedule
  Down,          // POST /machine/down
  Up,            // POST /machine/up
  ReadSchedule,  // GET /maintenance/schedule
  ReadStatus,    // GET /maintenance/status
};

// One call that took effect, or whose effect is unknown. A call that was refused is in no history.
struct RegistryOperation {
  RegistryCall call = RegistryCall::Replace;
  // "host/ip", sorted. Of Replace, Down and Up what was sent, of ReadSchedule what was shown, of
  // ReadStatus what drains.
  std::vector<std::string> machines;
  std::vector<std::string> down;  // of ReadStatus
  SimTime begins;
  SimTime ends = SimTime::never();  // never: the outcome is unknown, it may happen at any time
  std::string who = {};             // who answered, for reports

  bool reads() const {
    return call == RegistryCall::ReadSchedule || call == RegistryCall::ReadStatus;
  }
  bool unknown() const { return ends == SimTime::never(); }
};
// "GET /maintenance/schedule at m1 from 1.0s to 1.1s: {h1/10.0.0.1}".
std::string to_text(const RegistryOperation& operation);

// The machines of the schedule; true: it is DOWN, false: it is DRAINING.
using RegistryModel = std::map<std::string, bool>;
std::string to_text(const RegistryModel& model);

// The registry as one that does one thing after another: the model after the operation, which shows
// what was shown; nothing if that cannot be. Written from the description of the operations
// (facts/mesos-log.md 4), apart from master/registry.
std::optional<RegistryModel> after(const RegistryModel& model, const RegistryOperation& operation);

}  // namespace quorate::sim
