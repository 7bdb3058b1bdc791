#pragma once

#include <cstdint>
#include <memory>

#include "master/config.h"
#include "master/glance.h"
#include "master/ports/event.h"
#include "master/ports/ports.h"

namespace quorate {

// A master, whole: a deterministic state machine. Events go in through handle(), effects go out
// through the ports, and answers to effects come back as later events. It is a pure function of
// (config, the disk at boot, seed, events); the same object code runs in production and in the
// simulator.
//
// One thread only. The ports outlive it. handle() may not return: Process::fail_fast leaves it.
class Master {
 public:
  Master(Config config, const Ports& ports, std::uint64_t seed);
  ~Master();
  Master(const Master&) = delete;
  Master& operator=(const Master&) = delete;

  // Once, before the first event: opens the disk, listens, opens the ZooKeeper session.
  void start(Now now);
  void handle(Now now, const Event& event);

  // Also before start().
  Glance glance() const;

 private:
  struct Rooms;
  std::unique_ptr<Rooms> rooms_;
};

}  // namespace quorate
