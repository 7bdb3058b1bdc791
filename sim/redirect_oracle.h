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
  bool clock_is_wrong = false;  // by more than a clock may be, or was when its lease began
  // So much longer than its node it may lead: nobody could tell it that a person ended its session
  // or removed its node. 0: it was to be told at once.
  Duration unaware{};
};

// It answers in the leader's place, or points to itself.
bool claims_to_lead(const SeenAnswer& answer);

// A standby points to who leads according to ZooKeeper (307) or says that nobody does (503); never
// to itself while another leads, and what every master answers it answers itself.
//
// A leader leaves before ZooKeeper ends its session for silence: its lease begins when it asks, the
// session's time when the question arrives. What a person ends has no such warning. It is told on
// its connection; while that is cut, clogged or slow, or its server lags, nothing that it can see
// differs from a session that is well, and it leads, as a Mesos master would, until its lease ends:
// one session timeout after it asked the last question that was answered, which was before the
// end (on a lagging server, before the end came to be known there). Such answers are legal
// (`unaware`). A new leader may have been elected; that the old one confirms nothing any more is
// what FailFastOracle and LeaderOracle judge, without this allowance.
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
