#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "master/paxos/types.h"
#include "master/replicated_log/metadata.h"

// What is found in a log's directory that is not as it should be (protocol.md 11 to 14).

namespace quorate::replicated_log {

enum class Verdict : std::uint8_t {
  // An open deals with these by itself.
  Torn,       // a write that was never acknowledged, cut short by a power loss: cut
  Repaired,   // one copy of what is kept twice is not valid: the other serves
  LostWrite,  // one of two copies stands still: the disk lost a write; an alarm
  Leftover,   // what a crash left: removed
  // The votes of this replica cannot be trusted: 65, or it is born again (protocol.md 12, 17).
  Ambiguous,  // torn, or acknowledged and lost: this replica alone cannot tell
  Damaged,
  Missing,
  Misplaced,  // of another replica's log
  Regressed,  // older than what is known to have been written
  Lost,       // peers saw further, and told so
  // Not ours to touch: 78.
  Newer,
  Foreign,
};
std::string_view to_text(Verdict verdict);

struct Finding {
  Verdict verdict = Verdict::Damaged;
  std::string file;
  std::uint64_t offset = 0;  // in the file
  paxos::Position position;  // the last that was read before it; of a snapshot: its own
  std::string what;          // one sentence, without an end

  bool operator==(const Finding&) const = default;
};

// An open cannot go on with the identity that it found.
bool ends_identity(Verdict verdict);
bool refuses(Verdict verdict);
// "<file> at byte <offset>, after position <position>: <what>".
std::string to_text(const Finding& finding);
// What a person can do about it; empty if nothing need be done.
std::string_view advice(Verdict verdict);
// The exit that follows from a finding that refuses.
Refusal refusal_of(const Finding& finding);

// A file that no log of ours has: nothing of it was touched.
Finding foreign_file(const std::string& name);

}  // namespace quorate::replicated_log
