#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "master/replicated_log/memory_disk.h"
#include "master/replicated_log/replicated_log.h"

// Several replicas of the log over disks and links in memory, in virtual time. The test is
// ZooKeeper: it says who is a member and who leads. After every step it is checked that no position
// was ever handed out with two values, by anybody, in any incarnation.

namespace quorate::replicated_log {

class Ensemble {
 public:
  Ensemble(std::size_t size, std::uint32_t quorum, std::uint64_t seed)
      : quorum_(quorum), random_(seed, "ensemble"), nodes_(size) {
    for (std::size_t n = 0; n < size; ++n) start(n);
  }
  // Recorded in its log, from the first `founders` on; the others join.
  struct Recorded {
    std::size_t founders;
  };
  Ensemble(std::size_t size, Recorded recorded, std::uint64_t seed)
      : founders_(recorded.founders), random_(seed, "ensemble"), nodes_(size) {
    for (std::size_t n = 0; n < size; ++n) start(n);
  }

  struct Faults {
    std::uint32_t lose_ppm = 0;
    std::uint32_t duplicate_ppm = 0;
    Duration delay_max = Duration::milliseconds(2);
  } faults;

  // Of those that start from now on.
  std::uint64_t segment_bytes = 256 << 10;
  std::uint64_t truncate_after_bytes = kNeverTruncate;
  Repair repair = Repair::Ambiguous;

  ReplicatedLog& log(std::size_t n) { return *nodes_[n].log; }
  bool up(std::size_t n) const { return nodes_[n].log != nullptr; }
  const std::vector<Bytes>& handed_out(std::size_t n) const { return nodes_[n].entries; }
  const std::set<Bytes>& acknowledged() const { return acknowledged_; }
  // How many appends had this outcome.
  int told(Outcome outcome) const {
    const auto count = told_.find(outcome);
    return count == told_.end() ? 0 : count->second;
  }
  std::size_t size() const { return nodes_.size(); }
  Now now() const { return {{time_.ns}, {}}; }

  void start(std::size_t n) {
    Node& node = nodes_[n];
    Settings settings;
    settings.recorded = founders_ > 0;
    settings.quorum = quorum_;
    settings.contact_timeout = Duration::seconds(2);
    settings.storage.segment_bytes = segment_bytes;
    settings.truncate_after_bytes = truncate_after_bytes;
    settings.storage.repair = repair;
    node.log = std::make_unique<ReplicatedLog>(settings, node.disk, ++seed_ * 1000 + n);
    node.entries.clear();
    node.opened = node.placed = false;
    node.refusal.reset();
    node.log->start(now());
  }
  // The process ends; `power`: with everything that was not synced at risk.
  void kill(std::size_t n, bool power = true) {
    Node& node = nodes_[n];
    node.log.reset();
    if (power)
      node.disk.lose_power(MemoryDisk::Survival::Random, random_);
    else
      node.disk.kill();
    std::erase_if(network_, [n](const Message& m) { return m.to == n; });
    node.waiting.clear();
    if (leader_ == n) leader_.reset();
  }
  std::map<std::string, Bytes> image(std::size_t n) const { return nodes_[n].disk.image(); }
  void set_image(std::size_t n, const std::map<std::string, Bytes>& image) {
    nodes_[n].disk.set_image(image);
  }
  void wipe(std::size_t n) { nodes_[n].disk.set_image({}); }
  // Calls of its disk wait from now on, or go on.
  void halt_disk(std::size_t n, bool halted) { nodes_[n].disk_halted = halted; }
  // Its state machine is wrong from now on.
  void falsify_state_of(std::size_t n) { nodes_[n].false_state = true; }
  void cut(std::size_t a, std::size_t b) { cut_.insert({a, b}); }
  void heal() { cut_.clear(); }

  // ZooKeeper's word: `n` leads from now on. An earlier leader is not told, as in life.
  void elect(std::size_t n) {
    leader_ = n;
    if (up(n)) log(n).lead(now());
  }
  std::optional<std::size_t> leader() const { return leader_; }

  void append(std::size_t n, const Bytes& payload) {
    const Result<AppendNumber> number = log(n).append(payload);
    ASSERT_TRUE(number) << number.error().text;
    nodes_[n].waiting[*number] = payload;
  }

