#include "master/ensemble/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/paxos/quorum.h"

namespace quorate::ensemble {
namespace {

bool allows(const Flags& flags, std::string_view address) {
  return !flags.masters || flags.masters->contains(address);
}

void list(std::string& text, std::string_view item) {
  if (!text.empty()) text += ", ";
  text += item;
}

bool contains(const std::vector<paxos::Member>& members, ReplicaId replica) {
  return std::any_of(members.begin(), members.end(),
                     [replica](const paxos::Member& member) { return member.replica == replica; });
}

std::string fault_of(const EnsembleView& view, ReplicaId replica) {
  const Node* node = view.find(replica);
  const std::string address = view.address_of(replica);
  if (node == nullptr || !view.alive(replica)) return address + " does not answer";
  if (!node->chain_agrees) return address + " has a log that differs from the others'";
  if (!view.caught_up(*node))
    return fmt::format("{} is {} positions behind", address, view.chosen.value - node->held.value);
  return address + " does not count";
}

}  // namespace

const Node* EnsembleView::find(ReplicaId replica) const {
  for (const Node& node : nodes)
    if (node.replica == replica) return &node;
  return nullptr;
}

const Node* EnsembleView::find(std::string_view who) const {
  const Node* found = nullptr;
  for (const Node& node : nodes)
    if (node.address == who || quorate::to_text(node.replica) == who) found = &node;
  return found;
}

bool EnsembleView::alive(ReplicaId replica) const {
  const Node* node = find(replica);
  return node != nullptr && node->silent <= limits.recent;
}

bool EnsembleView::gone(ReplicaId replica) const {
  const Node* node = find(replica);
  return node != nullptr && node->silent >= limits.gone;
}

bool EnsembleView::caught_up(const Node& node) const {
  // Of a short log nobody holds "almost all" by holding nothing.
  if (node.held == paxos::Position{} && chosen != paxos::Position{}) return false;
  return node.held.value + limits.lag_positions_max >= chosen.value;
}

bool EnsembleView::sound(ReplicaId replica) const {
  const Node* node = find(replica);
  return node != nullptr && alive(replica) && caught_up(*node) && node->chain_agrees &&
         node->mode == mode && !node->clone && !node->empty && node->ensemble == ensemble;
}

bool EnsembleView::has_quorum() const {
  const std::vector<ReplicaId> ids = configuration.replicas();
  const auto sound_ones =
      std::count_if(ids.begin(), ids.end(), [this](ReplicaId id) { return sound(id); });
  return sound_ones >= static_cast<std::ptrdiff_t>(configuration.quorum());
}

bool EnsembleView::eligible(const Node& node) const {
  const auto same_id = std::count_if(nodes.begin(), nodes.end(), [&node](const Node& each) {
    return each.replica == node.replica;
  });
  if (same_id > 1) return false;  // a copied disk: which of them would be meant?
  const Node* leader = find(self);
  const std::vector<ReplicaId>& retired = configuration.retired;
  return node.replica != ReplicaId{} && plausible_address(node.address) && alive(node.replica) &&
         !configuration.contains(node.replica) &&
         std::find(retired.begin(), retired.end(), node.replica) == retired.end() &&
         (node.ensemble == ensemble || (node.empty && !node.ensemble.known())) &&
         node.mode == mode && !node.clone && node.chain_agrees && !impossible(node.flags) &&
         allows(node.flags, node.address) &&
         (leader == nullptr || allows(leader->flags, node.address));
}

std::string EnsembleView::address_of(ReplicaId replica) const {
  const Node* node = find(replica);
  if (node != nullptr && plausible_address(node->address)) return node->address;
  const paxos::Member* member = configuration.find(replica);
  return member != nullptr ? member->address : "replica " + quorate::to_text(replica);
}

EnsembleState state_of(const EnsembleView& view, std::optional<paxos::Configuration> change) {
  EnsembleState state{view.configuration, std::move(change), {}, view.self};
  for (const Node& node : view.nodes) {
    const bool of_this =
        !node.clone && node.mode == view.mode && !node.empty && node.ensemble == view.ensemble;
    state.members.push_back({node.replica, of_this && view.alive(node.replica),
                             view.caught_up(node), node.chain_agrees});
  }
  return state;
}

std::optional<std::string> unsound(const EnsembleView& view,
                                   const std::vector<paxos::Member>& members) {
  const auto count = static_cast<std::uint32_t>(members.size());
  const std::uint32_t needed = std::min(paxos::majority_of(count) + 1, count);
  std::uint32_t sound = 0;
  std::string faults;
  for (const paxos::Member& member : members) {
    if (view.sound(member.replica)) {
      ++sound;
    } else {
      list(faults, fault_of(view, member.replica));
    }
  }
  if (sound >= needed) return {};
  return fmt::format(
      "of the {} members that there would be, {} must be alive and caught up (a quorum{}), and {} "
      "{}: {}",
      count, needed, needed > paxos::majority_of(count) ? " and one to spare" : "", sound,
      sound == 1 ? "is" : "are", faults);
}

std::string describe_change(const EnsembleView& view, const std::vector<paxos::Member>& members) {
  std::string joining, leaving;
  for (const paxos::Member& member : members)
    if (!view.configuration.contains(member.replica)) list(joining, member.address);
  for (const paxos::Member& member : view.configuration.members)
    if (!contains(members, member.replica)) list(leaving, view.address_of(member.replica));
  std::string moves;
  if (!joining.empty()) moves = joining + (joining.find(',') == joining.npos ? " joins" : " join");
  if (!leaving.empty())
    moves += fmt::format("{}{} {}", moves.empty() ? "" : ", ", leaving,
                         leaving.find(',') == leaving.npos ? "leaves" : "leave");
  const auto count = static_cast<std::uint32_t>(members.size());
  const std::uint32_t quorum = paxos::majority_of(count);
  return fmt::format("from {} to {} members ({}); the quorum is {}, {} can be lost", view.size(),
                     count, moves, quorum, count - quorum);
}

}  // namespace quorate::ensemble
