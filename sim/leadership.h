#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/time.h"
#include "sim/zk_tree.h"

namespace quorate::sim {

// A run of a master: its name and its incarnation.
struct RunOfMaster {
  std::string host;
  std::uint64_t incarnation = 0;

  auto operator<=>(const RunOfMaster&) const = default;
};

// Who led when, according to ZooKeeper's tree alone: the run whose candidate's node has the lowest
// number. A node belongs to the incarnation that ran when the node was first seen.
class LeadershipHistory {
 public:
  // `incarnations`: of each host now, by the address that its node tells ("10.0.0.1"), and its
  // name.
  struct HostNow {
    std::string name;
    std::string ip;
    std::uint64_t incarnation = 0;
  };
  // The tree changed since the last look.
  bool stale(const ZkTree& tree) const { return tree.zxid() != seen_; }
  // True: somebody else leads than at the last look.
  bool look(SimTime now, const ZkTree& tree, const std::vector<HostNow>& hosts);
  // `run` leads from now on; nothing: nobody.
  void leads(SimTime now, std::optional<RunOfMaster> run);

  const std::optional<RunOfMaster>& leader() const { return terms_.back().run; }
  // Did any run of this host lead at some moment of [from, to]?
  bool led(const std::string& host, SimTime from, SimTime to) const;
  // The place of the run's last term among all; nothing: it never led. A run that stood first
  // without ever hearing of it may stand first again.
  std::optional<std::size_t> term_of(const RunOfMaster& run) const;
  // When the run's last term ended; nothing: it never led, or leads.
  std::optional<SimTime> ended(const RunOfMaster& run) const;
  std::size_t terms() const { return terms_.size() - 1; }

 private:
  struct Term {
    std::optional<RunOfMaster> run;
    SimTime from;
  };
  std::optional<RunOfMaster> owner(const std::string& path, const ZkNode& node,
                                   const std::vector<HostNow>& hosts);

  std::vector<Term> terms_ = {Term{}};
  std::map<std::string, RunOfMaster> owners_;  // of candidates' nodes
  std::int64_t seen_ = -1;                     // zxid
};

}  // namespace quorate::sim
