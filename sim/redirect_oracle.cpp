#include "sim/redirect_oracle.h"

#include <algorithm>
#include <array>

namespace quorate::sim {
namespace {

constexpr std::array<std::string_view, 7> kLeaderOnly = {
    "/state",        "/state-summary", "/slaves", "/maintenance/schedule", "/maintenance/status",
    "/machine/down", "/machine/up"};
constexpr std::array<std::string_view, 4> kEveryones = {"/health", "/version", "/flags", "/livez"};

// A leader leaves before its node does. Only one that gave its node up by itself may still speak
// for the moments that it takes to end (2.5 s).
constexpr Duration kLeaving = Duration::seconds(3);
// A standby follows watches; without ZooKeeper it keeps its view until its session is over.
constexpr Duration kWatches = Duration::seconds(5);

std::string at(SimTime time) { return to_text(time).text; }

}  // namespace

bool is_leader_only(std::string_view path) {
  return std::find(kLeaderOnly.begin(), kLeaderOnly.end(), path) != kLeaderOnly.end();
}
bool is_everyones(std::string_view path) {
  return std::find(kEveryones.begin(), kEveryones.end(), path) != kEveryones.end();
}

bool claims_to_lead(const SeenAnswer& answer) {
  if (answer.path != "/redirect" && !is_leader_only(answer.path)) return false;
  return answer.status == 307 ? answer.location == answer.host : answer.status == 200;
}

std::optional<std::string> RedirectOracle::answered(const SeenAnswer& answer) {
  if (answer.status == 0) return std::nullopt;
  std::string said = answer.host + " answered " + answer.path + " with " +
                     std::to_string(answer.status) + " from " + at(answer.sent) + " to " +
                     at(answer.done);
  if (is_everyones(answer.path)) {
    ++judged_;
    if (answer.status == 307 || answer.status == 503)
      return said + ", which every master answers for itself";
    return std::nullopt;
  }
  bool redirect = answer.path == "/redirect";
  if (!redirect && !is_leader_only(answer.path)) return std::nullopt;
  ++judged_;

  if (answer.status == 307 && answer.location.empty())
    return said + " and a Location that is no master's";
  if (answer.status == 307 && answer.location == answer.host && !redirect)
    return said + " to itself";
  if (claims_to_lead(answer)) {
    const SimTime since = answer.sent - kLeaving - answer.unaware;
    if (answer.clock_is_wrong || history_.led(answer.host, since, answer.done)) return std::nullopt;
    return said + " as the leader, which it was not in ZooKeeper";
  }
  if (answer.status != 307) return std::nullopt;
  SimTime since = std::min(answer.in_touch, answer.sent) - session_timeout_ * 2 - kWatches;
  if (history_.led(answer.location, since, answer.done)) return std::nullopt;
  return said + " to " + answer.location + ", which did not lead in ZooKeeper since " + at(since);
}

}  // namespace quorate::sim
