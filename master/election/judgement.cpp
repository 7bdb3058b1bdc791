#include <algorithm>
#include <utility>

#include "master/base/probe.h"
#include "master/election/election.h"

// What an election makes of what it saw: who leads, who is in the replica group, and when to end.

namespace quorate::election {
namespace {

bool holds(const std::vector<NodeName>& names, const NodeName& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The master that a leading node names, or why it names none that we can follow.
Result<MasterInfo> decode(const Node& node, const std::string& path) {
  if (!node.data) return failure("the leading node " + path + " may not be read: check its ACL");
  if (node.name.label == "info" || node.name.label.empty()) {
    return failure(
        "the leading node " + path +
        " was written in an old format, by an old Apache Mesos master or another program");
  }
  if (node.name.label != "json.info") {
    return failure("the leading node " + path + " has the unknown label \"" + node.name.label +
                   "\": another program uses this path, remove the node");
  }
  Result<MasterInfo> info = parse_master_info(*node.data);
  if (!info) {
    return failure("the data of the leading node " + path +
                   " cannot be read, remove the node: " + info.error().text);
  }
  return info;
}

}  // namespace

void Election::judge_masters(Now now) {
  if (ended_) return;
  if (std::optional<Snapshot> snapshot = masters_.take_snapshot()) front_ = std::move(*snapshot);
  if (!front_) return;

  const std::optional<NodeName>& own = contender_.node();
  if (own && contender_.node_known_by() < front_->listed_by && !holds(front_->names, *own)) {
    probe(Probe::OwnNodeGone);
    lose("the own node " + contender_.path() + " is gone");
    contender_.lost();
  }
  if (front_->nodes.empty()) {
    lose("no master is elected, " + settings_.zk_path + " holds no candidate");
    return set_leader(std::nullopt, false);
  }
  judge_first(now, front_->nodes.front());
}

void Election::judge_first(Now now, const Node& first) {
  const std::string path = settings_.zk_path + "/" + first.name.name;
  Result<MasterInfo> info = decode(first, path);
  const std::optional<NodeName>& own = contender_.node();
  bool own_node = contender_.wanted() && own && own->name == first.name.name;

  if (own_node && info && *info == *own_) {
    // An answer that came so late that the lease is over proves nothing; the next ping will.
    if (lease_live(now)) return set_leader(own_, true);
    return probe(Probe::LateAnswerLeadsNobody);
  }
  if (!own_node && first.data && contender_.carries_nonce(*first.data)) {
    probe(Probe::OwnOldNodeLeads);
    // Ours, but of an older session, or made by a call whose answer was lost: it is adopted or
    // removed.
    lose("another node of this master, " + path + ", took the lead");
    set_leader(std::nullopt, false);
    if (contender_.settled() && searched_for_ != front_->listed_by) {
      searched_for_ = front_->listed_by;
      contender_.search_again();
    }
    return;
  }
  if (!info) {
    lose("another node leads: " + info.error().text);
    return set_foreign(path, info.error().text);
  }
  if (own_node) {
    lose("the data of the own node " + path + " was changed");
    return set_foreign(path,
                       "the data of the own node " + path + " was changed by another program");
  }
  lose("another master leads: " + info->pid + " by " + path);
  set_leader(std::move(*info), false);
}

void Election::judge_replicas() {
  std::optional<Snapshot> snapshot = ended_ ? std::nullopt : replicas_.take_snapshot();
  if (!snapshot) return;

  const std::optional<NodeName>& own = replica_.node();
  if (own && replica_.node_known_by() < snapshot->listed_by && !holds(snapshot->names, *own)) {
    replica_.lost();
  }
  std::vector<ReplicaNode> nodes;
  for (const Node& node : snapshot->nodes) {
    if (!node.data) continue;
    // One process may stand there twice for a while, after a lost answer or an expired session.
    bool again = std::any_of(nodes.begin(), nodes.end(),
                             [&](const ReplicaNode& other) { return other.data == *node.data; });
    if (again) probe(Probe::ReplicaTwiceInGroup);
    if (again && replica_.carries_nonce(*node.data) && replica_.settled()) replica_.search_again();
    if (!again) nodes.push_back({node.name.sequence, *node.data});
  }
  if (nodes == replica_nodes_) return;
  replica_nodes_ = nodes;
  outcomes_.push_back(ReplicasChanged{std::move(nodes)});
}

void Election::judge_own_node() {
  if (ended_) return;
  std::optional<std::string> missing = ping_.take_missing();
  if (missing && contender_.node() && *missing == contender_.path()) {
    probe(Probe::OwnNodeGone);
    lose("the own node " + *missing + " is gone");
    contender_.lost();
  }
  if (!contender_.node() || contender_.path() != led_by_) {
    lose("the own node " + led_by_ + " is gone");
  }
  if (withdrawing_ && contender_.settled()) {
    withdrawing_ = false;
    outcomes_.push_back(Withdrawn{});
  }
}

void Election::set_leader(std::optional<MasterInfo> leader, bool is_self) {
  if (ended_) return;
  foreign_.reset();
  if (is_self) led_by_ = contender_.path();
  if (leader == leader_ && is_self == leading_) return;
  leader_ = leader;
  leading_ = is_self;
  outcomes_.push_back(LeaderChanged{std::move(leader), is_self});
}

void Election::set_foreign(const std::string& path, const std::string& why) {
  if (ended_) return;
  ForeignLeader found{path, why};
  if (foreign_ == found) return;
  probe(Probe::ForeignLeader);
  set_leader(std::nullopt, false);
  foreign_ = found;
  outcomes_.push_back(std::move(found));
}

void Election::lose(const std::string& why) {
  if (leading_) end(Exit::LeadershipLost, "no longer leading: " + why);
}

void Election::end(Exit exit, std::string why) {
  if (ended_) return;
  ended_ = true;
  leading_ = false;
  outcomes_.push_back(Ended{exit, std::move(why)});
}

}  // namespace quorate::election