  void run(Duration time) {
    const MonoTime end = time_ + time;
    while (time_ < end) {
      time_ = time_ + Duration::milliseconds(1);
      step();
    }
  }
  template <typename Condition>
  bool run_until(Condition condition, Duration at_most = Duration::seconds(20)) {
    const MonoTime end = time_ + at_most;
    while (!condition() && time_ < end) run(Duration::milliseconds(1));
    return condition();
  }
  // These take part from the next moment on at which the leader can propose it; false: it never
  // could, and why_not says why.
  bool change(const std::vector<std::size_t>& nodes) {
    bool done = false;
    return run_until([&] {
      if (done) return true;
      if (!leader_ || !up(*leader_) || !log(*leader_).established()) return false;
      std::vector<paxos::Member> members;
      for (std::size_t n : nodes) {
        if (!up(n) || !log(n).opened()) return false;
        members.push_back({log(n).metadata().replica, "node-" + std::to_string(n)});
      }
      const Result<void> proposed = log(*leader_).change(now(), std::move(members), 0);
      if (!proposed) why_not = proposed.error().text;
      done = proposed.has_value();
      return done;
    });
  }
  std::string why_not;
  // The epoch that a replica has learned; 0: it is down, or knows none.
  std::uint64_t epoch(std::size_t n) {
    const bool knows = up(n) && log(n).opened() && log(n).configuration();
    return knows ? log(n).metadata().epoch : 0;
  }

  // Elects `n` and waits until it is established.
  bool lead(std::size_t n) {
    return run_until([&] {
      if (up(n) && log(n).ready_to_lead(now()) && leader_ != n) elect(n);
      return up(n) && log(n).established();
    });
  }
  bool all_voting() {
    return run_until([&] {
      for (std::size_t n = 0; n < size(); ++n)
        if (!up(n) || !log(n).voting()) return false;
      return true;
    });
  }
  const std::optional<Refusal>& refusal(std::size_t n) const { return nodes_[n].refusal; }
  // For the text of a failure.
  std::string why(std::size_t n) const {
    if (nodes_[n].refusal) return nodes_[n].refusal->why + "\n";
    if (!up(n)) return "down\n";
    const LogGauges gauges = nodes_[n].log->gauges();
    return std::string(to_text(gauges.status)) + ", members " +
           std::to_string(gauges.ensemble_size) + ", learned " + std::to_string(gauges.learned) +
           ", end " + std::to_string(gauges.end) + "\n";
  }

 private:
  struct Node {
    MemoryDisk disk;
    std::unique_ptr<ReplicatedLog> log;
    bool opened = false;
    bool placed = false;  // was told that it is a founder, or that it joins
    bool disk_halted = false;
    bool false_state = false;
    std::vector<Bytes> entries;
    std::map<AppendNumber, Bytes> waiting;
    std::optional<Refusal> refusal;
  };
  struct Message {
    MonoTime at;
    std::size_t from;
    std::size_t to;
    ReplicaId sender;
    ReplicaId receiver;
    Bytes bytes;
  };

  void step() {
    deliver();
    for (std::size_t n = 0; n < size(); ++n) {
      if (!up(n)) continue;
      for (int calls = 0; calls < 4 && !nodes_[n].disk.idle() && !nodes_[n].disk_halted; ++calls)
        disk_step(n);
      log(n).on_time(now());
      take(n);
    }
  }

  void disk_step(std::size_t n) {
    std::optional<Event> event = nodes_[n].disk.step();
    if (!event) return;
    if (const auto* listed = std::get_if<Listed>(&*event)) log(n).on(now(), *listed);
    if (const auto* read = std::get_if<ReadDone>(&*event)) log(n).on(now(), *read);
    if (const auto* synced = std::get_if<Synced>(&*event)) log(n).on(now(), *synced);
  }

  void deliver() {
    std::vector<Message> due;
    std::erase_if(network_, [&](const Message& m) {
      if (m.at > time_) return false;
      due.push_back(m);
      return true;
    });
    for (const Message& m : due) {
      const bool reaches = up(m.to) && log(m.to).opened() &&
                           log(m.to).metadata().replica == m.receiver &&
                           !cut_.count({m.from, m.to});
      if (reaches) log(m.to).receive(now(), m.sender, m.bytes);
    }
  }

