#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/log_files.h"

namespace quorate::tools {

// What must be given up so that a log of one member opens again (protocol.md 12): everything from
// the first place that is ambiguous or damaged to the end of the log.
struct Cut {
  struct Piece {
    std::string file;
    std::uint64_t offset = 0;
    Bytes bytes;  // from there to the end of the file, without the zeros at its end
  };
  std::vector<Piece> pieces;              // what is cut off, oldest first
  paxos::Position kept;                   // the last position that stays
  std::vector<paxos::Position> readable;  // positions that can still be read in what is cut
  bool unreadable = false;                // and that there are batches which cannot be read
  Files after;                            // the changed files; an empty text: removed
  std::vector<std::string> removed;
};

// A pure function. An error says why this log cannot be helped so.
Result<Cut> plan_cut(const Loaded& loaded);

}  // namespace quorate::tools
