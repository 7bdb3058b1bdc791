#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/cost_sampler.h"
#include "sim/registry_operation.h"
#include "sim/time.h"

namespace quorate::sim {

// The goals of speed of simulation.md 2, measured in processor time of the calling process.

// Processor time spent so far, in ns.
using ProcessorClock = std::function<std::uint64_t()>;

struct BenchSettings {
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 40;                  // of the storm profile
  Duration steady_time = Duration::minutes(60);  // simulated
  std::size_t rounds = 3;                        // of the steady run; the best counts
  std::uint64_t core_events = 1'000'000;         // at least so many, over and over again
  std::size_t operations = 10'000;               // of a linearizability check
  bool shares = true;                            // look where the time goes
};

// One goal, its figure and its limit; both in thousandths of `unit`.
struct Measure {
  std::string goal;  // "G1"
  std::string name;  // "steady": of several of one goal
  std::string what;  // a sentence of what was run
  std::string unit;
  std::uint64_t figure = 0;
  std::uint64_t limit = 0;
  bool at_least = true;  // otherwise at most
  std::uint64_t processor_ns = 0;
  std::string wrong = {};  // why there is no figure: a run that failed
  std::vector<CostSampler::Share> shares = {};
  std::size_t samples = 0;

  bool holds() const { return wrong.empty() && (at_least ? figure >= limit : figure <= limit); }
};

// The steady profile: three masters; each second /health and /metrics/snapshot of every master,
// three reads of the schedule, which are those of the readers that every run has (readers.h), and a
// write; /state once a minute; 100 stand-ins for agents come in at 20 s. Event hash and oracles are
// on, the replay check is off. For `time` of simulated time.
std::string steady_scenario(Duration time);

// G1: simulated cluster-hours for a minute of processor time: of the run that cost least, since
// what else runs on the machine only adds. All runs must have one hash.
Measure bench_steady(const BenchSettings& settings, const ProcessorClock& clock);
// G1: the same on scenarios drawn from the storm profile.
Measure bench_storm(const BenchSettings& settings, const ProcessorClock& clock);
// G2: the events of a steady run, recorded and given to fresh masters under silent ports.
Measure bench_core(const BenchSettings& settings, const ProcessorClock& clock);
// G3: 300 simulated seconds of storm as a campaign runs it: drawn, replay check on, states counted.
Measure bench_storm_seed(const BenchSettings& settings, const ProcessorClock& clock);
// G16: one linearizability check, the slower of two histories.
Measure bench_linearizability(const BenchSettings& settings, const ProcessorClock& clock);
// G21: every order of events of `quorate-sim explore`, about 90 s.
Measure bench_explore(const ProcessorClock& clock);

// A history of a real register: each call of `clients` has its effect between its beginning and
// its end. 50 writes of 1000 have an unknown outcome; `modes`: machines also go down and up.
std::vector<RegistryOperation> drawn_history(std::uint64_t seed, std::size_t clients,
                                             std::size_t count, bool modes);

// The table, and one JSON object.
std::string to_text(const std::vector<Measure>& measures);
std::string json_text(const std::vector<Measure>& measures, std::string_view build);

}  // namespace quorate::sim
