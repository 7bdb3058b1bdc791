#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sim/leadership.h"

namespace quorate::sim {

// A leader cut from ZooKeeper is gone within the negotiated timeout on its own clock; one whose
// node is gone goes, too. And whatever its clock does, nothing that it was asked after another one
// was confirmed is ever confirmed by it.
class FailFastOracle {
 public:
  FailFastOracle(const LeadershipHistory& history, Duration negotiated_timeout)
      : history_(history), timeout_(negotiated_timeout) {}

  // How a run that has not ended is doing now.
  struct Look {
    RunOfMaster run;
    MonoTime clock;       // its own
    bool reaches = true;  // a ZooKeeper server that serves, both ways
    bool paused = false;
    bool clock_is_wrong = false;
  };
  std::optional<std::string> look(SimTime now, const Look& look);

  // A quorum confirmed an answer of the run: a write, or a read behind a barrier.
  std::optional<std::string> confirmed(const RunOfMaster& run, SimTime sent, SimTime done);

  std::uint64_t judged() const { return judged_; }

 private:
  struct State {
    std::optional<MonoTime> cut;  // since then it reaches no server
    SimTime cut_at;
    std::optional<MonoTime> gone;    // since then its node is gone
    MonoTime resumed{INT64_MIN};     // 1 s after it was paused last
    std::optional<SimTime> overdue;  // since then it should be gone
  };
  std::optional<std::string> late(SimTime now, const Look& look, const State& state) const;

  const LeadershipHistory& history_;
  Duration timeout_;
  std::map<RunOfMaster, State> states_;
  // Of each term, when its run was first confirmed.
  std::map<std::size_t, std::pair<RunOfMaster, SimTime>> confirmed_;
  std::uint64_t judged_ = 0;
};

}  // namespace quorate::sim
