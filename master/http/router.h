#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quorate::http {

// Everything that a path can name. What follows the matched path is ignored, except where told.
enum class Endpoint : std::uint8_t {
  NotFound,   // 404
  Malformed,  // 400: a damaged percent escape, or no path at all
  Root,
  Health,
  Livez,
  Readyz,
  Redirect,
  Flags,
  State,
  StateSummary,
  Slaves,
  Frameworks,
  Tasks,
  Roles,
  Weights,
  Quota,
  MaintenanceSchedule,
  MaintenanceStatus,
  MachineDown,
  MachineUp,
  Teardown,
  Reserve,
  Unreserve,
  CreateVolumes,
  DestroyVolumes,
  OperatorApi,   // /api/v1
  SchedulerApi,  // /api/v1/scheduler
  Version,
  MetricsSnapshot,
  LoggingToggle,
  SystemStats,
  FilesBrowse,
  FilesRead,
  FilesDownload,
  FilesDebug,
  Help,
  Processes,
  Profiler,
  Registry,
  OfferConstraintsDebug,
};

struct Route {
  Endpoint endpoint = Endpoint::NotFound;
  // The path with its actor: "/state" becomes "/master/state". Redirects show this one.
  std::string path;

  bool operator==(const Route&) const = default;
};

// Finds what a path names, as libprocess does (facts/mesos-http.md 2.1): the first segment,
// percent- decoded, names an actor, and a path without one belongs to "master"; the longest known
// path wins, so that "/master/state/foo" is served by "/master/state"; a trailing slash does not
// count.
Route route(std::string_view path);

}  // namespace quorate::http
