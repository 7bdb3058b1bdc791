#pragma once

#include <string>
#include <variant>

namespace quorate::registry {

// What bytes turn out to be. `Newer` and `Malformed` carry a sentence for the operator.

// Written by a later version of this program. Never skipped: a state without it would be another
// state (protocol.md, section 7). The Master ends with 78.
struct Newer {
  std::string why;
};

// Nothing that any version writes. From a peer it is dropped; chosen by the log it means that this
// replica's log is corrupt (65).
struct Malformed {
  std::string why;
};

template <typename T>
using Decoded = std::variant<T, Newer, Malformed>;

}  // namespace quorate::registry
