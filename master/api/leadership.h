#pragma once

#include <optional>
#include <string_view>

#include "master/api/view.h"
#include "master/http/request.h"
#include "master/http/response.h"
#include "master/http/router.h"

namespace quorate::api {

// Is this endpoint answered by the leader alone?
bool is_leader_only(http::Endpoint endpoint);

// Why this master does not answer a leader-only endpoint: 307 to the leader with path and query, or
// 503. Nothing if it leads. `path` is the path with its actor (Route::path).
std::optional<http::Response> elsewhere(const http::Request& request, std::string_view path,
                                        const View& view);

// /redirect: 307 to whoever leads, this master included, or 503.
http::Response redirect_to_leader(const View& view);

// 503 of a leader that has not read its registry yet; nothing if it has.
std::optional<http::Response> not_recovered(const View& view);

// /readyz: 200 or 503, and why in one line.
http::Response readiness(const View& view);

// "<host>:<port>" of the leader, as redirects name it.
std::string leader_authority(const MasterInfo& leader);

}  // namespace quorate::api
