#pragma once

#include <string>
#include <vector>

namespace quorate::sim {

// One run, as a JUnit test case.
struct JunitCase {
  std::string suite;  // the scenario's file
  std::string group;  // "leader_killed[plain]"
  std::string name;   // "seed 7"
  int code = 0;       // of quorate-sim; 0: passed
  std::string text;   // the report, with the line that replays it
};

// One XML document: a suite for each file, in the order of the first case of each. Codes 1 to 3 are
// failures of the product, 4 to 6 errors of the test. What XML cannot hold becomes '?'.
std::string junit_xml(const std::vector<JunitCase>& cases);

}  // namespace quorate::sim
