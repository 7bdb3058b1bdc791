#include "master/http/router.h"

#include <algorithm>
#include <array>
#include <vector>

#include "master/base/text.h"
#include "master/http/request.h"

namespace quorate::http {
namespace {

struct Known {
  std::string_view path;
  Endpoint endpoint;
};

constexpr std::array kKnown = {
    Known{"/master/health", Endpoint::Health},
    Known{"/master/livez", Endpoint::Livez},
    Known{"/master/readyz", Endpoint::Readyz},
    Known{"/master/redirect", Endpoint::Redirect},
    Known{"/master/flags", Endpoint::Flags},
    Known{"/master/state", Endpoint::State},
    Known{"/master/state-summary", Endpoint::StateSummary},
    Known{"/master/slaves", Endpoint::Slaves},
    Known{"/master/frameworks", Endpoint::Frameworks},
    Known{"/master/tasks", Endpoint::Tasks},
    Known{"/master/roles", Endpoint::Roles},
    Known{"/master/weights", Endpoint::Weights},
    Known{"/master/quota", Endpoint::Quota},
    Known{"/master/maintenance/schedule", Endpoint::MaintenanceSchedule},
    Known{"/master/maintenance/status", Endpoint::MaintenanceStatus},
    Known{"/master/machine/down", Endpoint::MachineDown},
    Known{"/master/machine/up", Endpoint::MachineUp},
    Known{"/master/teardown", Endpoint::Teardown},
    Known{"/master/reserve", Endpoint::Reserve},
    Known{"/master/unreserve", Endpoint::Unreserve},
    Known{"/master/create-volumes", Endpoint::CreateVolumes},
    Known{"/master/destroy-volumes", Endpoint::DestroyVolumes},
    Known{"/master/api/v1", Endpoint::OperatorApi},
    Known{"/master/api/v1/scheduler", Endpoint::SchedulerApi},
    Known{"/version", Endpoint::Version},
    Known{"/metrics/snapshot", Endpoint::MetricsSnapshot},
    Known{"/logging/toggle", Endpoint::LoggingToggle},
    Known{"/system/stats.json", Endpoint::SystemStats},
    Known{"/files/browse", Endpoint::FilesBrowse},
    Known{"/files/read", Endpoint::FilesRead},
    Known{"/files/download", Endpoint::FilesDownload},
    Known{"/files/debug", Endpoint::FilesDebug},
    Known{"/help", Endpoint::Help},
    Known{"/__processes__", Endpoint::Processes},
    Known{"/profiler/start", Endpoint::Profiler},
    Known{"/profiler/stop", Endpoint::Profiler},
    Known{"/registrar(1)/registry", Endpoint::Registry},
    Known{"/allocator/offer_constraints_debug", Endpoint::OfferConstraintsDebug},
};

constexpr std::array<std::string_view, 11> kActors = {
    "master", "metrics",  "logging",   "version",      "system",       "files",
    "help",   "profiler", "allocator", "registrar(1)", "__processes__"};

bool is_actor(std::string_view segment) {
  return std::find(kActors.begin(), kActors.end(), segment) != kActors.end();
}

Endpoint exact(std::string_view path) {
  for (const Known& known : kKnown)
    if (known.path == path) return known.endpoint;
  return Endpoint::NotFound;
}

Endpoint longest(std::string_view path) {
  while (!path.empty()) {
    Endpoint found = exact(path);
    if (found != Endpoint::NotFound) return found;
    path = path.substr(0, path.rfind('/'));
  }
  return Endpoint::NotFound;
}

}  // namespace

Route route(std::string_view path) {
  if (!path.starts_with('/')) return {Endpoint::Malformed, std::string(path)};
  if (path.find("/..") != std::string_view::npos) return {Endpoint::NotFound, std::string(path)};
  if (!percent_decode(path)) return {Endpoint::Malformed, std::string(path)};

  // Without empty segments, and with the decoded name of the actor.
  std::string rest;
  std::string actor;
  for (const std::string& segment : split(path, '/')) {
    if (segment.empty()) continue;
    if (actor.empty() && rest.empty()) {
      std::string name = *percent_decode(segment);
      if (is_actor(name)) {
        actor = "/" + name;
        continue;
      }
      actor = "/master";
    }
    rest += "/" + segment;
  }
  if (actor.empty()) actor = "/master";

  Route result{Endpoint::NotFound, actor + rest};
  result.endpoint = result.path == "/master" ? Endpoint::Root : longest(result.path);
  // Whoever follows "/redirect/x" would be sent in circles.
  if (result.endpoint == Endpoint::Redirect && result.path != "/master/redirect")
    result.endpoint = Endpoint::NotFound;
  return result;
}

}  // namespace quorate::http
