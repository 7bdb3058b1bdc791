#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "master/base/time.h"
#include "master/values/machine.h"
#include "master/values/master_info.h"

namespace quorate::api {

// What /version tells of this program. Absent git parts are left out.
struct BuildInfo {
  std::string version;  // of Mesos, that clients compare: "1.12.0"
  std::string build_date;
  double build_time_seconds = 0;  // since 1970
  std::string build_user;
  std::optional<std::string> git_sha, git_branch, git_tag;
};

// The numbers of a HostStats event.
struct HostNumbers {
  double load_1min = 0, load_5min = 0, load_15min = 0;
  std::uint32_t cpus = 0;
  std::uint64_t memory_total_bytes = 0, memory_free_bytes = 0;
};

// What a master knows at the moment of a request, read only. Pointers belong to the master, are
// used during the call only, and may be null where it says so.
struct View {
  const MasterInfo* self = nullptr;    // never null
  const MasterInfo* leader = nullptr;  // null: no leader is known
  bool leading = false;                // the leader is this master
  bool recovered = false;              // leading, and the registry is read
  bool log_recovered = false;          // the own replica votes (or there is no log)

  WallTime started;
  std::optional<WallTime> elected;  // set once this master was elected

  const BuildInfo* build = nullptr;                           // never null
  const std::map<std::string, std::string>* flags = nullptr;  // as /flags shows them; never null

  // For /metrics/snapshot, in render() only; null: none.
  const std::map<std::string, double>* metrics = nullptr;
  // For /metrics/snapshot and /system/stats.json, in render() only; none: they did not come in
  // time.
  std::optional<HostNumbers> host;

  // Of /logging/toggle: 0 is the ordinary level, above it is more.
  std::int64_t log_verbosity = 0;
  std::int64_t log_verbosity_at_start = 0;

  // For people: one line each, as "connected, session 0x1234, 10secs". Made only where it is
  // shown, since a view is taken for every request; never empty functions.
  std::function<std::string()> session_state;
  std::function<std::string()> log_state;
  const std::vector<std::string>* members = nullptr;  // of the log's ensemble; null: not known

  // The registry as applied; never null.
  const MaintenanceSchedule* schedule = nullptr;
  const std::map<MachineId, MachineInfo>* machines = nullptr;
};

}  // namespace quorate::api
