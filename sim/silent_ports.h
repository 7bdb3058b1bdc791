#pragma once

#include <memory>

#include "master/ports/ports.h"

namespace quorate::sim {

// Ports under which nothing happens: for a master that lives through a recording. Its process ends
// by ProcessEnded (node.h).
class SilentPorts {
 public:
  SilentPorts();
  ~SilentPorts();
  SilentPorts(const SilentPorts&) = delete;
  SilentPorts& operator=(const SilentPorts&) = delete;

  Ports ports();

 private:
  struct All;
  std::unique_ptr<All> all_;
};

}  // namespace quorate::sim
