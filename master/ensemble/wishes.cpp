#include "master/ensemble/wishes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/ensemble/plans.h"

namespace quorate::ensemble {
namespace {

paxos::Configuration next(const EnsembleView& view, std::vector<paxos::Member> members,
                          std::uint64_t wish) {
  paxos::Configuration after = paxos::successor(view.configuration, std::move(members), wish);
  CHECK(!paxos::broken(after));
  return after;
}

// Newcomers that answer but are still learning: worth waiting for.
bool only_learners_lag(const EnsembleView& view, const std::vector<paxos::Member>& members) {
  EnsembleView settled = view;
  for (Node& node : settled.nodes) {
    const bool learning = view.alive(node.replica) && view.eligible(node);
    if (!learning) continue;
    node.empty = false;
    node.ensemble = view.ensemble;
    node.held = view.chosen;
  }
  return !unsound(settled, members);
}

Decision decide_request(const EnsembleView& view, const Request& request) {
  CHECK(request.wish != 0);
  const std::string name = to_text(request);
  if (view.change_open)
    return Declined{fmt::format(
        "{}: another change of the members is under way (after epoch {}), and there is one at a "
        "time. Ask again when it is done; quorate-log ensemble --at={} shows it",
        name, view.configuration.epoch, view.address_of(view.self))};
  if (!view.has_quorum())
    return Declined{fmt::format(
        "{}: a quorum of the present members must be alive and caught up before they can change: "
        "{}. Start those first; if their disks are lost for ever, quorate-log recover-plan shows "
        "what is left",
        name, unsound(view, view.configuration.members).value_or("they are not"))};
  RequestPlan plan = plan_of(view, request);
  if (!plan.refused.empty()) return Declined{fmt::format("{}: {}", name, plan.refused)};
  if (plan.members.size() == view.size() &&
      std::all_of(plan.members.begin(), plan.members.end(), [&view](const auto& member) {
        return view.configuration.contains(member.replica);
      }))
    return Nothing{};
  const std::string change = describe_change(view, plan.members);
  if (std::optional<std::string> fault = unsound(view, plan.members)) {
    if (only_learners_lag(view, plan.members))
      return Nothing{
          fmt::format("{}: {}, as soon as they have caught up: {}", name, change, *fault)};
    return Declined{fmt::format("{}: {}, is not safe now: {}. Mend those first, and ask again",
                                name, change, *fault)};
  }
  return Change{next(view, std::move(plan.members), request.wish),
                fmt::format("{}: {}", name, change)};
}

// The first plan that can be carried out, else what the first one waits for.
Decision first_ready(const EnsembleView& view, std::vector<Plan> plans) {
  Nothing nothing;
  for (Plan& plan : plans) {
    std::string obstacle = plan.obstacle;
    const std::string change = describe_change(view, plan.members);
    if (obstacle.empty())
      if (std::optional<std::string> fault = unsound(view, plan.members))
        obstacle = fmt::format("{}: {}, waits: {}", plan.why, change, *fault);
    if (obstacle.empty())
      return Change{next(view, std::move(plan.members), 0),
                    fmt::format("{}: {}", plan.why, change)};
    if (nothing.waiting.empty()) nothing.waiting = std::move(obstacle);
  }
  return nothing;
}

std::string record_text(const EnsembleView& view) {
  return fmt::format("the record has {} members (quorum {})", view.size(),
                     view.configuration.quorum());
}

std::optional<std::string> warning_of(const EnsembleView& view, const Node& node) {
  const std::string served = "; it serves under the record all the same";
  if (std::optional<std::string> fault = impossible(node.flags)) return *fault + served;
  if (std::optional<std::string> fault = contradiction(node.flags)) return *fault + served;
  if (node.flags.masters) {
    std::string others;
    for (const paxos::Member& member : view.configuration.members)
      if (!node.flags.masters->contains(view.address_of(member.replica)))
        others += (others.empty() ? "" : ", ") + view.address_of(member.replica);
    if (!others.empty())
      return fmt::format("its --masters does not name the member{} {}{}",
                         others.find(',') == others.npos ? "" : "s", others, served);
  }
  if (wished_size(node.flags) == 0 || wished_size(node.flags) == view.size()) return {};
  return fmt::format("it was started with {}, which means {} members; {}{}", to_text(node.flags),
                     wished_size(node.flags), record_text(view), served);
}

}  // namespace

Decision decide(const EnsembleView& view, const std::optional<Request>& request) {
  if (view.mode == Mode::Discovered) {
    if (request)
      return Declined{
          "with --ensemble=discovered nobody is recorded: who stands in ZooKeeper's "
          "group votes, and --quorum is believed"};
    return Nothing{};
  }
  if (request && request->wish != view.configuration.wish) return decide_request(view, *request);
  if (view.change_open || !view.has_quorum()) return Nothing{};

  Decision replacement = first_ready(view, replacement_plans(view));
  if (std::holds_alternative<Change>(replacement)) return replacement;
  // At most one of them is agreed on: each needs a quorum of the present members.
  Decision wish = first_ready(view, wish_plans(view));
  const auto& waiting = std::get<Nothing>(replacement).waiting;
  if (std::holds_alternative<Nothing>(wish) && !waiting.empty()) return replacement;
  return wish;
}

std::vector<MemberWarning> warnings(const EnsembleView& view) {
  std::vector<MemberWarning> all;
  for (const paxos::Member& member : view.configuration.members) {
    const Node* node = view.find(member.replica);
    if (node == nullptr || !view.alive(member.replica)) continue;
    if (std::optional<std::string> text = warning_of(view, *node))
      all.push_back({member.replica, fmt::format("{}: {}", node->address, *text)});
  }
  return all;
}

}  // namespace quorate::ensemble
