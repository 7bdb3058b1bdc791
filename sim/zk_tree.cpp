#include "sim/zk_tree.h"

#include <cstdio>
#include <utility>

#include "master/base/check.h"

namespace quorate::sim {
namespace {

bool may_change(const ZkNode& node, const ZkTree::Caller& who) {
  return node.creator.empty() || node.creator == who.principal;
}

// What the server adds to the check of the client library, when it writes.
bool printable(std::string_view path) {
  return path.find('\x1f') == std::string_view::npos && path.find('\x7f') == std::string_view::npos;
}

bool is_its_own(std::string_view path) {
  return path == "/" || path == "/zookeeper" || path == "/zookeeper/config" ||
         path == "/zookeeper/quota";
}

std::string last_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

ZkTree::ZkTree() {
  nodes_.emplace("/", ZkNode{});
  for (const char* own : {"/zookeeper", "/zookeeper/config", "/zookeeper/quota"}) {
    std::string path = own;
    CHECK(create({}, path, "", {}) == CoordinationCode::Ok);
  }
  nodes_.at("/").created = 0;
  zxid_ = 0;
  changes_.clear();
}

bool ZkTree::valid(std::string_view path, bool sequential) {
  if (sequential) return valid(std::string(path) + "0");
  if (path == "/") return true;
  if (path.empty() || path.front() != '/' || path.back() == '/') return false;
  if (path.find("//") != std::string_view::npos) return false;
  for (char c : path)
    if (c >= 0 && c < 0x1f) return false;
  std::string_view rest = path;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    std::string_view name = rest.substr(0, rest.find('/'));
    if (name == "." || name == "..") return false;
    rest.remove_prefix(name.size());
  }
  return true;
}

std::string ZkTree::parent(std::string_view path) {
  std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

const ZkNode* ZkTree::find(const std::string& path) const {
  auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second;
}

CoordinationCode ZkTree::create(const Caller& who, std::string& path, const Bytes& data,
                                CreateMode mode) {
  if (!valid(path, mode.sequential)) return CoordinationCode::BadArguments;
  if (path == "/" && !mode.sequential) return CoordinationCode::NodeExists;
  if (mode.acl == CoordinationAcl::CreatorAll && who.principal.empty())
    return CoordinationCode::InvalidAcl;
  auto above = nodes_.find(parent(path));
  if (above == nodes_.end()) return CoordinationCode::NoNode;
  if (!may_change(above->second, who)) return CoordinationCode::NoAuth;
  if (mode.sequential) {
    char number[16];
    std::snprintf(number, sizeof number, "%010d", above->second.created);
    path += number;
  }
  if (!printable(path)) return CoordinationCode::BadArguments;
  if (nodes_.contains(path)) return CoordinationCode::NodeExists;
  if (above->second.owner != 0) return CoordinationCode::NoChildrenForEphemerals;

  ZkNode node;
  node.data = data;
  node.owner = mode.ephemeral ? who.session : 0;
  node.modified = ++zxid_;
  node.children_at = zxid_;
  if (mode.acl == CoordinationAcl::CreatorAll) node.creator = who.principal;
  if (above->second.created < INT32_MAX) above->second.created += 1;
  above->second.children_at = zxid_;
  above->second.children.insert(last_name(path));
  nodes_.emplace(path, std::move(node));
  changes_.push_back({ZkChange::Kind::Created, path});
  return CoordinationCode::Ok;
}

CoordinationCode ZkTree::set(const Caller& who, const std::string& path, const Bytes& data,
                             std::int32_t version) {
  if (!valid(path) || !printable(path)) return CoordinationCode::BadArguments;
  auto found = nodes_.find(path);
  if (found == nodes_.end()) return CoordinationCode::NoNode;
  ZkNode& node = found->second;
  if (!may_change(node, who)) return CoordinationCode::NoAuth;
  if (version != -1 && version != node.version) return CoordinationCode::BadVersion;
  node.data = data;
  node.version += 1;
  node.modified = ++zxid_;
  changes_.push_back({ZkChange::Kind::DataChanged, path});
  return CoordinationCode::Ok;
}

CoordinationCode ZkTree::remove(const Caller& who, const std::string& path, std::int32_t version) {
  if (!valid(path) || is_its_own(path)) return CoordinationCode::BadArguments;
  auto above = nodes_.find(parent(path));
  if (above == nodes_.end()) return CoordinationCode::NoNode;
  if (!may_change(above->second, who)) return CoordinationCode::NoAuth;
  auto found = nodes_.find(path);
  if (found == nodes_.end()) return CoordinationCode::NoNode;
  if (version != -1 && version != found->second.version) return CoordinationCode::BadVersion;
  if (!found->second.children.empty()) return CoordinationCode::NotEmpty;
  ++zxid_;
  erase(path);
  return CoordinationCode::Ok;
}

void ZkTree::count_children(const std::string& path, std::int32_t ever) {
  nodes_.at(path).created = ever;
}

void ZkTree::end_session(std::int64_t session) {
  std::vector<std::string> gone;
  for (const auto& [path, node] : nodes_)
    if (node.owner == session) gone.push_back(path);
  ++zxid_;
  for (const std::string& path : gone) erase(path);
}

void ZkTree::erase(const std::string& path) {
  ZkNode& above = nodes_.at(parent(path));
  above.children.erase(last_name(path));
  above.children_at = zxid_;
  nodes_.erase(path);
  changes_.push_back({ZkChange::Kind::Deleted, path});
}

std::vector<ZkChange> ZkTree::take_changes() { return std::exchange(changes_, {}); }

}  // namespace quorate::sim
