#pragma once

#include <cstdint>
#include <string_view>

namespace quorate {

// Randomness keyed by (seed, stream name, counter): removing one draw from one stream moves no draw
// of any other. The same key gives the same number on every compiler and machine. At most one draw
// per full expression: compilers differ in the order of arguments.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view stream);

  std::uint64_t next();
  // Uniform in [0, bound). The caller guarantees bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [from, to]. The caller guarantees from <= to.
  std::int64_t between(std::int64_t from, std::int64_t to);
  // True with the given chance of 1 000 000.
  bool chance_ppm(std::uint32_t ppm) { return below(1'000'000) < ppm; }

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

}  // namespace quorate
