#include "master/api/leadership.h"

#include <fmt/format.h>

namespace quorate::api {

using http::Endpoint;
using http::Response;

bool is_leader_only(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::State:
    case Endpoint::StateSummary:
    case Endpoint::Slaves:
    case Endpoint::Frameworks:
    case Endpoint::Tasks:
    case Endpoint::Roles:
    case Endpoint::Weights:
    case Endpoint::Quota:
    case Endpoint::MaintenanceSchedule:
    case Endpoint::MaintenanceStatus:
    case Endpoint::MachineDown:
    case Endpoint::MachineUp:
    case Endpoint::Teardown:
    case Endpoint::Reserve:
    case Endpoint::Unreserve:
    case Endpoint::CreateVolumes:
    case Endpoint::DestroyVolumes:
    case Endpoint::OperatorApi:
    case Endpoint::SchedulerApi: return true;
    default: return false;
  }
}

std::string leader_authority(const MasterInfo& leader) {
  // A foreign leader may publish no host name; its address leads there as well.
  return fmt::format("{}:{}", leader.hostname.empty() ? to_text(leader.ip) : leader.hostname,
                     leader.port);
}

namespace {

// The node of this address is of an earlier run of this master, or this run gives it up: pointing
// there would send clients round in a circle. The name alone does not tell: it may not have been
// found this time.
bool points_to_itself(const View& view) {
  const MasterInfo& leader = *view.leader;
  const bool same_address = leader.ip == view.self->ip && leader.port == view.self->port;
  return !view.leading &&
         (same_address || leader_authority(leader) == leader_authority(*view.self));
}

}  // namespace

std::optional<Response> elsewhere(const http::Request& request, std::string_view path,
                                  const View& view) {
  if (view.leader == nullptr) return http::text(503, "No leader elected");
  if (view.leading) return std::nullopt;
  if (points_to_itself(view)) return http::text(503, "No leader elected");

  std::string location = fmt::format("//{}{}", leader_authority(*view.leader), path);
  if (!request.query.empty()) location += "?" + http::query_text(request.query);
  if (!request.fragment.empty()) location += "#" + request.fragment;
  return http::redirect(std::move(location));
}

Response redirect_to_leader(const View& view) {
  if (view.leader == nullptr || points_to_itself(view)) return http::text(503, "No leader elected");
  return http::redirect("//" + leader_authority(*view.leader));
}

std::optional<Response> not_recovered(const View& view) {
  if (view.recovered) return std::nullopt;
  return http::text(503, "Master has not finished recovery");
}

Response readiness(const View& view) {
  if (!view.log_recovered)
    return http::text(503,
                      fmt::format("not ready: the own replica of the log has not recovered ({})\n",
                                  view.log_state()));
  if (view.leader == nullptr)
    return http::text(503,
                      fmt::format("not ready: no leader is known ({})\n", view.session_state()));
  if (view.leading && !view.recovered)
    return http::text(503, "not ready: leading, but the registry is not read yet\n");
  if (view.leading) return http::text(200, "ready: leading\n");
  return http::text(200,
                    fmt::format("ready: standing by, {} leads\n", leader_authority(*view.leader)));
}

}  // namespace quorate::api
