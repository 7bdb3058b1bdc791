#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "master/base/bytes.h"
#include "master/base/probe.h"

namespace quorate::sim {

// How often each probe of the core (master/base/probe.h) was reached; those that were not are not
// in it. Addable and encodable, so that counts of runs in other processes can be summed.
class ProbeCounts {
 public:
  void add(Probe probe, std::uint64_t count) { counts_[probe] += count; }
  void add(const ProbeCounts& other);

  std::uint64_t of(Probe probe) const;
  std::size_t reached() const { return counts_.size(); }

  Bytes encode() const;
  // Of damaged bytes nothing, or a part.
  static ProbeCounts decode(std::string_view bytes);

  bool operator==(const ProbeCounts&) const = default;

 private:
  std::map<Probe, std::uint64_t> counts_;
};

// What this process has counted since the last call. To be called before a run as well, so that
// nothing of an earlier one is in it. run_jobs() does both.
ProbeCounts take_probe_counts();

// A line for each probe that was reached, with its count, and one that names the others.
std::string to_text(const ProbeCounts& counts);
// One line: how many of all were reached, and the names of the others.
std::string summary(const ProbeCounts& counts);
// {"reached": 90, "of": 150, "counts": {"PrepareRefused": 3, ...}, "never": ["..."]}
std::string to_json(const ProbeCounts& counts);

}  // namespace quorate::sim
