#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/cluster.h"
#include "sim/disk_oracles.h"
#include "sim/exit_oracle.h"
#include "sim/fail_fast_oracle.h"
#include "sim/harness_faults.h"
#include "sim/http_client.h"
#include "sim/leadership.h"
#include "sim/redirect_oracle.h"

namespace quorate::sim {

// Feeds the oracles that judge masters by ZooKeeper's tree, by who reaches whom, by exits and by
// disks. The oracles of the registry are the workload's (workload.h).
class Judges {
 public:
  struct Settings {
    Duration session_timeout;
    ExitOracle::World exits;
  };
  // `planted`: errors of the harness itself, for its self-test; outlives this.
  Judges(Cluster& cluster, Settings settings, const HarnessFaults& planted);

  // After each step of the world.
  void look();
  // Any answer to any client.
  void answered(const HttpQuestion& asked, const HttpReply& reply);
  void befell(const faults::Fault& fault, const std::set<std::string>& hosts);
  void ended(const Host& host, const ExitRecord& exit);
  void look_at_disks();

  // Each begins with the name of its oracle.
  const std::vector<std::string>& violations() const { return violations_; }
  // An oracle that judged nothing though there was something to judge.
  std::optional<std::string> idle() const;
  const LeadershipHistory& leadership() const { return leadership_; }
  // Somebody was started with flags that need not fit the others'.
  bool flags_are_wrong() const { return exits_.flags_are_wrong(); }

 private:
  struct Touch {
    std::optional<SimTime> lost;  // since then it may not see ZooKeeper as it is
    std::optional<SimTime> back;
  };
  // A person ended the session or removed the node of this run.
  struct EndedByHand {
    std::optional<SimTime> disturbed;  // when it was last
    Duration lag;                      // of ZooKeeper servers, at most
  };
  void look_at(Host& host);
  // Could something keep a master from hearing at once what ZooKeeper did?
  bool disturbed(const Host& host);
  void watch_end(Host& host);
  // Incarnation 0: of any run of this host.
  Duration unaware(const RunOfMaster& run, SimTime at) const;
  bool clock_is_wrong(Host& host) const;
  bool reaches_zookeeper(const Host& host);
  void complain(const std::string& oracle, const std::optional<std::string>& wrong);
  bool skips(const std::string& oracle) const { return planted_.skipped_oracle == oracle; }

  Cluster& cluster_;
  const HarnessFaults& planted_;
  LeadershipHistory leadership_;
  RedirectOracle redirects_;
  FailFastOracle fail_fast_;
  ExitOracle exits_;
  ChainOracle chain_;
  Duration session_timeout_;
  std::map<std::string, Touch> touch_;
  std::map<RunOfMaster, EndedByHand> by_hand_;
  std::map<std::string, SimTime> clock_was_wrong_;  // last
  std::set<std::string> slow_;                      // hosts with a slow processor, now or before
  std::set<std::string> damaged_;  // hosts whose disks did not keep what was written
  SimTime next_look_;
  std::uint64_t answers_ = 0;  // that the redirect oracle must have judged
  std::uint64_t ends_ = 0;
  std::uint64_t disks_ = 0;  // with a log on them
  std::uint64_t disks_measured_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace quorate::sim
