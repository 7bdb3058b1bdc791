#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sim/leadership.h"

namespace quorate::sim {

// Who has the lowest node leads by ZooKeeper's tree, and may not know it: while it was halted or
// cut off, those before it left. If its own node goes as well before it learns of that, it goes on
// as the standby that it always was by its own account, and may. So only those are judged that said
// that they lead, or had 5 s to hear of it undisturbed.
//
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
    Duration unaware{};      // of its node's end, as in SeenAnswer (redirect_oracle.h)
    bool disturbed = false;  // something may keep it from hearing at once what ZooKeeper did
  };
  std::optional<std::string> look(SimTime now, const Look& look);
  // It answered a client as the leader.
  void claimed(const RunOfMaster& run) { states_[run].knows = true; }

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
    std::optional<SimTime> leading;  // since then, and nothing kept it from hearing so
    bool knows = false;              // that it leads
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
