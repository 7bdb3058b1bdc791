#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/harness_faults.h"
#include "sim/linearizability.h"
#include "sim/node.h"
#include "sim/scenario.h"
#include "sim/world.h"

namespace quorate::sim {

class Cluster;
class StateSet;

// The exit codes of quorate-sim; of several runs the smallest that is not Pass counts.
enum class Verdict : int {
  Pass = 0,
  SafetyViolated = 1,
  LivenessViolated = 2,
  ExpectationNotMet = 3,
  ScenarioError = 4,
  HarnessSuspect = 5,
  Nondeterminism = 6,
};
// "safety violated".
std::string_view to_text(Verdict verdict);

struct Tracing;

// Is let into a run between two steps of the world.
class Bystander {
 public:
  virtual ~Bystander() = default;
  virtual void look(Cluster& cluster) = 0;
};

struct RunOptions {
  bool replay_check = true;
  Trace* trace = nullptr;      // not owned: prints
  Tracing* tracing = nullptr;  // not owned: collects what a picture shows (run_tracer.h)
  std::uint64_t linear_budget = kLinearBudget;
  HarnessFaults planted = {};      // of `quorate-sim selftest` only
  StateSet* states = nullptr;      // not owned: collects the situations that the run meets
  Bystander* bystander = nullptr;  // not owned
  SimTime bystander_at;            // when it is let in; a run that ends before does not
};

struct RunResult {
  Verdict verdict = Verdict::Pass;
  std::size_t line = 0;            // of the failing step; 0: none
  std::string step;                // as written
  std::string text;                // what went wrong
  std::string picture;             // the page that shows it, if one was written
  std::vector<std::string> notes;  // last words of the masters, when something went wrong
  std::uint64_t hash = 0;
  SimTime time;
  std::uint64_t events = 0;
  std::size_t acknowledged_writes = 0;
  // How often each kind of fault had its effect.
  std::map<faults::FaultKind, std::uint64_t> faults;
  // Violations that the scenario called for and those that followed, by oracle.
  std::map<std::string, std::string> hazards;
  // Learned positions that the agreement oracle compared, on wires and on disks.
  struct {
    std::uint64_t on_wires = 0;
    std::uint64_t on_disks = 0;
  } learned_seen;
};

// One section of a scenario with one seed, in a world of its own.
RunResult run_section(const Scenario& scenario, const Section& section, std::uint64_t seed,
                      NodeFactory& factory, const RunOptions& options);

}  // namespace quorate::sim
