#pragma once

#include "master/api/answer.h"
#include "master/api/view.h"
#include "master/http/request.h"
#include "master/http/response.h"

// The endpoints of a master (facts/mesos-http.md 2 to 4, 6): a request and a view in, an answer
// out. Nothing is kept between calls.
namespace quorate::api {

// What to do about a request. Standbys send clients of leader-only endpoints to the leader (307) or
// say that there is none (503).
Answer handle(const http::Request& request, const View& view);

// The second half of NeedsReadBarrier. If leadership was lost in between, the redirect of then.
http::Response handle_confirmed(const http::Request& request, const View& view);
// The barrier failed: nothing is told, because it might be old. 503.
http::Response not_confirmed();

// The second half of NeedsHostStats.
http::Response render(const http::Request& request, const View& view);

// The second half of RegistryOperation: 200, 400, 503, or 500 if the outcome is unknown.
http::Response finish(const RegistryResult& result);

}  // namespace quorate::api
