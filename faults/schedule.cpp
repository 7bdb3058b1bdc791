#include "faults/schedule.h"

#include <fmt/format.h>

namespace quorate::faults {

std::vector<std::string> to_lines(const Schedule& schedule) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < schedule.phases.size(); ++i) {
    for (const TimedFault& timed : schedule.phases[i].faults) {
      const std::int64_t ms = timed.at.whole_milliseconds();
      lines.push_back(fmt::format("phase {} at {}.{:03}s {}", i + 1, ms / 1000, ms % 1000,
                                  to_text(timed.fault)));
    }
  }
  return lines;
}

std::string replica_name(std::size_t number) { return "r" + std::to_string(number + 1); }

}  // namespace quorate::faults
