#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "master/base/json.h"

namespace quorate::bench {

// How fast the disk itself is, with nothing of ours in between.
struct DiskSpeed {
  double sync_p50_us = 0;  // a 4 KiB append to zero-written space, then fdatasync
  double sync_p99_us = 0;
  double syncs_per_s = 0;
};

// One depth: what a closed loop of so many outstanding appends came to.
struct DepthRow {
  std::uint64_t depth = 0;
  double seconds = 0;
  std::uint64_t appends = 0;
  double appends_per_s = 0;
  double p50_us = 0, p99_us = 0, p999_us = 0;
  double syncs_per_append = 0;   // of one replica, the mean
  double cpu_us_per_append = 0;  // of all replicas together, user and system, load included
  DiskSpeed before, after;
};

// A limit of the issue that asked for this bench.
struct Limit {
  enum class Kind : std::uint8_t { AtMost, AtLeast };
  Kind kind = Kind::AtMost;
  double value = 0;
};

// One measured number, with what it is compared with.
struct Figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::optional<Limit> limit;
  std::string remark;  // what a reader needs to judge it; may be empty
};

struct Report {
  std::string machine;
  std::vector<DepthRow> depths;
  std::vector<Figure> figures;
};

// Without a limit everything holds.
bool holds(const Figure& figure);
bool all_hold(const Report& report);

// For people: aligned columns. Three digits that count, more for large numbers.
std::string number_text(double value);
std::string depth_table(const std::vector<DepthRow>& rows);
std::string figure_table(const std::vector<Figure>& figures);
// For tools: one JSON object; units are part of the names.
std::string json_report(const Report& report);

}  // namespace quorate::bench
