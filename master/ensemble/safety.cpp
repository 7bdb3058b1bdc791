#include "master/ensemble/safety.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "master/paxos/quorum.h"

namespace quorate::ensemble {
namespace {

MemberState state_of(const EnsembleState& state, ReplicaId replica) {
  for (const MemberState& member : state.members)
    if (member.replica == replica) return member;
  return {replica, false, false, true};
}

std::uint32_t sound_members(const EnsembleState& state, const paxos::Configuration& configuration,
                            std::optional<ReplicaId> without = {}) {
  std::uint32_t sound = 0;
  for (ReplicaId replica : configuration.replicas())
    if (replica != without && state_of(state, replica).sound()) ++sound;
  return sound;
}

// Both configurations of an open change, else the one in force.
std::vector<const paxos::Configuration*> in_force(const EnsembleState& state) {
  std::vector<const paxos::Configuration*> all = {&state.configuration};
  if (state.change) all.push_back(&*state.change);
  return all;
}

std::string address_of(const EnsembleState& state, ReplicaId replica) {
  for (const paxos::Configuration* configuration : in_force(state))
    if (const paxos::Member* member = configuration->find(replica)) return member->address;
  return "replica " + quorate::to_text(replica);
}

std::string_view fault_of(const MemberState& member) {
  if (!member.answering) return "does not answer";
  if (!member.chain_agrees) return "has a log that differs from the others'";
  return "is not caught up yet";
}

// "10.0.0.3:5050 does not answer, 10.0.0.4:5050 is not caught up yet"; empty: all are sound.
std::string unsound_members(const EnsembleState& state) {
  std::set<ReplicaId> replicas;
  for (const paxos::Configuration* configuration : in_force(state))
    for (ReplicaId replica : configuration->replicas()) replicas.insert(replica);
  std::string text;
  for (ReplicaId replica : replicas) {
    const MemberState member = state_of(state, replica);
    if (member.sound()) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", address_of(state, replica),
                        fault_of(member));
  }
  return text;
}

std::string_view which(const EnsembleState& state, const paxos::Configuration* configuration) {
  if (!state.change) return "the ensemble";
  return configuration == &state.configuration ? "the old configuration" : "the new configuration";
}

std::string consequence_for_leader(const EnsembleState& state, ReplicaId replica) {
  if (state.leader != replica) return {};
  return " It leads: another master takes over, which may take some seconds; hand over first "
         "(step-down) to choose the moment.";
}

}  // namespace

std::optional<std::uint32_t> losses_survivable(const EnsembleState& state) {
  std::optional<std::uint32_t> losses;
  for (const paxos::Configuration* configuration : in_force(state)) {
    const std::uint32_t sound = sound_members(state, *configuration);
    if (sound < configuration->quorum()) return {};
    const std::uint32_t here = sound - configuration->quorum();
    losses = losses ? std::min(*losses, here) : here;
  }
  return losses;
}

StopAnswer safe_to_stop(const EnsembleState& state, ReplicaId replica) {
  const std::string name = address_of(state, replica);
  const std::vector<const paxos::Configuration*> configurations = in_force(state);
  if (!losses_survivable(state))
    return {false, fmt::format("No quorum is sound now ({}): stop nothing, mend those first.",
                               unsound_members(state))};
  const bool votes =
      std::any_of(configurations.begin(), configurations.end(),
                  [replica](const paxos::Configuration* each) { return each->contains(replica); });
  if (!votes) return {true, fmt::format("{} is not a member: it does not vote.", name)};

  for (const paxos::Configuration* configuration : configurations) {
    const std::uint32_t left = sound_members(state, *configuration, replica);
    if (left >= configuration->quorum()) continue;
    const std::string others = unsound_members(state);
    return {false,
            fmt::format("Without {}, {} sound member{} would be left in {}, whose quorum is {}{}.",
                        name, left, left == 1 ? "" : "s", which(state, configuration),
                        configuration->quorum(),
                        others.empty() ? ": it has none to spare" : "; " + others)};
  }
  const MemberState member = state_of(state, replica);
  if (!member.sound())
    return {true, fmt::format("{} {}, so nothing leans on it now.", name, fault_of(member))};
  const std::uint32_t left = *losses_survivable(state);
  return {true, fmt::format("The others hold a quorum without {}; while it is down, {} more can be "
                            "lost.{}",
                            name, left - 1, consequence_for_leader(state, replica))};
}

std::string state_sentence(const EnsembleState& state) {
  const auto count = static_cast<std::uint32_t>(state.configuration.members.size());
  std::string text = fmt::format("{} of {} members {} sound; the quorum is {}",
                                 sound_members(state, state.configuration), count,
                                 count == 1 ? "is" : "are", state.configuration.quorum());
  if (state.change)
    text += fmt::format(
        "; a change to {} members is open, {} of those are sound, their quorum is "
        "{}, and both quorums are needed",
        state.change->members.size(), sound_members(state, *state.change), state.change->quorum());
  const std::optional<std::uint32_t> losses = losses_survivable(state);
  text += losses ? fmt::format("; {} more can be lost", *losses)
                 : std::string("; NO WRITE CAN BE ACKNOWLEDGED");
  const std::string others = unsound_members(state);
  return text + (others.empty() ? "." : " (" + others + ").");
}

std::string tolerance_table(const paxos::Configuration& configuration) {
  const auto own = static_cast<std::uint32_t>(configuration.members.size());
  std::set<std::uint32_t> sizes = {1, 3, 5, 7};
  sizes.insert(own);
  std::string text = "  masters  quorum  can lose\n";
  for (std::uint32_t size : sizes) {
    const std::uint32_t quorum = paxos::majority_of(size);
    text += fmt::format("{} {:7}  {:6}  {:8}{}\n", size == own ? '>' : ' ', size, quorum,
                        size - quorum, size == own ? "  this ensemble" : "");
  }
  if (own % 2 == 0)
    text += fmt::format("  {} masters survive no more losses than {} do.\n", own, own - 1);
  return text;
}

}  // namespace quorate::ensemble
