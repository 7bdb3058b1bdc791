#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/agreement.h"
#include "sim/cluster.h"
#include "sim/fault_runner.h"
#include "sim/http_client.h"
#include "sim/judges.h"
#include "sim/observer.h"
#include "sim/readers.h"
#include "sim/run_tracer.h"
#include "sim/scenario_runner.h"
#include "sim/workload.h"

namespace quorate::sim {

// Carries out one section, step by step. Private to scenario_runner.cpp.
class ScenarioRun final : public HostWatcher, public AnswerWatcher, public Actor {
 public:
  ScenarioRun(const Scenario& scenario, const Section& section, const ClusterSpec& spec,
              NodeFactory& factory, const RunOptions& options);
  RunResult run();

  void on_exit(const Host& host, const ExitRecord& exit) override;
  void on_replay_difference(const Host& host, const std::string& difference) override;
  void on_answer_seen(const HttpQuestion& asked, const HttpReply& reply) override;
  void on_view_changed() override { changed_ = true; }
  void act(const Task& task) override;

 private:
  using Question = std::function<bool()>;

  // Steps.
  void wait_for_its_time(const Step& step);
  void carry_out(const Step& step);
  void befall(const faults::Fault& fault);
  void client(const ClientStep& step);
  void expect(const ExpectStep& step);
  void hold_throughout(const ExpectStep& step);
  void eventually(const EventuallyStep& step);
  void hazard(const HazardStep& step);
  bool is_hazard(const std::string& text);
  void every(std::size_t step);

  // The verdict (scenario_verdict.cpp).
  void judge_now();
  void live_again();
  void judge_at_the_end();
  void judge_history();
  void suspect_the_harness();
  std::optional<std::string> suspicion();
  std::size_t running() const;
  void before(const faults::Fault& fault);
  void prove(const faults::Fault& fault);
  std::optional<std::string> not_carried_out(const faults::Fault& fault);
  std::optional<std::string> process_unchanged(const faults::Fault& fault);
  std::optional<std::string> links_unchanged(const faults::Fault& fault,
                                             const std::vector<std::string>& side,
                                             const std::vector<std::string>& other);
  std::set<std::string> befallen(const faults::Fault& fault);

  // Time.
  bool wait(SimTime until, const Question& done);
  bool step(SimTime until);
  void pass(SimTime until);
  void after_event();

  // Conditions.
  bool holds(const Condition& condition, SimTime since);
  bool exited(const Condition& condition, SimTime since);
  std::string present() const;
  void bind(const std::string& as);

  // Names.
  bool is_planned(const Host& host) const;
  Host* host(const std::string& name);

  void fail(Verdict verdict, std::string text);
  bool failed() const { return result_.verdict != Verdict::Pass; }
  World& world() { return cluster_.world(); }

  const Scenario& scenario_;
  const Section& section_;
  const RunOptions options_;
  Cluster cluster_;
  FaultRunner faults_;
  HttpClients clients_;
  Workload workload_;
  Observer observer_;
  Readers readers_;
  std::optional<AgreementOracle> agreement_;  // not there when it is skipped
  Judges judges_;
  std::optional<RunTracer> tracer_;  // if somebody wants a picture
  StateSet* states_;                 // not owned; may be nullptr
  Bystander* bystander_;             // not owned; nullptr: none, or it was there
  SimTime bystander_at_;
  RunResult result_;
  const Step* current_ = nullptr;
  std::map<std::string, std::string> bound_;
  std::vector<std::pair<const Step*, Condition>> nevers_;  // reached, with their names found
  SimTime mark_;                                           // when the last fault was carried out
  std::vector<MonoTime> clocks_;                           // of all hosts, when the run began
  struct Unsynced {
    Host* host;
    std::string file;
    std::uint64_t offset;
    Bytes old_bytes;
  };
  std::vector<Unsynced> unsynced_;  // sectors, just before the power goes
  std::uint64_t power_sectors_ = 0;
  std::uint64_t power_lost_ = 0;
  bool judged_alive_ = false;
  bool changed_ = true;  // since conditions were last looked at
};

}  // namespace quorate::sim
