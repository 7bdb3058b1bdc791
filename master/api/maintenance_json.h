#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/result.h"
#include "master/values/machine.h"

// Bodies of the maintenance endpoints (facts/mesos-http.md 3.8, 6). Only the form is judged here,
// and what a machine id may be; what a schedule may say is the registry's to judge. As Mesos reads
// JSON: unknown members are ignored, null is absent, numbers may be strings.
namespace quorate::api {

// {"windows":[{"machine_ids":[{"hostname":..,"ip":..}],"unavailability":{"start":{"nanoseconds":N},
// "duration":{"nanoseconds":N}}}]}
Result<MaintenanceSchedule> parse_schedule(std::string_view text);
std::string schedule_json(const MaintenanceSchedule& schedule);

// [{"hostname":..,"ip":..}, ...]
Result<std::vector<MachineId>> parse_machine_ids(std::string_view text);

// {"down_machines":[..],"draining_machines":[{"id":..}]}, without the empty ones.
std::string status_json(const std::map<MachineId, MachineInfo>& machines);

}  // namespace quorate::api
