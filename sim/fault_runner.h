#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "faults/fault.h"
#include "sim/cluster.h"

namespace quorate::sim {

// Carries out the faults of a scenario on a whole cluster. A new kind is a case in carry_out(), or
// in Host::befall() when it is of one host; the place where it has its effect counts it by
// World::felt().
class FaultRunner {
 public:
  // Whom a name of the scenario means now; nullptr: no master.
  using Find = std::function<Host*(const std::string&)>;
  FaultRunner(Cluster& cluster, Find find) : cluster_(cluster), find_(std::move(find)) {}

  void carry_out(const faults::Fault& fault);
  // Undoes all that can be undone: links, messages, disks, clocks, resolvers, paused masters,
  // stopped ZooKeeper servers. What lost its votes is paid for by now.
  void heal_everything();
  // Masters that lost their votes since the last healing.
  const std::set<std::string>& lost_votes() const { return lost_votes_; }
  // Where those are whom the names of a side mean.
  std::vector<Place> places(const std::vector<std::string>& names);

 private:
  void programs(const faults::Fault& fault);
  void coordination(const faults::Fault& fault);
  void links(const faults::Fault& fault);
  void link(const faults::Fault& fault, Place from, Place to);

  Cluster& cluster_;
  Find find_;
  std::set<std::string> lost_votes_;
};

}  // namespace quorate::sim
