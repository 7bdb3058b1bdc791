#pragma once

#include <vector>

#include "tools/log_files.h"

namespace quorate::tools {

// Everything in a directory that is not as it should be; an open stops at the first thing that
// refuses it, this does not.
struct Inspection {
  std::vector<replicated_log::Finding> findings;  // by file and offset
  std::uint64_t bytes = 0;                        // that were read
  std::uint64_t segments = 0;
  std::uint64_t batches = 0;
  std::uint64_t records = 0;
  paxos::Position first;  // that is held above the snapshot; 0: none
  paxos::Position last;
  paxos::Position learned;  // known to be chosen up to here
  Digest chain;             // H(learned)

  // 0: sound; 65 damaged; 78 foreign or newer.
  int exit() const;
};
Inspection inspect(const Loaded& loaded);

}  // namespace quorate::tools
