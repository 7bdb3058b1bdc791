#include "sim/known_names.h"

#include <algorithm>

#include "master/base/text.h"

namespace quorate::sim {
namespace {

std::string_view expected(NameKind kind) {
  switch (kind) {
    case NameKind::Master: return "a master";
    case NameKind::Program: return "a master or ZooKeeper server";
    case NameKind::HostOrClient: return "a master or client";
    case NameKind::Any: return "a master, zookeeper, zk1.. or client";
  }
  return "a name";
}

}  // namespace

bool KnownNames::master(std::string_view name) const {
  return std::find(masters.begin(), masters.end(), name) != masters.end() ||
         bound.contains(std::string(name));
}

bool KnownNames::zookeeper(std::string_view name) const {
  if (name == "zookeeper") return true;
  if (!name.starts_with("zk")) return false;
  const auto number = parse_u64(name.substr(2));
  return number && *number >= 1 && *number <= zookeeper_servers;
}

std::vector<std::string_view> KnownNames::all() const {
  std::vector<std::string_view> out(masters.begin(), masters.end());
  out.insert(out.end(), bound.begin(), bound.end());
  out.push_back("zookeeper");
  out.push_back("client");
  return out;
}

std::string known_name(LineReader& in, const KnownNames& names, NameKind kind) {
  const std::size_t column = in.column();
  std::string name = in.name(expected(kind));
  if (name.empty() || names.master(name)) return name;
  const std::string begin = "expected " + std::string(expected(kind)) + ", found '" + name + "'";
  const bool server = names.zookeeper(name);
  const bool client = name == "client";
  if (server && (kind == NameKind::Program || kind == NameKind::Any)) return name;
  if (client && (kind == NameKind::HostOrClient || kind == NameKind::Any)) return name;
  if (server) {
    in.mistake_at(column, begin + ": this cannot befall a ZooKeeper server");
  } else if (client) {
    in.mistake_at(column, begin + ": this cannot befall clients");
  } else {
    const std::vector<std::string_view> candidates = names.all();
    const std::string_view near = nearest(name, candidates);
    in.mistake_at(column,
                  begin + (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
  }
  return name;
}

}  // namespace quorate::sim
