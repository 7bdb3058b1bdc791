#pragma once

#include "master/ports/clock.h"
#include "master/ports/coordination.h"
#include "master/ports/disk.h"
#include "master/ports/files.h"
#include "master/ports/network.h"
#include "master/ports/process.h"
#include "master/ports/resolver.h"

namespace quorate {

// All ports of one master, owned by whoever made them; they outlive the Master. The seventh,
// Random, is the one seed that Master is given at boot.
struct Ports {
  Clock& clock;
  Network& network;
  Resolver& resolver;
  Disk& disk;
  Files& files;
  Coordination& coordination;
  Process& process;
};

}  // namespace quorate
