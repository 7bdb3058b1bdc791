#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/line_reader.h"

namespace quorate::sim {

// The names that a step may use, in the order of the file.
struct KnownNames {
  std::vector<std::string> masters;
  std::size_t zookeeper_servers = 3;
  std::set<std::string> bound;  // by "as", and masters that nobody planned

  bool master(std::string_view name) const;
  bool zookeeper(std::string_view name) const;  // "zookeeper", zk1, ...
  std::vector<std::string_view> all() const;
};

// Whom a place of a step may name.
enum class NameKind : std::uint8_t { Master, Program, HostOrClient, Any };

// Takes a name of this kind. A mistake says what was expected and the nearest name, or why this one
// cannot be.
std::string known_name(LineReader& in, const KnownNames& names, NameKind kind);

}  // namespace quorate::sim