  void take(std::size_t n) {
    Node& node = nodes_[n];
    if (node.log->opened() && !node.opened) {
      node.opened = true;
      tell_members();
    }
    if (founders_ > 0 && node.opened && !node.placed) place(n);
    node.log->flush(now());
    for (Envelope& envelope : node.log->take_envelopes()) send(n, envelope);
    for (const ChosenEntry& entry : node.log->take_chosen()) take_entry(node, entry);
    for (const AppendOutcome& outcome : node.log->take_outcomes()) {
      if (outcome.outcome == Outcome::Applied) acknowledged_.insert(node.waiting[outcome.number]);
      node.waiting.erase(outcome.number);
      ++told_[outcome.outcome];
    }
    for (const LogEvent& event : node.log->take_events())
      if (event.kind == LogEvent::Kind::Deposed && leader_ == n) leader_.reset();
    node.log->take_notes();
    if (node.log->refusal()) {
      node.refusal = node.log->refusal();
      kill(n, false);
    }
  }

  // The state is the list of all entries.
  void take_entry(Node& node, const ChosenEntry& entry) {
    switch (entry.kind) {
      case ChosenEntry::Kind::Data: return hand_out(node, entry);
      case ChosenEntry::Kind::Cut: {
        ByteWriter state;
        for (const Bytes& one : node.entries) state.sized(one);
        if (node.false_state) state.sized("never appended");
        return node.log->cut(now(), entry.position, state.take());
      }
      case ChosenEntry::Kind::State: {
        node.entries.clear();
        for (ByteReader in(entry.payload); in.remaining() > 0;)
          node.entries.emplace_back(in.sized());
        return;
      }
    }
  }

  void hand_out(Node& node, const ChosenEntry& entry) {
    node.entries.push_back(Bytes(entry.payload));
    auto [known, fresh] = chosen_.emplace(entry.position, Bytes(entry.payload));
    EXPECT_EQ(known->second, Bytes(entry.payload))
        << "two values at position " << entry.position.value;
  }

  void send(std::size_t from, const Envelope& envelope) {
    for (std::size_t to = 0; to < size(); ++to) {
      if (!up(to) || !log(to).opened() || log(to).metadata().replica != envelope.to) continue;
      if (random_.chance_ppm(faults.lose_ppm)) continue;
      const int copies = random_.chance_ppm(faults.duplicate_ppm) ? 2 : 1;
      for (int copy = 0; copy < copies; ++copy) {
        const Duration delay{random_.between(0, faults.delay_max.ns)};
        network_.push_back(
            {time_ + delay, from, to, log(from).metadata().replica, envelope.to, envelope.message});
      }
    }
  }

  // As the birth record does: the founders are agreed on once.
  void place(std::size_t n) {
    if (!founding_) {
      paxos::Configuration founding{1, {}, {}, 0};
      for (std::size_t f = 0; f < founders_; ++f) {
        if (!up(f) || !log(f).opened()) return;
        founding.members.push_back({log(f).metadata().replica, "node-" + std::to_string(f)});
      }
      std::sort(founding.members.begin(), founding.members.end(),
                [](const auto& a, const auto& b) { return a.replica < b.replica; });
      founding_ = founding;
    }
    nodes_[n].placed = true;
    if (log(n).configuration()) return;
    if (founding_->contains(log(n).metadata().replica))
      log(n).found(now(), {7, 7}, *founding_);
    else
      log(n).join(now());
  }

  void tell_members() {
    std::vector<ReplicaId> members;
    for (std::size_t n = 0; n < size(); ++n)
      if (up(n) && log(n).opened()) members.push_back(log(n).metadata().replica);
    for (std::size_t n = 0; n < size(); ++n)
      if (up(n) && log(n).opened()) log(n).set_members(now(), members);
  }

  std::uint32_t quorum_ = 1;
  std::size_t founders_ = 0;
  std::optional<paxos::Configuration> founding_;
  RandomStream random_;
  std::uint64_t seed_ = 0;
  MonoTime time_{1'000'000'000};
  std::vector<Node> nodes_;
  std::optional<std::size_t> leader_;
  std::deque<Message> network_;
  std::set<std::pair<std::size_t, std::size_t>> cut_;
  std::map<paxos::Position, Bytes> chosen_;
  std::set<Bytes> acknowledged_;
  std::map<Outcome, int> told_;
};

}  // namespace quorate::replicated_log
