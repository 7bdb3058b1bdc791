#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "faults/generator.h"
#include "sim/log_clients.h"
#include "sim/log_elector.h"
#include "sim/log_host.h"
#include "sim/log_network.h"
#include "sim/log_oracle.h"
#include "sim/scenario_runner.h"
#include "sim/world.h"

namespace quorate::sim {

// One run of the log by itself: hosts, disks, messages, an elector, clients, faults, oracles.

struct LogSettings {
  std::uint32_t replicas = 0;                         // 1, 3 or 5; 0: drawn from the seed
  std::optional<faults::Bounds> bounds;               // none: drawn from the seed, mostly Budget
  std::set<faults::FaultKind> kinds;                  // empty: all
  std::optional<faults::Schedule> schedule = {};      // instead of a drawn one
  std::optional<replicated_log::Repair> repair = {};  // none: drawn from the seed
  std::optional<std::uint64_t> truncate_after_bytes = {};  // none: drawn from the seed
  Trace* trace = nullptr;
};

struct LogResult {
  Verdict verdict = Verdict::Pass;
  std::string text;                 // what is wrong
  std::vector<std::string> faults;  // the schedule
  std::vector<std::string> events;  // the last ones
  std::uint32_t replicas = 0;
  faults::Bounds bounds = faults::Bounds::Budget;
  std::uint64_t hash = 0;
  SimTime time;
  std::uint64_t handled = 0;  // events by replicas
  std::uint64_t appends = 0;
  std::uint64_t acknowledged = 0;
  std::map<faults::FaultKind, std::uint64_t> carried_out;
  std::map<int, std::uint64_t> exits;
  std::uint64_t reborn = 0;  // replicas that came back under a new id
};

class LogWorld final : public Actor, public LogHostWatcher {
 public:
  LogWorld(std::uint64_t seed, LogSettings settings);
  ~LogWorld() override;

  // The whole run: start, phases of faults and healing, the last look.
  LogResult run();

  // Parts of it, for stories that are told by hand (log_hazards_test.cpp).
  World& world() { return world_; }
  LogNetwork& network() { return network_; }
  LogElector& elector() { return *elector_; }
  LogClients& clients() { return clients_; }
  LogOracle& oracle() { return oracle_; }
  LogHost& host(std::size_t number) { return *hosts_[number]; }
  std::size_t size() const { return hosts_.size(); }
  void start();
  void befall(const faults::Fault& fault);
  void advance(Duration time);
  // Advances until it holds; false: it did not within `at_most`, or an oracle was violated.
  template <typename Condition>
  bool advance_until(Condition condition, Duration at_most) {
    const SimTime end = world_.now() + at_most;
    while (!oracle_.violation() && !condition()) {
      if (!world_.step(end)) return condition();
    }
    return !oracle_.violation();
  }
  // Undoes what can be undone and starts what is down; directories that were refused are emptied
  // first if `replace`, as an operator replaces a replica.
  void heal(bool replace);
  // All vote, one leads, an append is acknowledged and all have handed it out.
  bool healthy_again(Duration at_most);
  const std::vector<std::string>& complaints() const { return complaints_; }
  // The test damages the disk of this one by itself: its refusals and rebirths are due.
  void excuse(std::size_t number) { excused_.insert(number); }
  // Replicas that came back under a new id.
  std::uint64_t reborn() const { return reborn_; }
  // What was remembered last, for the text of a failure.
  std::string last_events() const;
  std::string oracle_text() const { return oracle_.violation().value_or("no violation"); }

  void act(const Task& task) override;
  void on_send(LogHost& from, const replicated_log::Envelope& envelope) override;
  void on_log_event(LogHost& host, const replicated_log::LogEvent& event) override;
  void on_end(LogHost& host, int code, const std::string& why) override;
  void on_note(LogHost& host, const std::string& note) override;

 private:
  void build();
  void run_phase(std::size_t number);
  void restart_damaged(const faults::Phase& phase);
  void last_look();
  bool damaged(LogHost& host) const;
  void judge_exit(const LogHost& host, int code, const std::string& why);
  void remember(std::string_view who, std::string_view what);
  void fail(Verdict verdict, std::string text);
  LogResult result() const;

  World world_;
  LogSettings settings_;
  faults::Bounds bounds_ = faults::Bounds::Budget;
  faults::Schedule schedule_;
  Profile profile_;
  LogOracle oracle_;
  LogNetwork network_;
  LogClients clients_;
  std::vector<std::unique_ptr<LogHost>> hosts_;
  std::unique_ptr<LogElector> elector_;
  std::size_t phase_ = 0;
  bool replacing_ = false;  // an operator replaces what is refused
  Verdict verdict_ = Verdict::Pass;
  std::string why_;

  std::map<std::uint64_t, ReplicaId> ids_;  // of each host, the last one seen
  std::map<faults::FaultKind, std::uint64_t> carried_out_;
  std::map<int, std::uint64_t> exits_;
  std::uint64_t reborn_ = 0;
  std::set<std::uint64_t> excused_;
  std::vector<std::string> complaints_;
  std::deque<std::string> last_;
};

}  // namespace quorate::sim
