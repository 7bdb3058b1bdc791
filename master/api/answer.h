#pragma once

#include <string>
#include <variant>
#include <vector>

#include "master/base/time.h"
#include "master/http/response.h"
#include "master/values/machine.h"

namespace quorate::api {

// A read of registry state: a round through a quorum must show that this master still leads, then
// handle_confirmed() renders. If it cannot be shown: not_confirmed().
struct NeedsReadBarrier {};

// The answer has numbers of the host in it: render() after the HostStats event, or without them
// when `patience` has passed (zero: at once).
struct NeedsHostStats {
  Duration patience;
};

// Changes of the registry that were asked for, in form but not yet in meaning: the registry decides
// whether they are allowed. Its result is rendered by finish().
struct UpdateSchedule {
  MaintenanceSchedule schedule;
};
struct MachinesDown {
  std::vector<MachineId> ids;
};
struct MachinesUp {
  std::vector<MachineId> ids;
};
using RegistryOperation = std::variant<UpdateSchedule, MachinesDown, MachinesUp>;

// Log with this verbosity from now on, and with that of the start again after `duration` (at most
// ten years). `response` is the answer.
struct SetLogLevel {
  std::int64_t level = 0;
  Duration duration;
  http::Response response;
};

using Answer =
    std::variant<http::Response, NeedsReadBarrier, NeedsHostStats, RegistryOperation, SetLogLevel>;

// What became of a RegistryOperation.
struct Applied {};  // chosen and applied, or applied once before
struct Rejected {
  std::string why;
};  // breaks a rule of the registry; nothing changed
struct Busy {
  std::string why;
};  // too much is in flight; nothing changed
struct NotLeading {};  // never proposed; nothing changed
struct OutcomeUnknown {
  std::string why;
};  // proposed; whether it will be chosen is not known
using RegistryResult = std::variant<Applied, Rejected, Busy, NotLeading, OutcomeUnknown>;

}  // namespace quorate::api
