#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/bytes.h"
#include "master/ports/coordination.h"

namespace quorate::sim {

struct ZkNode {
  Bytes data;
  std::int32_t version = 0;
  std::int64_t owner = 0;        // session of an ephemeral node; 0: persistent
  std::int64_t modified = 0;     // zxid of the last change of the data
  std::int64_t children_at = 0;  // zxid of the last change of the list of children
  // Children ever created: the number that a sequential one gets. It stays at its largest value,
  // as in the real server, which from then on names all alike.
  std::int32_t created = 0;
  std::string creator;  // set: only this principal may change it (CreatorAll)
  std::set<std::string> children;
};

// What a change touched, for watches.
struct ZkChange {
  enum class Kind : std::uint8_t { Created, Deleted, DataChanged };
  Kind kind;
  std::string path;
};

// The tree of nodes that a ZooKeeper ensemble agrees on. Pure: requests in, codes and changes out.
// Rules are those of the real server's PrepRequestProcessor and DataTree.
class ZkTree {
 public:
  ZkTree();

  const ZkNode* find(const std::string& path) const;
  const std::map<std::string, ZkNode>& nodes() const { return nodes_; }
  std::int64_t zxid() const { return zxid_; }

  struct Caller {
    std::int64_t session = 0;
    std::string principal;  // empty: not authenticated
  };
  // `path` becomes the path that was really created.
  CoordinationCode create(const Caller& who, std::string& path, const Bytes& data, CreateMode mode);
  CoordinationCode set(const Caller& who, const std::string& path, const Bytes& data,
                       std::int32_t version);
  CoordinationCode remove(const Caller& who, const std::string& path, std::int32_t version);
  // From now on the node has had so many children.
  void count_children(const std::string& path, std::int32_t ever);
  // Deletes the ephemeral nodes of a session.
  void end_session(std::int64_t session);

  // Changes since the last call, in order.
  std::vector<ZkChange> take_changes();

  // As the client library checks a path before it asks; a sequential one gets digits yet.
  static bool valid(std::string_view path, bool sequential = false);
  static std::string parent(std::string_view path);

 private:
  void erase(const std::string& path);

  std::map<std::string, ZkNode> nodes_;
  std::vector<ZkChange> changes_;
  std::int64_t zxid_ = 0;
};

}  // namespace quorate::sim
