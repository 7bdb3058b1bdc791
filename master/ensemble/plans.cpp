#include "master/ensemble/plans.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace quorate::ensemble {
namespace {

paxos::Member member_now(const EnsembleView& view, const paxos::Member& member) {
  return {member.replica, view.address_of(member.replica)};
}

std::vector<paxos::Member> members_now(const EnsembleView& view) {
  std::vector<paxos::Member> all;
  for (const paxos::Member& member : view.configuration.members)
    all.push_back(member_now(view, member));
  return all;
}

// The newest eligible one there, if there are several.
const Node* newcomer_at(const EnsembleView& view, std::string_view address) {
  const Node* found = nullptr;
  for (const Node& node : view.nodes)
    if (node.address == address && view.eligible(node)) found = &node;
  return found;
}

// The wish that a node announces; flags that contradict each other, or cannot be, wish for nothing.
Flags wish_of(const Node& node) {
  if (impossible(node.flags) || contradiction(node.flags)) return {};
  // A list says everything that a quorum says.
  if (node.flags.masters) return {{}, node.flags.masters};
  return node.flags;
}

bool takes_part(const EnsembleView& view, const Node& node) {
  return (view.configuration.contains(node.replica) && view.alive(node.replica)) ||
         view.eligible(node);
}

// Who is alive in the plan and does not announce this wish: "10.0.0.2:5050 (--quorum=2)".
std::string dissenters(const EnsembleView& view, const Plan& plan, const Flags& wish) {
  std::string text;
  for (const paxos::Member& member : plan.members) {
    const Node* node = view.find(member.replica);
    if (node == nullptr || !view.alive(member.replica) || wish_of(*node) == wish) continue;
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", node->address, to_text(node->flags));
  }
  return text;
}

bool announced_by_quorum(const EnsembleView& view, const Flags& wish) {
  std::uint32_t announcing = 0;
  for (const paxos::Member& member : view.configuration.members) {
    const Node* node = view.find(member.replica);
    if (node != nullptr && view.alive(member.replica) && wish_of(*node) == wish) ++announcing;
  }
  return announcing >= view.configuration.quorum();
}

// All living masters of the new ensemble announce it, so that one stale unit file moves nothing;
// and so does a quorum of the present members, so that nobody takes the ensemble over by a list of
// its own (a stray with --masters=itself, or one member whose file is from the day it was alone).
void note_agreement(const EnsembleView& view, Plan& plan, const Flags& wish) {
  const std::string others = dissenters(view, plan, wish);
  const bool by_quorum = announced_by_quorum(view, wish);
  plan.agreed = others.empty() && by_quorum;
  if (plan.agreed) return;
  plan.obstacle = fmt::format(
      "{} is carried out when all living masters of the new ensemble announce it, and {} of the {} "
      "present members do{}{}",
      to_text(wish), view.configuration.quorum(), view.size(),
      others.empty() ? "" : "; restart with it: ", others);
}

bool same_members(const EnsembleView& view, const std::vector<paxos::Member>& members) {
  std::set<ReplicaId> ids;
  for (const paxos::Member& member : members) ids.insert(member.replica);
  const std::vector<ReplicaId> now = view.configuration.replicas();
  return std::equal(ids.begin(), ids.end(), now.begin(), now.end());
}

// The member that is, or was last, at this entry of a list. One that is somewhere else now is not.
const paxos::Member* listed_member(const EnsembleView& view, const MastersList& one) {
  for (const paxos::Member& member : view.configuration.members)
    if (one.contains(view.address_of(member.replica))) return &member;
  return nullptr;
}

Plan plan_of_list(const EnsembleView& view, const MastersList& masters) {
  Plan plan;
  std::string missing;
  for (const ListedMaster& master : masters.masters) {
    const MastersList one{{master}};
    const paxos::Member* member = listed_member(view, one);
    const Node* newcomer = nullptr;
    for (const Node& node : view.nodes)
      if (one.contains(node.address) && view.eligible(node) && !plan.contains(node.replica))
        newcomer = &node;
    if (member != nullptr && plan.contains(member->replica)) continue;
    if (member != nullptr && (newcomer == nullptr || !view.gone(member->replica))) {
      plan.members.push_back(member_now(view, *member));
    } else if (newcomer != nullptr) {
      plan.members.push_back({newcomer->replica, newcomer->address});
    } else {
      missing += (missing.empty() ? "" : ", ") + to_text(master);
    }
  }
  const Flags wish{{}, masters};
  note_agreement(view, plan, wish);
  plan.why = to_text(wish);
  if (!missing.empty())
    plan.obstacle = fmt::format("{} names masters that are not here: {}", to_text(wish), missing);
  return plan;
}

// More members: those who are here, then the first newcomers that announce the same.
Plan plan_of_growth(const EnsembleView& view, const Flags& wish) {
  Plan plan{members_now(view), to_text(wish), {}, false};
  const std::size_t wanted = wished_size(wish);
  for (const Node& node : view.nodes)
    if (plan.members.size() < wanted && view.eligible(node) && wish_of(node) == wish &&
        !plan.contains(node.replica))
      plan.members.push_back({node.replica, node.address});
  note_agreement(view, plan, wish);
  if (plan.agreed && plan.members.size() < wanted)
    plan.obstacle = fmt::format(
        "{} asks for {} members, there are {}: start {} more master{} with {} and an empty "
        "--work_dir",
        to_text(wish), wanted, plan.members.size(), wanted - plan.members.size(),
        wanted - plan.members.size() == 1 ? "" : "s", to_text(wish));
  return plan;
}

// Fewer members: those who are gone are dropped, the longest silent first. Nobody else is ever
// chosen here.
Plan plan_of_shrinking(const EnsembleView& view, const Flags& wish) {
  Plan plan{members_now(view), to_text(wish), {}, false};
  const std::size_t wanted = wished_size(wish);
  while (plan.members.size() > wanted) {
    auto longest = plan.members.end();
    for (auto at = plan.members.begin(); at != plan.members.end(); ++at)
      if (view.gone(at->replica) &&
          (longest == plan.members.end() ||
           view.find(at->replica)->silent > view.find(longest->replica)->silent))
        longest = at;
    if (longest == plan.members.end()) break;
    plan.members.erase(longest);
  }
  note_agreement(view, plan, wish);
  if (plan.agreed && plan.members.size() > wanted)
    plan.obstacle = fmt::format(
        "{} asks for {} members, and it does not say which of {} go. Name them: quorate-log remove "
        "ADDRESS.. --at={}, or start the ones that stay with --masters=; then stop those that left",
        to_text(wish), wanted, plan.members.size(), view.address_of(view.self));
  return plan;
}

Plan plan_of(const EnsembleView& view, const Flags& wish) {
  if (wish.masters) return plan_of_list(view, *wish.masters);
  if (wished_size(wish) > view.size()) return plan_of_growth(view, wish);
  return plan_of_shrinking(view, wish);
}

}  // namespace

