#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/cluster.h"
#include "sim/jobs.h"
#include "sim/scenario.h"
#include "sim/scenario_runner.h"
#include "sim/shrink.h"

namespace quorate::sim {

// How likely a failure is from a moment of the run on: the run is repeated up to there, and from
// there on with other randomness (World::reseed).
struct WhyPoint {
  SimTime at;
  std::uint64_t tries = 0;
  std::uint64_t failed = 0;  // in the same way
};

// `points` moments, evenly spread from the start to `end`, each tried `tries` times, in processes.
class WhyBatch final : public JobList {
 public:
  WhyBatch(const Scenario& scenario, std::uint64_t seed, Signature wanted,
           const std::vector<SimTime>& points, std::uint64_t tries);

  std::size_t count() const override { return points_.size() * tries_; }
  Outcome run(std::size_t index) override;
  Outcome died(std::size_t index, int signal) override;
  void done(std::size_t index, const Outcome& outcome) override;
  const std::vector<WhyPoint>& points() const { return points_; }

 private:
  const Scenario& scenario_;
  std::uint64_t seed_;
  Signature wanted_;
  std::vector<WhyPoint> points_;
  std::uint64_t tries_;
};

std::vector<SimTime> evenly(SimTime end, std::size_t points);

// A line for each moment, with a bar, and the lines of the scenario between the two moments where
// the probability rises most.
std::string to_text(const std::vector<WhyPoint>& points, const Section& section);
std::string json_text(const std::vector<WhyPoint>& points);

}  // namespace quorate::sim
