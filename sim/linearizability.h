#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/registry_operation.h"

namespace quorate::sim {

enum class LinearResult : std::uint8_t {
  Linearizable,
  Violated,
  GaveUp,  // nothing was found out: the test failed, never passed
};

struct LinearVerdict {
  LinearResult result = LinearResult::Linearizable;
  std::string text;         // what fits no order, and what could have been the state before it
  std::uint64_t tried = 0;  // transitions
};

// So many transitions are tried, about a second, before the checker gives up.
inline constexpr std::uint64_t kLinearBudget = 5'000'000;

// Is there an order of all operations in which a registry that does one after another shows what
// was shown, and in which whatever ended before another one began stands before it? Operations
// whose outcome is unknown may stand anywhere after their beginning, or nowhere.
//
// `operations` in any order; reads among them have ended. The registry begins empty. Histories of a
// register are judged by check_register() (register_zones.h), which never gives up; all others, in
// which machines go down and up or schedules repeat, by the search.
LinearVerdict check_linearizable(const std::vector<RegistryOperation>& operations,
                                 std::uint64_t budget = kLinearBudget);

// A search of Wing and Gong's kind with Lowe's memory: at each end of an operation it keeps all
// configurations (model state, operations under way that have had their effect) in which that
// operation can have had its effect, and none that another one makes needless. The registry is one
// object, since a schedule replaces all machines; so there is nothing to part by key. The worst
// case is exponential in what is side by side.
LinearVerdict search_linearizable(const std::vector<RegistryOperation>& operations,
                                  std::uint64_t budget = kLinearBudget);

}  // namespace quorate::sim
