#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/leadership.h"

namespace quorate::sim {

// What only the leader answers, by path without "/master".
bool is_leader_only(std::string_view path);
// What every master answers for itself, always.
bool is_everyones(std::string_view path);

// One answer of one master, as a client saw it.
struct SeenAnswer {
  std::string host;
  std::string path;  // without "/master", query and fragment
  int status = 0;
  std::string location;  // the host that Location names; empty: none
  SimTime sent;
  SimTime done;
  // Up to when its view of ZooKeeper is certain: `sent`, or the beginning of the halt or of the cut
  // from ZooKeeper in which it is, or just was.
  SimTime in_touch;
  bool clock_is_wrong = false;  // by more than a clock may be
};

// A standby points to who leads according to ZooKeeper (307) or says that nobody does (503); never
// to itself while another leads, and what every master answers it answers itself.
class RedirectOracle {
 public:
  RedirectOracle(const LeadershipHistory& history, Duration session_timeout)
      : history_(history), session_timeout_(session_timeout) {}

  std::optional<std::string> answered(const SeenAnswer& answer);
  std::uint64_t judged() const { return judged_; }

 private:
  const LeadershipHistory& history_;
  Duration session_timeout_;
  std::uint64_t judged_ = 0;
};

}  // namespace quorate::sim
