#pragma once

#include <ostream>
#include <vector>

#include "tests/contract/coordination_script.h"

namespace quorate::contract {

// The contract between a master and ZooKeeper: what each world must do. The tables lie in
// coordination_cases_*.cpp.
std::vector<CoordinationCase> coordination_cases();

// For the messages of gtest.
inline void PrintTo(const CoordinationCase& what, std::ostream* out) { *out << what.name; }

std::vector<CoordinationCase> node_cases();
std::vector<CoordinationCase> watch_cases();
std::vector<CoordinationCase> session_cases();
std::vector<CoordinationCase> access_cases();
std::vector<CoordinationCase> order_cases();

}  // namespace quorate::contract
