#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "master/replicated_log/read_log.h"
#include "sim/disk_image.h"

namespace quorate::sim {

// The log on a disk is bounded: what is written stays below three times the live data (the snapshot
// and the entries above it) plus three segments.
struct DiskUse {
  std::uint64_t written_bytes = 0;
  std::uint64_t live_bytes = 0;
  std::uint64_t segment_bytes = 0;
};
DiskUse disk_use(const DiskImage& disk, const replicated_log::LogRead& log);
std::optional<std::string> too_much(const std::string& host, const DiskUse& use);

// The integrity chain: the disks of all masters hold, position by position, what gives the same
// chain values, and the marks on each disk are those of what it holds. H(p) is computed here from
// its description (protocol.md 15), not by the master's function.
class ChainOracle {
 public:
  // Of a disk that kept what was written to it. What it lost may have named another entry.
  std::optional<std::string> look(const std::string& host, const replicated_log::LogRead& log);
  std::uint64_t judged() const { return judged_; }

 private:
  struct Value {
    Digest chain;
    std::string host;
  };
  std::optional<std::string> compare(const std::string& host, paxos::Position position,
                                     const Digest& chain);
  std::map<paxos::Position, Value> values_;
  std::uint64_t judged_ = 0;
};

// H(p) of an entry above the chain value `before`.
Digest chain_value(const Digest& before, paxos::Position position, const paxos::Entry& entry);

}  // namespace quorate::sim
