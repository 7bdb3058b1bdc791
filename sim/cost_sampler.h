#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace quorate::sim {

// Where the processor time of this process goes, by looking at the call stack 250 times a second of
// processor time (SIGPROF). Nothing is counted in the simulation itself. A sample belongs to the
// replay check or the oracles if it came from there; otherwise to the innermost function that is
// known to be of one kind. One of them at a time.
class CostSampler {
 public:
  CostSampler();
  ~CostSampler();
  CostSampler(const CostSampler&) = delete;
  CostSampler& operator=(const CostSampler&) = delete;

  struct Share {
    std::string_view kind;
    std::uint64_t per_mille = 0;
  };
  // Ends the sampling. All kinds in a fixed order; without a sample all are 0.
  std::vector<Share> stop();
  std::size_t samples() const;

 private:
  bool running_ = false;
};

// Of one call stack, innermost first, as mangled names; empty: a function without a name.
std::string_view cost_kind(const std::vector<std::string_view>& stack);

}  // namespace quorate::sim
