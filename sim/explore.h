#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/explore_model.h"

namespace quorate::sim {

struct ExploreProgress {
  std::uint64_t states = 0;       // different ones, the first included
  std::uint64_t transitions = 0;  // events tried
  std::uint64_t depth = 0;        // events from the first state
  std::uint64_t frontier = 0;     // states of this depth that are to be expanded
  std::uint64_t bytes = 0;        // of the set of hashes and of the frontier
};

struct ExploreFound {
  ExploreProgress progress;
  bool complete = false;          // there are no more states
  std::string violation;          // or empty
  std::vector<std::string> path;  // the fewest events that lead to it, from the first state
  std::string parts;              // ExploreModel::parts()
};

// Every state that can be reached, breadth first, each expanded once; ends at the first violation,
// which no shorter path reaches. States are remembered as 128-bit hashes: that two of a billion are
// equal has a chance below 10^-20.
class Explore {
 public:
  explicit Explore(const ExploreSettings& settings) : settings_(settings) {}

  // Asked every few thousand states; false: stop.
  using GoOn = std::function<bool(const ExploreProgress&)>;
  ExploreFound run(const GoOn& go_on);

 private:
  ExploreSettings settings_;
};

}  // namespace quorate::sim
