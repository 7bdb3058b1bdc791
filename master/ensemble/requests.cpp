#include "master/ensemble/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace quorate::ensemble {
namespace {

struct Chosen {
  const Node* node = nullptr;
  std::string refused;
};

// A newcomer by that name, or why there is none.
Chosen newcomer(const EnsembleView& view, const std::string& who) {
  const Node* node = view.find(who);
  if (node == nullptr)
    return {nullptr,
            fmt::format("no master at {} was heard. Start it with the same --zk and an empty "
                        "--work_dir, and ask again",
                        who)};
  const std::vector<ReplicaId>& retired = view.configuration.retired;
  if (view.configuration.contains(node->replica))
    return {nullptr, fmt::format("{} is a member already", who)};
  if (std::find(retired.begin(), retired.end(), node->replica) != retired.end())
    return {nullptr, fmt::format("{} runs under the id of a removed member. Stop it, move its "
                                 "--work_dir away, start it, and ask again",
                                 who)};
  if (!view.alive(node->replica))
    return {nullptr, fmt::format("{} does not answer. Start it, and ask again", who)};
  if (!view.eligible(*node))
    return {nullptr, fmt::format("{} cannot be a member: its disk belongs to another ensemble, its "
                                 "--ensemble mode differs, or --masters (its own, or the leader's) "
                                 "does not name it; its log says which",
                                 who)};
  return {node, {}};
}

const paxos::Member* member(const EnsembleView& view, const std::string& who) {
  for (const paxos::Member& each : view.configuration.members)
    if (quorate::to_text(each.replica) == who || view.address_of(each.replica) == who) return &each;
  for (const paxos::Member& each : view.configuration.members)
    if (each.address == who) return &each;
  return nullptr;
}

std::string no_such_member(const EnsembleView& view, const std::string& who) {
  std::string all;
  for (const paxos::Member& each : view.configuration.members)
    all += fmt::format("{}{} (replica {})", all.empty() ? "" : ", ", view.address_of(each.replica),
                       quorate::to_text(each.replica));
  return fmt::format("{} is not a member; the members are {}", who, all);
}

std::vector<paxos::Member> members_now(const EnsembleView& view) {
  std::vector<paxos::Member> all;
  for (const paxos::Member& each : view.configuration.members)
    all.push_back({each.replica, view.address_of(each.replica)});
  return all;
}

RequestPlan refused(std::string why) { return {{}, std::move(why)}; }

void erase(std::vector<paxos::Member>& members, ReplicaId replica) {
  std::erase_if(members, [replica](const paxos::Member& each) { return each.replica == replica; });
}

RequestPlan on(const EnsembleView& view, const AddMembers& add) {
  RequestPlan plan{members_now(view), {}};
  if (add.who.empty()) return refused("nobody is named");
  for (const std::string& who : add.who) {
    const Chosen chosen = newcomer(view, who);
    if (chosen.node == nullptr) return refused(chosen.refused);
    if (plan.contains(chosen.node->replica)) return refused(who + " is named twice");
    plan.members.push_back({chosen.node->replica, chosen.node->address});
  }
  if (plan.members.size() > paxos::kMembersMax)
    return refused(fmt::format("{} members are the most", paxos::kMembersMax));
  return plan;
}

RequestPlan on(const EnsembleView& view, const RemoveMembers& remove) {
  RequestPlan plan{members_now(view), {}};
  if (remove.who.empty()) return refused("nobody is named");
  for (const std::string& who : remove.who) {
    const paxos::Member* leaving = member(view, who);
    if (leaving == nullptr) return refused(no_such_member(view, who));
    erase(plan.members, leaving->replica);
  }
  if (plan.members.empty())
    return refused(
        "nobody would be left. To end the ensemble, stop all masters; to move it, add the new "
        "members first");
  return plan;
}

RequestPlan on(const EnsembleView& view, const ReplaceMember& replace) {
  const paxos::Member* leaving = member(view, replace.old);
  if (leaving == nullptr) return refused(no_such_member(view, replace.old));
  const Chosen chosen = newcomer(view, replace.with);
  if (chosen.node == nullptr) return refused(chosen.refused);
  RequestPlan plan{members_now(view), {}};
  erase(plan.members, leaving->replica);
  plan.members.push_back({chosen.node->replica, chosen.node->address});
  return plan;
}

RequestPlan grow(const EnsembleView& view, std::size_t wanted) {
  RequestPlan plan{members_now(view), {}};
  for (const Node& node : view.nodes)
    if (plan.members.size() < wanted && view.eligible(node) && !plan.contains(node.replica))
      plan.members.push_back({node.replica, node.address});
  if (plan.members.size() == wanted) return plan;
  return refused(fmt::format(
      "a quorum of {} means {} members; there are {}, and {} more master{} here to join. Safe "
      "steps: (1) start {} more with the same --zk, an empty --work_dir and --quorum={}; (2) ask "
      "again; they are admitted when they have caught up; (3) set --quorum={} on the others",
      (wanted + 1) / 2, wanted, view.size(), plan.members.size() - view.size(),
      plan.members.size() - view.size() == 1 ? " is" : "s are", wanted - plan.members.size(),
      (wanted + 1) / 2, (wanted + 1) / 2));
}

RequestPlan shrink(const EnsembleView& view, std::size_t wanted) {
  RequestPlan plan{members_now(view), {}};
  for (const paxos::Member& each : view.configuration.members)
    if (view.gone(each.replica)) erase(plan.members, each.replica);
  if (plan.members.size() == wanted) return plan;
  std::string names;
  for (const paxos::Member& each : view.configuration.members)
    names += fmt::format("{}{}{}", names.empty() ? "" : ", ", view.address_of(each.replica),
                         view.gone(each.replica) ? " (gone)" : "");
  return refused(fmt::format(
      "a quorum of {} means {} members, and it does not say which {} of {} go. Safe steps: (1) "
      "quorate-log remove with the addresses of those {}, --at={}; (2) when they have ended with "
      "77, disable them; (3) set --quorum={} on the ones that stay",
      (wanted + 1) / 2, wanted, view.size() - wanted, names, view.size() - wanted,
      view.address_of(view.self), (wanted + 1) / 2));
}

RequestPlan on(const EnsembleView& view, const SetQuorum& set) {
  const Flags flags{set.quorum, {}};
  if (std::optional<std::string> fault = impossible(flags)) return refused(*fault);
  const std::size_t wanted = wished_size(flags);
  if (wanted == view.size()) return {members_now(view), {}};
  return wanted > view.size() ? grow(view, wanted) : shrink(view, wanted);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += " " + name;
  return text;
}

}  // namespace

bool RequestPlan::contains(ReplicaId replica) const {
  return std::any_of(members.begin(), members.end(),
                     [replica](const paxos::Member& each) { return each.replica == replica; });
}

std::string to_text(const Request& request) {
  struct Names {
    std::string operator()(const AddMembers& add) const { return "add" + joined(add.who); }
    std::string operator()(const RemoveMembers& remove) const {
      return "remove" + joined(remove.who);
    }
    std::string operator()(const ReplaceMember& replace) const {
      return fmt::format("replace {} --with={}", replace.old, replace.with);
    }
    std::string operator()(const SetQuorum& set) const {
      return fmt::format("set-quorum {}", set.quorum);
    }
  };
  return std::visit(Names{}, request.what);
}

RequestPlan plan_of(const EnsembleView& view, const Request& request) {
  return std::visit([&view](const auto& what) { return on(view, what); }, request.what);
}

}  // namespace quorate::ensemble
