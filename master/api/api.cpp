#include "master/api/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "master/api/leadership.h"
#include "master/api/maintenance_json.h"
#include "master/api/pages.h"
#include "master/api/state_json.h"
#include "master/base/check.h"
#include "master/base/text.h"
#include "master/http/router.h"

namespace quorate::api {
namespace {

using http::Endpoint;
using http::Request;
using http::Response;
using http::Route;

// Whoever asks for metrics gets those of the host if they come within this time.
constexpr Duration kHostStatsPatience = Duration::seconds(5);
constexpr Duration kVerbosityDurationMax = Duration::seconds(std::int64_t{3650} * 86'400);

bool reads(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

// Messages between libprocess actors are POSTs, too, but no calls of an endpoint.
bool is_actor_message(const Request& request) {
  if (request.method != "POST") return false;
  const std::string* agent = request.headers.find("User-Agent");
  return (agent != nullptr && agent->starts_with("libprocess/")) ||
         request.headers.has("Libprocess-From");
}

// A callback is a path of names, as "angular.callbacks._0"; anything else would be a script.
bool is_callback(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_$.[]").find(c) != std::string_view::npos;
  });
}

Response json(const Request& request, std::string body) {
  const std::string* callback = request.query_value("jsonp");
  if (callback != nullptr && !is_callback(*callback))
    return http::text(400, "jsonp names no function: letters, digits and _ $ . [ ] are taken");
  return http::ok(std::move(body), callback);
}

Response not_built(std::string_view what) {
  return http::text(501,
                    fmt::format("501 Not Implemented. {} not built into this master yet.", what));
}

// --- Maintenance -------------------------------------------------------------------------------

Answer schedule_update(const Request& request) {
  Result<MaintenanceSchedule> schedule = parse_schedule(request.body);
  if (!schedule) return http::text(400, schedule.error().text);
  return RegistryOperation(UpdateSchedule{std::move(*schedule)});
}

template <typename Operation>
Answer machines_change(const Request& request) {
  Result<std::vector<MachineId>> ids = parse_machine_ids(request.body);
  if (!ids) return http::text(400, ids.error().text);
  return RegistryOperation(Operation{std::move(*ids)});
}

Answer maintenance(Endpoint endpoint, const Request& request, const View& view) {
  std::optional<Response> early = not_recovered(view);
  if (early) return *early;
  bool post = request.method == "POST";
  switch (endpoint) {
    case Endpoint::MaintenanceSchedule:
      if (reads(request)) return NeedsReadBarrier{};
      if (post) return schedule_update(request);
      return http::method_not_allowed({"GET", "POST"}, request.method);
    case Endpoint::MaintenanceStatus:
      if (reads(request)) return NeedsReadBarrier{};
      return http::method_not_allowed({"GET"}, request.method);
    default: break;
  }
  if (!post) return http::method_not_allowed({"POST"}, request.method);
  return endpoint == Endpoint::MachineDown ? machines_change<MachinesDown>(request)
                                           : machines_change<MachinesUp>(request);
}

// --- What needs agents or frameworks, of which there are none yet --------------------------------

Response weights(const Request& request) {
  if (reads(request)) return json(request, "[]");
  if (request.method == "PUT") return not_built("Changes of weights are");
  return http::method_not_allowed({"GET", "PUT"}, request.method);
}

Response quota(const Request& request) {
  if (reads(request)) return json(request, "{}");
  if (request.method == "POST" || request.method == "DELETE")
    return not_built("Changes of quota are");
  return http::method_not_allowed({"GET", "POST", "DELETE"}, request.method);
}

// Calls that name an agent or a framework in a posted form: none has that id.
Response form_call(const Request& request, std::string_view field, std::string_view what) {
  if (request.method != "POST") return http::method_not_allowed({"POST"}, request.method);
  Result<http::Query> form = http::parse_query(request.body);
  if (!form) return http::text(400, "The body is no form: " + form.error().text);
  auto id = form->find(field);
  if (id == form->end()) return http::text(400, fmt::format("The form has no '{}'", field));
  return http::text(400, fmt::format("No {} has the id '{}'", what, id->second));
}

Response v1_call(Endpoint endpoint, const Request& request, const View& view) {
  std::optional<Response> early = not_recovered(view);
  if (early) return *early;
  if (request.method != "POST") return http::method_not_allowed({"POST"}, request.method);
  const std::string* type = request.headers.find("Content-Type");
  if (type == nullptr) return http::text(400, "The request has no Content-Type");
  if (*type != "application/json" && *type != "application/x-protobuf")
    return http::text(415, fmt::format("Content-Type '{}': application/json and "
                                       "application/x-protobuf are taken",
                                       *type));
  return endpoint == Endpoint::SchedulerApi
             ? not_built("Frameworks, and with them the scheduler API, are")
             : not_built("The operator API v1 is");
}

Answer leaders(Endpoint endpoint, const Request& request, const View& view) {
  switch (endpoint) {
    case Endpoint::State: return json(request, state_json(view));
    case Endpoint::StateSummary: return json(request, state_summary_json(view));
    case Endpoint::Slaves: return json(request, slaves_json());
    case Endpoint::Frameworks: return json(request, frameworks_json());
    case Endpoint::Tasks: return json(request, tasks_json());
    case Endpoint::Roles: return json(request, roles_json(view));
    case Endpoint::Weights: return weights(request);
    case Endpoint::Quota: return quota(request);
    case Endpoint::Teardown: return form_call(request, "frameworkId", "framework");
    case Endpoint::Reserve:
    case Endpoint::Unreserve:
    case Endpoint::CreateVolumes:
    case Endpoint::DestroyVolumes: return form_call(request, "slaveId", "agent");
    case Endpoint::OperatorApi:
    case Endpoint::SchedulerApi: return v1_call(endpoint, request, view);
    default: return maintenance(endpoint, request, view);
  }
}

// --- What every master answers -------------------------------------------------------------------

Answer metrics(const Request& request) {
  const std::string* text = request.query_value("timeout");
  if (text == nullptr) return NeedsHostStats{kHostStatsPatience};
  Result<Duration> timeout = parse_duration(*text);
  if (!timeout) return http::text(400, "timeout: " + timeout.error().text + "\n");
  return NeedsHostStats{std::min(*timeout, kHostStatsPatience)};
}

Answer logging(const Request& request, const View& view) {
  const std::string* level_text = request.query_value("level");
  const std::string* duration_text = request.query_value("duration");
  if (level_text == nullptr && duration_text == nullptr)
    return http::text(200, fmt::format("{}\n", view.log_verbosity));
  if (level_text == nullptr || duration_text == nullptr)
    return http::text(400,
                      "level and duration belong together, as in "
                      "/logging/toggle?level=1&duration=10mins\n");

  std::optional<std::int64_t> level = parse_i64(*level_text);
  if (!level || *level < 0 || *level > INT32_MAX)
    return http::text(400, fmt::format("level '{}' is no number from 0 up\n", *level_text));
  if (*level < view.log_verbosity_at_start)
    return http::text(400, fmt::format("level {} is below {}, that of the start\n", *level,
                                       view.log_verbosity_at_start));
  Result<Duration> duration = parse_duration(*duration_text);
  if (!duration) return http::text(400, "duration: " + duration.error().text + "\n");
  return SetLogLevel{*level, std::min(*duration, kVerbosityDurationMax), http::empty(200)};
}

// No file is attached, so every path is unknown.
Response files(Endpoint endpoint, const Request& request) {
  const std::string* path = request.query_value("path");
  if (path == nullptr || path->empty()) return http::text(400, "The query has no 'path'\n");
  return endpoint == Endpoint::FilesDownload ? http::standard(404) : http::empty(404);
}

Answer everyones(Endpoint endpoint, const Request& request, const View& view) {
  switch (endpoint) {
    case Endpoint::Root: return http::html(start_page(view));
    case Endpoint::Health: return http::empty(200);
    case Endpoint::Livez: return http::text(200, "alive\n");
    case Endpoint::Readyz: return readiness(view);
    case Endpoint::Redirect: return redirect_to_leader(view);
    case Endpoint::Flags: return json(request, flags_json(view));
    case Endpoint::Version: return json(request, version_json(*view.build));
    case Endpoint::MetricsSnapshot: return metrics(request);
    case Endpoint::SystemStats: return NeedsHostStats{kHostStatsPatience};
    case Endpoint::LoggingToggle: return logging(request, view);
    case Endpoint::FilesBrowse:
    case Endpoint::FilesRead:
    case Endpoint::FilesDownload: return files(endpoint, request);
    case Endpoint::FilesDebug: return json(request, "{}");
    case Endpoint::Help: return http::text(200, help_text());
    case Endpoint::Processes: return http::ok("[]");
    case Endpoint::Profiler: return http::text(400, "This master is built without a profiler\n");
    case Endpoint::Registry: return not_built("The dump of the registry is");
    case Endpoint::OfferConstraintsDebug: return http::ok("{\"frameworks\":{}}");
    case Endpoint::Malformed: return http::standard(400);
    default: return http::standard(404);
  }
}

}  // namespace

Answer handle(const Request& request, const View& view) {
  if (is_actor_message(request))
    return not_built("Messages of agents and frameworks came here, but these are");
  Route route = http::route(request.path);
  if (!is_leader_only(route.endpoint)) return everyones(route.endpoint, request, view);
  std::optional<Response> other = elsewhere(request, route.path, view);
  if (other) return *other;
  return leaders(route.endpoint, request, view);
}

Response handle_confirmed(const Request& request, const View& view) {
  Route route = http::route(request.path);
  std::optional<Response> other = elsewhere(request, route.path, view);
  if (other) return *other;
  std::optional<Response> early = not_recovered(view);
  if (early) return *early;
  bool status = route.endpoint == Endpoint::MaintenanceStatus;
  CHECK(status || route.endpoint == Endpoint::MaintenanceSchedule);
  return json(request, status ? status_json(*view.machines) : schedule_json(*view.schedule));
}

Response not_confirmed() {
  return http::text(503,
                    "503 Service Unavailable. No quorum confirmed in time that this master still "
                    "leads, so its answer might be old. Ask again.");
}

Response render(const Request& request, const View& view) {
  Route route = http::route(request.path);
  bool stats = route.endpoint == Endpoint::SystemStats;
  CHECK(stats || route.endpoint == Endpoint::MetricsSnapshot);
  return json(request, stats ? system_stats_json(view) : metrics_json(view));
}

Response finish(const RegistryResult& result) {
  if (const auto* rejected = std::get_if<Rejected>(&result)) return http::text(400, rejected->why);
  if (const auto* busy = std::get_if<Busy>(&result))
    return http::text(503, "503 Service Unavailable. Nothing was changed: " + busy->why);
  if (std::holds_alternative<NotLeading>(result))
    return http::text(503,
                      "503 Service Unavailable. Nothing was changed: this master does not "
                      "lead any more. Ask the leader.");
  if (const auto* unknown = std::get_if<OutcomeUnknown>(&result))
    return http::text(
        500, fmt::format("500 Internal Server Error. Whether the change takes effect is unknown: "
                         "{}. Read the state from the leader before you try again.",
                         unknown->why));
  return http::empty(200);
}

}  // namespace quorate::api
