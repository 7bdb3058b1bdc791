#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/line_reader.h"
#include "sim/scenario.h"

namespace quorate::sim {

// What is wrong with the steps of a section though each line by itself is well: times that cannot
// be, and more lost votes than the guarantee bears without a `hazard`. Between two `eventually`
// only names that surely are different masters count; a run counts the masters themselves.
std::vector<Mistake> check_section(const Section& section);

// The masters that lost their votes are more than the quorum bears, and no `hazard` says so.
std::optional<std::string> over_budget(const Section& section, const std::set<std::string>& lost);

// Flags that no master takes: "--quorun: unknown flag" or the like.
std::optional<std::string> wrong_flags(const std::vector<std::string>& flags);

}  // namespace quorate::sim
