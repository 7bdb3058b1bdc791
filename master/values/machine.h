#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/address.h"
#include "master/base/result.h"

namespace quorate {

// Who a machine is, for maintenance: host name and address together (facts/mesos-http.md 6.1).
//
// Host names are compared without regard to ASCII case, but kept as they were spelled. Whether a
// part is present matters: {hostname "h"} and {hostname "h", ip 10.0.0.1} are two machines, and so
// are an absent and an empty host name. Equality and order are one relation: a weak order by host
// name, then address, an absent part before any present one.
struct MachineId {
  std::optional<std::string> hostname;
  std::optional<Ipv4> ip;

  std::weak_ordering operator<=>(const MachineId& other) const;
  bool operator==(const MachineId& other) const { return (*this <=> other) == 0; }
};

// Makes the id of what an operator wrote. An error if both parts are absent or empty, or if `ip` is
// present and no IPv4 address (facts/mesos-http.md 6.3).
Result<MachineId> machine_id(std::optional<std::string> hostname,
                             const std::optional<std::string>& ip);
// As operators write it: {"hostname":"h","ip":"10.0.0.1"}, absent parts left out.
std::string to_text(const MachineId& id);

// When a machine is not to be used. `start_ns` counts from 1970-01-01 UTC and may be negative;
// without a duration it never ends. Nothing happens by itself at either end: people and frameworks
// act on it.
struct Unavailability {
  std::int64_t start_ns = 0;
  std::optional<std::int64_t> duration_ns;

  bool operator==(const Unavailability&) const = default;
};

// The numbers are those of the Mesos enum; they are part of our formats too.
enum class MachineMode : std::uint8_t { Up = 1, Draining = 2, Down = 3 };

// "UP", "DRAINING", "DOWN".
std::string_view to_text(MachineMode mode);

struct MachineInfo {
  MachineMode mode = MachineMode::Up;
  std::optional<Unavailability> unavailability;

  bool operator==(const MachineInfo&) const = default;
};

// Machines that are unavailable at the same time.
struct MaintenanceWindow {
  std::vector<MachineId> machine_ids;
  Unavailability unavailability;

  bool operator==(const MaintenanceWindow&) const = default;
};

// All planned maintenance of the cluster; there is only one schedule. Order is the operator's.
struct MaintenanceSchedule {
  std::vector<MaintenanceWindow> windows;

  bool operator==(const MaintenanceSchedule&) const = default;
};

}  // namespace quorate
