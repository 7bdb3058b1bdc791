#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "master/base/random.h"
#include "master/base/time.h"

namespace quorate::sim {

// A delay: usually within [least, most]; with the chance of `slow_ppm` in 1 000 000 up to
// `slow_most`.
struct Delay {
  Duration least;
  Duration most;
  std::uint32_t slow_ppm = 0;
  Duration slow_most;

  Duration draw(RandomStream& random) const;
};

// How fast the world is: `profile: lan|wan|storm|disks` of a scenario.
struct Profile {
  std::string_view name;
  Delay network;                // one way between hosts
  Delay zookeeper;              // one way between a host and a ZooKeeper server
  Delay commit;                 // a write among the ZooKeeper servers
  Delay read;                   // a read of the disk
  Delay write;                  // a write into the page cache
  Delay sync;                   // fsync
  std::uint32_t split_ppm = 0;  // the chance that bytes written at once arrive in pieces
};

// nullptr if there is none of that name.
const Profile* find_profile(std::string_view name);
std::vector<std::string_view> profile_names();

}  // namespace quorate::sim
