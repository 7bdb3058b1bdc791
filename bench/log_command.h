#pragma once

#include <string>
#include <vector>

namespace quorate::bench {

// `quorate-bench log ...`, with the arguments after `log`. Prints; gives the exit code.
int run_log(const std::vector<std::string>& arguments);

}  // namespace quorate::bench
