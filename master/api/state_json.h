#pragma once

#include <map>
#include <string>

#include "master/api/view.h"

// The JSON of the read endpoints, in the schemas of Mesos (facts/mesos-http.md 3 and 4), for a
// master that has no agents and no frameworks.
namespace quorate::api {

std::string state_json(const View& view);
std::string state_summary_json(const View& view);
std::string slaves_json();
std::string frameworks_json();
std::string tasks_json();
// With --roles its roles, "*" and all their ancestors; else none, as nobody uses any.
std::string roles_json(const View& view);
std::string flags_json(const View& view);
std::string version_json(const BuildInfo& build);
// The given metrics and those of the host, by name.
std::string metrics_json(const View& view);
std::string system_stats_json(const View& view);

}  // namespace quorate::api