bool Plan::contains(ReplicaId replica) const {
  return std::any_of(members.begin(), members.end(),
                     [replica](const paxos::Member& member) { return member.replica == replica; });
}

std::vector<Plan> replacement_plans(const EnsembleView& view) {
  std::vector<Plan> plans;
  if (!view.has_quorum()) return plans;
  for (const paxos::Member& lost : view.configuration.members) {
    if (!view.gone(lost.replica)) continue;
    const Node* newcomer = newcomer_at(view, lost.address);
    if (newcomer == nullptr) newcomer = newcomer_at(view, view.address_of(lost.replica));
    if (newcomer == nullptr) continue;
    Plan plan;
    for (const paxos::Member& member : view.configuration.members)
      plan.members.push_back(member.replica == lost.replica
                                 ? paxos::Member{newcomer->replica, newcomer->address}
                                 : member_now(view, member));
    plan.why = fmt::format("an empty disk at {} stands in for replica {}, which is gone",
                           newcomer->address, quorate::to_text(lost.replica));
    plan.agreed = true;
    plans.push_back(std::move(plan));
  }
  return plans;
}

std::vector<Plan> wish_plans(const EnsembleView& view) {
  std::vector<Plan> plans;
  std::vector<Flags> seen;
  for (const Node& node : view.nodes) {
    if (!takes_part(view, node)) continue;
    const Flags wish = wish_of(node);
    if (wished_size(wish) == 0 || std::find(seen.begin(), seen.end(), wish) != seen.end()) continue;
    seen.push_back(wish);
    if (!wish.masters && wished_size(wish) == view.size()) continue;
    Plan plan = plan_of(view, wish);
    const bool complete = plan.members.size() == wished_size(wish);
    if (complete && same_members(view, plan.members)) continue;
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace quorate::ensemble
