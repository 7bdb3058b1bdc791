#pragma once

#include <set>
#include <string>

#include "sim/line_reader.h"
#include "sim/scenario.h"

namespace quorate::sim {

// The names that a step may use, in the order of the file.
struct KnownNames {
  std::vector<std::string> masters;
  std::size_t zookeeper_servers = 3;
  std::set<std::string> bound;  // by "as"

  bool master(std::string_view name) const;
  bool place(std::string_view name) const;
  std::vector<std::string_view> all() const;
};

// Reads one step; what it binds is added to `names`. Mistakes stay in the reader.
Step parse_step(LineReader& in, KnownNames& names);

}  // namespace quorate::sim
