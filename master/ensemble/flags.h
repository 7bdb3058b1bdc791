#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "master/ensemble/masters_list.h"

namespace quorate::ensemble {

// What a master's command line wishes of its ensemble. Flags are wishes: who counts is recorded in
// the log (protocol.md 26, 27).
struct Flags {
  std::optional<std::int64_t> quorum;  // --quorum=N: an ensemble of 2N - 1 members
  std::optional<MastersList> masters;  // --masters=...: these, and nobody else

  bool operator==(const Flags&) const = default;
};

// The largest --quorum whose ensemble has no more members than a configuration may have.
inline constexpr std::int64_t kQuorumMax = 50;

// Flags that no ensemble can fulfil: a sentence for exit 78, or nothing.
std::optional<std::string> impossible(const Flags& flags);
// Both flags are given and mean different sizes: nobody can be founded by them, and nothing is
// changed because of them.
std::optional<std::string> contradiction(const Flags& flags);

// How many members the flags wish for: the listed masters, else 2N - 1; 0: no wish. The flags are
// not impossible.
std::size_t wished_size(const Flags& flags);

// "--quorum=2 --masters=a:1,b:1,c:1", or "no wish".
std::string to_text(const Flags& flags);

}  // namespace quorate::ensemble
