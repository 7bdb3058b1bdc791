#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "master/ports/coordination.h"
#include "master/ports/event.h"

namespace quorate::contract {

// A world with a ZooKeeper and clients of it: the simulated one, or a real server. Clients are
// named by letters: `a` and `b` have ann's credentials, `c` has bob's, all others have none. Each
// is a host of its own, with a Coordination port and a network link of its own.
//
// All worlds have a tick of 500 ms and session timeouts of 1 s to 60 s, and a node /overflow whose
// next two sequence numbers are 2147483646 and 2147483647.
class CoordinationWorld {
 public:
  virtual ~CoordinationWorld() = default;

  virtual Coordination& port(char client) = 0;
  // All events of all clients, in the order of their delivery. Handles tell whose they are.
  virtual const std::vector<Event>& told() const = 0;
  // Lets time pass until it came true, or for `at_most`. False: it did not come true.
  virtual bool run_until(const std::function<bool()>& enough, Duration at_most) = 0;

  // The link of one client.
  virtual void cut(char client) = 0;     // nothing passes, and nobody is told
  virtual void join(char client) = 0;    // ends `cut` and `refuse`
  virtual void reset(char client) = 0;   // its connections end; new ones may be made
  virtual void refuse(char client) = 0;  // its connections end, and none can be made
  // All servers. A started one knows what it knew.
  virtual void stop_servers() = 0;
  virtual void start_servers() = 0;
};

// `servers`: of the ensemble.
std::unique_ptr<CoordinationWorld> make_simulated_coordination(std::size_t servers,
                                                               std::uint64_t seed);
// All of one program share one server. nullptr and `why`: there is no ZooKeeper here.
std::unique_ptr<CoordinationWorld> make_real_coordination(std::string& why);

}  // namespace quorate::contract
