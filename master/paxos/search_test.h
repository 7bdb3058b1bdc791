#pragma once

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "master/paxos/world_test.h"

namespace quorate::paxos::test {

// Every order of events of small cases, breadth first: the first two replicas may lead, each with
// so many ballots. A packet may stay in the network for ever, which is how it is lost.
struct Budget {
  unsigned ballots_each = 1;
  unsigned crashes = 0;
  unsigned repeats = 0;  // packets delivered once more
  bool learning = true;  // else watermarks are not delivered on their own
  // Who may propose whom, each once.
  std::vector<std::pair<std::size_t, std::vector<std::size_t>>> changes = {};
};

struct Node {
  World world;
  std::vector<unsigned> ballots;
  unsigned crashes = 0;
  unsigned repeats = 0;
  std::vector<bool> changed;  // of the budget's changes
};

struct Found {
  std::size_t states = 0;
  bool complete = false;  // there were no more states
  bool two_leaders = false;
  std::uint64_t epoch = 0;  // the highest that was chosen
  std::string violation;
};

class Search {
 public:
  explicit Search(std::size_t states_max)
      : states_max_(options.states_max ? options.states_max : states_max) {}

  Found run(const World& begin, const Budget& budget) {
    budget_ = budget;
    visit(Node{begin,
               {budget.ballots_each, budget.ballots_each},
               budget.crashes,
               budget.repeats,
               std::vector<bool>(budget.changes.size())});
    while (!frontier_.empty() && found_.violation.empty() && found_.states < states_max_) {
      const Node node = std::move(frontier_.front());
      frontier_.pop_front();
      expand(node);
    }
    found_.complete = frontier_.empty();
    return found_;
  }

 private:
  void visit(Node node) {
    // An answer to a term that is over changes nothing, whenever it comes.
    std::erase_if(node.world.network, [&](const Packet& p) { return is_stale(node.world, p); });
    ByteWriter budget;
    for (unsigned n : {node.ballots[0], node.ballots[1], node.crashes, node.repeats})
      budget.u8(static_cast<std::uint8_t>(n));
    for (bool changed : node.changed) budget.boolean(changed);
    const Digest state = node.world.fingerprint();
    const Digest rest = xxh3_128(budget.bytes());
    if (!seen_.insert({state.high ^ rest.high, state.low ^ rest.low}).second) return;

    ++found_.states;
    if (found_.violation.empty()) found_.violation = node.world.violation;
    unsigned leaders = 0;
    for (const Replica& r : node.world.replicas) leaders += r.proposer.established() ? 1 : 0;
    if (leaders == 2) found_.two_leaders = true;
    found_.epoch = std::max(found_.epoch, node.world.judge().newest().epoch);
    frontier_.push_back(std::move(node));
  }

  bool is_stale(const World& world, const Packet& packet) const {
    if (!budget_.learning && std::holds_alternative<Learned>(packet.message)) return true;
    const Replica& receiver = world.replicas[packet.to.value - 1];
    const Proposer& proposer = receiver.proposer;
    if (const auto* m = std::get_if<Promise>(&packet.message))
      return proposer.phase() == Proposer::Phase::Leading || !writes(proposer, m->ballot);
    if (const auto* m = std::get_if<Accepted>(&packet.message)) return !writes(proposer, m->ballot);
    if (const auto* m = std::get_if<Rejected>(&packet.message)) return !writes(proposer, m->ballot);
    if (const auto* m = std::get_if<Missing>(&packet.message)) return !writes(proposer, m->ballot);
    // What will only be refused, to one who no longer asks.
    const Proposer& sender = world.replicas[packet.from.value - 1].proposer;
    if (const auto* m = std::get_if<Prepare>(&packet.message))
      return m->ballot < receiver.acceptor.promised() && !writes(sender, m->ballot);
    if (const auto* m = std::get_if<Accept>(&packet.message))
      return m->ballot < receiver.acceptor.promised() && !writes(sender, m->ballot);
    return false;
  }

  static bool writes(const Proposer& proposer, const Ballot& ballot) {
    return proposer.phase() != Proposer::Phase::Idle && proposer.ballot() == ballot;
  }

  void expand(const Node& node) {
    for (std::size_t i = 0; i < node.ballots.size(); ++i) {
      if (node.ballots[i] == 0) continue;
      Node next = node;
      --next.ballots[i];
      next.world.lead(i);
      visit(std::move(next));
    }
    for (std::size_t c = 0; c < node.changed.size(); ++c)
      if (!node.changed[c]) change(node, c);
    for (std::size_t p = 0; p < node.world.network.size(); ++p) {
      Node next = node;
      next.world.deliver(p);
      visit(std::move(next));
      if (node.repeats > 0) repeat(node, p);
      if (node.crashes > 0) crash(node, p);
    }
  }

  void change(const Node& node, std::size_t c) {
    const auto& [leader, members] = budget_.changes[c];
    Node next = node;
    next.changed[c] = true;
    if (next.world.change(leader, members)) visit(std::move(next));
  }

  void repeat(const Node& node, std::size_t packet) {
    Node next = node;
    --next.repeats;
    next.world.network.push_back(next.world.network[packet]);
    next.world.deliver(packet);
    visit(std::move(next));
  }

  void crash(const Node& node, std::size_t packet) {
    for (bool kept : {false, true}) {
      Node next = node;
      --next.crashes;
      next.world.deliver_and_crash(packet, kept);
      visit(std::move(next));
    }
  }

  std::size_t states_max_;
  Budget budget_;
  Found found_;
  std::set<Digest> seen_;
  std::deque<Node> frontier_;
};

}  // namespace quorate::paxos::test
