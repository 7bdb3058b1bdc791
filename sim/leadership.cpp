#include "sim/leadership.h"

#include <algorithm>

#include "master/base/json.h"

namespace quorate::sim {
namespace {

// Of masters, and of the stand-in of tests (toy_node.h).
struct Candidates {
  const char* folder;
  std::string_view prefix;
};
constexpr Candidates kCandidates[] = {{"/quorate", "json.info_"}, {"/toy", "n"}};

// "master@10.0.0.1:5050" -> "10.0.0.1"; the toy's data is its name.
std::string said_by(const Bytes& data) {
  Result<Json> info = parse_json(data);
  if (!info) return data;
  const Json* pid = info->find("pid");
  if (pid == nullptr || pid->string() == nullptr) return {};
  std::size_t at = pid->string()->find('@') + 1;
  return pid->string()->substr(at, pid->string()->rfind(':') - at);
}

}  // namespace

std::optional<RunOfMaster> LeadershipHistory::owner(const std::string& path, const ZkNode& node,
                                                    const std::vector<HostNow>& hosts) {
  auto known = owners_.find(path);
  if (known != owners_.end()) return known->second;
  std::string said = said_by(node.data);
  for (const HostNow& host : hosts)
    if (host.ip == said || host.name == said)
      return owners_.emplace(path, RunOfMaster{host.name, host.incarnation}).first->second;
  return std::nullopt;
}

bool LeadershipHistory::look(SimTime now, const ZkTree& tree, const std::vector<HostNow>& hosts) {
  if (tree.zxid() == seen_) return false;
  seen_ = tree.zxid();
  std::optional<RunOfMaster> first;
  for (const Candidates& candidates : kCandidates) {
    const ZkNode* folder = tree.find(candidates.folder);
    if (folder == nullptr) continue;
    for (const std::string& child : folder->children) {
      if (!child.starts_with(candidates.prefix)) continue;
      std::string path = std::string(candidates.folder) + "/" + child;
      const ZkNode* node = tree.find(path);
      if (node == nullptr) continue;
      auto run = owner(path, *node, hosts);
      if (!first) first = run;  // children are sorted, and so are ten digits
    }
  }
  if (first == leader()) return false;
  leads(now, first);
  return true;
}

void LeadershipHistory::leads(SimTime now, std::optional<RunOfMaster> run) {
  terms_.push_back({std::move(run), now});
}

bool LeadershipHistory::led(const std::string& host, SimTime from, SimTime to) const {
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    if (!terms_[i].run || terms_[i].run->host != host) continue;
    SimTime until = i + 1 < terms_.size() ? terms_[i + 1].from : SimTime::never();
    if (terms_[i].from <= to && until >= from) return true;
  }
  return false;
}

std::optional<std::size_t> LeadershipHistory::term_of(const RunOfMaster& run) const {
  for (std::size_t i = terms_.size() - 1; i > 0; --i)
    if (terms_[i].run == run) return i;
  return std::nullopt;
}

std::optional<SimTime> LeadershipHistory::ended(const RunOfMaster& run) const {
  if (leader() == run) return std::nullopt;
  for (std::size_t i = terms_.size() - 1; i > 0; --i)
    if (terms_[i - 1].run == run) return terms_[i].from;
  return std::nullopt;
}

}  // namespace quorate::sim
