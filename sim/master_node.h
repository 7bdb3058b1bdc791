#pragma once

#include <memory>

#include "sim/node.h"

namespace quorate {
struct Config;
}

namespace quorate::sim {

// A production master.
std::unique_ptr<Node> make_master(Config config, const Ports& ports, std::uint64_t seed);

// Runs the production master on simulated hosts, from the very flags that a command line would
// have. Unusable flags end the process with 64.
class MasterFactory final : public NodeFactory {
 public:
  std::unique_ptr<Node> make(const HostSpec& spec, const Ports& ports, std::uint64_t seed) override;
};

}  // namespace quorate::sim
