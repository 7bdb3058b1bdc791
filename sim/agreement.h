#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/cluster.h"

namespace quorate::sim {

// No position of the log is learned with two values: read from the disk images of all masters, by a
// reader that knows the format of the log's files.
class AgreementOracle {
 public:
  // Looks at all disks now, and compares with all that was seen before. A violation is a sentence.
  std::optional<std::string> check(Cluster& cluster);

 private:
  struct Learned {
    std::string payload;
    std::string host;
    SimTime seen;
  };
  std::map<std::uint64_t, Learned> learned_;
};

}  // namespace quorate::sim
