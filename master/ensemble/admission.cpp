#include "master/ensemble/admission.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/text.h"
#include "master/ensemble/plans.h"

namespace quorate::ensemble {
namespace {

std::string name_of(const Node& node) {
  return fmt::format("{} (replica {})", node.address, quorate::to_text(node.replica));
}

std::string ensemble_text(const EnsembleView& view) {
  std::string members;
  for (const paxos::Member& member : view.configuration.members)
    members += (members.empty() ? "" : ", ") + view.address_of(member.replica);
  return fmt::format("ensemble {} (epoch {}, members {})", quorate::to_text(view.ensemble),
                     view.configuration.epoch, members);
}

Refusal not_member(std::string why) { return {ExitCode::NotMember, std::move(why)}; }

// Who can never be admitted as it is.
std::optional<Refusal> barred(const EnsembleView& view, const Node& who) {
  if (std::optional<std::string> fault = impossible(who.flags))
    return Refusal{ExitCode::Configuration, *fault};
  if (who.mode != view.mode)
    return Refusal{
        ExitCode::Configuration,
        fmt::format("{} runs with --ensemble={}, and {} is {}. Give it the same", name_of(who),
                    to_text(who.mode), ensemble_text(view), to_text(view.mode))};
  if (who.ensemble.known() && who.ensemble != view.ensemble)
    return not_member(fmt::format(
        "{} holds a log of ensemble {}, and here is {}. Correct its --zk, or, if its disk is a "
        "leftover, move its --work_dir away",
        name_of(who), quorate::to_text(who.ensemble), ensemble_text(view)));
  if (who.clone)
    return not_member(fmt::format(
        "{} runs under the id of another process that is part of {}: a copied --work_dir. Move the "
        "copy away; an empty one gets an id of its own",
        name_of(who), ensemble_text(view)));
  return {};
}

std::optional<Refusal> barred_newcomer(const EnsembleView& view, const Node& who) {
  const std::vector<ReplicaId>& retired = view.configuration.retired;
  if (std::find(retired.begin(), retired.end(), who.replica) != retired.end())
    return not_member(fmt::format(
        "{} was removed from {}. To let its host take part again, move its --work_dir away: it "
        "asks for admission as a new one",
        name_of(who), ensemble_text(view)));
  const Node* leader = view.find(view.self);
  if (leader != nullptr && leader->flags.masters && !leader->flags.masters->contains(who.address))
    return not_member(fmt::format("{} is not in the --masters={} of the leader {} of {}",
                                  name_of(who), to_text(*leader->flags.masters), leader->address,
                                  ensemble_text(view)));
  if (who.flags.masters && !who.flags.masters->contains(who.address))
    return not_member(fmt::format("{} is not in its own --masters={}", name_of(who),
                                  to_text(*who.flags.masters)));
  return {};
}

// The reason why it may begin to learn; empty: none.
std::string reason_to_learn(const EnsembleView& view, const Node& who,
                            const std::optional<Request>& request) {
  if (!view.eligible(who)) return {};
  if (request && request->wish != view.configuration.wish) {
    const RequestPlan plan = plan_of(view, *request);
    if (plan.refused.empty() && plan.contains(who.replica)) return to_text(*request);
  }
  for (const Plan& plan : replacement_plans(view))
    if (plan.contains(who.replica)) return plan.why;
  for (const Plan& plan : wish_plans(view))
    if (plan.agreed && plan.contains(who.replica)) return plan.why;
  const Node* leader = view.find(view.self);
  if (leader != nullptr && leader->flags.masters && leader->flags.masters->size() > view.size())
    return "the leader's --masters names it";
  return {};
}

std::string silence_text(const EnsembleView& view, ReplicaId replica) {
  const Node* node = view.find(replica);
  if (node == nullptr) return "was not heard yet since this leader began";
  return fmt::format("was last heard {} s ago", node->silent.ns / 1'000'000'000);
}

std::string replace_command(const EnsembleView& view, ReplicaId old, const Node& who) {
  return fmt::format("quorate-log replace {} --with={} --at={}", quorate::to_text(old), who.address,
                     view.address_of(view.self));
}

// It stands where a member stood, or a member is missing.
std::optional<StaysOutside> beside_missing_member(const EnsembleView& view, const Node& who) {
  const paxos::Member* missing = nullptr;
  for (const paxos::Member& member : view.configuration.members) {
    if (view.alive(member.replica)) continue;
    if (member.address == who.address || view.address_of(member.replica) == who.address)
      return StaysOutside{
          fmt::format("{} has an empty disk at the address of member {}, which {}. It takes its "
                      "place when that one has been silent for {} s and the others hold a quorum",
                      name_of(who), quorate::to_text(member.replica),
                      silence_text(view, member.replica), view.limits.gone.ns / 1'000'000'000),
          replace_command(view, member.replica, who)};
    if (missing == nullptr || view.gone(member.replica)) missing = &member;
  }
  if (missing == nullptr) return {};
  return StaysOutside{
      fmt::format("{} is not a member of {}; member {} ({}) {}. If it is to take "
                  "that one's place, a person must say so",
                  name_of(who), ensemble_text(view), view.address_of(missing->replica),
                  quorate::to_text(missing->replica), silence_text(view, missing->replica)),
      replace_command(view, missing->replica, who)};
}

// Somebody already announces a larger ensemble, but not all who have to.
std::optional<StaysOutside> before_growth(const EnsembleView& view, const Node& who) {
  const bool wished = std::any_of(view.nodes.begin(), view.nodes.end(), [&](const Node& node) {
    const bool counts = node.replica == who.replica ||
                        (view.configuration.contains(node.replica) && view.alive(node.replica));
    return counts && !impossible(node.flags) && wished_size(node.flags) > view.size();
  });
  if (!wished) return {};
  std::string to_restart;
  for (const paxos::Member& member : view.configuration.members) {
    const Node* node = view.find(member.replica);
    if (node == nullptr || impossible(node->flags) || wished_size(node->flags) > view.size())
      continue;
    to_restart += fmt::format("{}{} ({})", to_restart.empty() ? "" : ", ", node->address,
                              to_text(node->flags));
  }
  return StaysOutside{
      fmt::format("{} is not a member of {}. A larger ensemble is wished for, but not by all: {}",
                  name_of(who), ensemble_text(view),
                  to_restart.empty() ? "see the leader's status"
                                     : "restart with the larger wish: " + to_restart),
      fmt::format("quorate-log add {} --at={}", who.address, view.address_of(view.self))};
}

}  // namespace

Admission admit(const EnsembleView& view, const Node& who, const std::optional<Request>& request) {
  if (std::optional<Refusal> refusal = barred(view, who)) return *refusal;
  if (view.configuration.contains(who.replica)) return IsMember{};
  if (std::optional<Refusal> refusal = barred_newcomer(view, who)) return *refusal;
  if (std::string why = reason_to_learn(view, who, request); !why.empty()) return MayLearn{why};
  if (std::optional<StaysOutside> outside = beside_missing_member(view, who)) return *outside;
  if (std::optional<StaysOutside> outside = before_growth(view, who)) return *outside;
  return not_member(fmt::format(
      "the ensemble is full: {} is not a member of {}, whose members are all there. Do not start a "
      "master here; or, to make the ensemble larger, start all its masters with a larger --quorum "
      "(or a longer --masters), and this one after them",
      name_of(who), ensemble_text(view)));
}

}  // namespace quorate::ensemble
