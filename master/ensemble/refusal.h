#pragma once

#include <string>

namespace quorate::ensemble {

// Why a master has to end, for its supervisor: the codes of design.md 8 that this room decides on.
// None of them is restarted: a person must look.
enum class ExitCode : int {
  LogCorrupt = 65,     // this replica's log contradicts a quorum
  NotMember = 77,      // stranger, retired, clone, foreign ensemble
  Configuration = 78,  // flags that cannot be, a record that cannot be read, two clusters on a path
};

constexpr int code(ExitCode exit) { return static_cast<int>(exit); }

// The master ends. `text` is for a person: what was found, what is refused, and the ways out.
struct Refusal {
  ExitCode exit = ExitCode::Configuration;
  std::string text;

  bool operator==(const Refusal&) const = default;
};

}  // namespace quorate::ensemble
