#pragma once

#include <memory>
#include <string>
#include <vector>

#include "master/glance.h"
#include "master/ports/event.h"
#include "master/ports/exit.h"
#include "master/ports/ports.h"

namespace quorate::sim {

// What runs on a simulated host: a Master, or a small stand-in in tests of the world itself.
class Node {
 public:
  virtual ~Node() = default;
  virtual void start(Now now) = 0;
  virtual void handle(Now now, const Event& event) = 0;
  // Of a stand-in: nothing is known.
  virtual Glance glance() const { return {}; }
};

// A host as its program sees it.
struct HostSpec {
  std::string name;  // "m1": also what the resolver knows
  Ipv4 ip;           // 10.0.0.1
  std::uint16_t port = 5050;
  std::vector<std::string> flags;  // "--quorum=2": as on a command line
};

class NodeFactory {
 public:
  virtual ~NodeFactory() = default;
  virtual std::unique_ptr<Node> make(const HostSpec& spec, const Ports& ports,
                                     std::uint64_t seed) = 0;
};

// How a process of the simulated world ends itself: thrown by Process::fail_fast and Process::exit,
// caught only by the host (and by the replay check).
struct ProcessEnded {
  Exit exit = Exit::Asked;
  std::string why;
};

}  // namespace quorate::sim
