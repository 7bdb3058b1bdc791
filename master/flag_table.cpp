#include "master/flag_table.h"

#include <algorithm>
#include <numeric>

namespace quorate::flags {
namespace {

// The least number of insertions, deletions and replacements that makes one of the other
// (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view to_text(Type type) {
  switch (type) {
    case Type::Bool: return "bool";
    case Type::Text: return "text";
    case Type::Path: return "path";
    case Type::Duration: return "duration";
    case Type::Bytes: return "bytes";
    case Type::Int: return "integer";
    case Type::Size: return "count";
    case Type::Port: return "port";
    case Type::Real: return "number";
    case Type::Ip: return "IPv4 address";
    case Type::TextSet: return "list";
    case Type::Json: return "JSON";
    case Type::ZkUrl: return "zk URL";
  }
  return "";
}

const std::vector<Group>& groups() {
  static const std::vector<Group> kAll{address_flags(), coordination_flags(), registry_flags(),
                                       access_flags(),  http_flags(),         process_flags(),
                                       agent_flags(),   framework_flags()};
  return kAll;
}

const Flag* find(std::string_view name) {
  if (name.empty()) return nullptr;
  for (const Group& group : groups()) {
    for (const Flag& flag : group.flags) {
      if (flag.name == name || flag.alias == name) return &flag;
    }
  }
  return nullptr;
}

std::string nearest(std::string_view name) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(2, name.size() / 4) + 1;
  for (const Group& group : groups()) {
    for (const Flag& flag : group.flags) {
      for (std::string_view known : {flag.name, flag.alias}) {
        const std::size_t far = known.empty() ? least : distance(name, known);
        if (far >= least) continue;
        least = far;
        best = known;
      }
    }
  }
  return std::string(best);
}

}  // namespace quorate::flags
