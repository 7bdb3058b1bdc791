#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "master/glance.h"
#include "sim/cluster.h"
#include "sim/scenario_runner.h"

namespace quorate::sim {

// What a simulated world knows of one master at one moment.
struct MasterAt {
  std::string name;
  std::string state;  // down, running, paused, restarting
  std::uint64_t incarnation = 0;
  std::string leader;  // the name of whom it takes for the leader; empty: nobody
  Glance glance;
  std::optional<ExitRecord> last_exit;
  MonoTime mono;  // its clocks
  WallTime wall;
};

struct WorldAt {
  SimTime at;
  std::uint64_t hash = 0;  // over all events so far
  std::vector<MasterAt> masters;
};
WorldAt world_at(Cluster& cluster);

// Keeps the world of one moment.
class Snapshotter final : public Bystander {
 public:
  void look(Cluster& cluster) override { seen = world_at(cluster); }
  std::optional<WorldAt> seen;
};

std::string to_text(const WorldAt& world);
// One JSON object in one line.
std::string json_text(const WorldAt& world);

}  // namespace quorate::sim
