#pragma once

#include "sim/node.h"

namespace quorate::sim {

// A small stand-in for a master, for tests of the world itself: it stands in ZooKeeper's tree, the
// smallest number leads; it counts POSTs on its disk; it answers GET /redirect, GET and POST
// /maintenance/schedule, and ends with 69 when its session is lost while it leads. Its data are not
// replicated. `broken`: it draws from state outside of its events, so a replay differs.
class ToyFactory final : public NodeFactory {
 public:
  bool broken = false;
  bool chatty = false;  // logs one line more, which changes nothing else
  std::unique_ptr<Node> make(const HostSpec& spec, const Ports& ports, std::uint64_t seed) override;
};

}  // namespace quorate::sim
