#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "master/base/text.h"
#include "sim/bench.h"
#include "sim/build_id.h"
#include "sim/commands.h"
#include "sim/scenario_runner.h"

// quorate-sim bench

namespace quorate::sim {
namespace {

constexpr int kNotReached = 2;

struct BenchOptions {
  std::string seeds = "1..40";
  std::string only;
  std::uint64_t steady_minutes = 60;
  bool explore = false;
  bool no_shares = false;
  bool check = false;
  bool json = false;
};

// User and system time of this process.
std::uint64_t processor_ns() {
  rusage spent{};
  ::getrusage(RUSAGE_SELF, &spent);
  const auto ns = [](const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(time.tv_usec) * 1000;
  };
  return ns(spent.ru_utime) + ns(spent.ru_stime);
}

struct Part {
  const char* name;
  Measure (*measure)(const BenchSettings&, const ProcessorClock&);
};
constexpr Part kParts[] = {
    {"G1", &bench_steady},
    {"G1", &bench_storm},
    {"G2", &bench_core},
    {"G3", &bench_storm_seed},
    {"G16", &bench_linearizability},
    {"G21", [](const BenchSettings&, const ProcessorClock& clock) { return bench_explore(clock); }},
};

// The goals to measure; nothing: a mistake, printed.
std::optional<std::vector<std::string>> goals_of(const BenchOptions& options) {
  std::vector<std::string> out = {"G1", "G2", "G3", "G16"};
  if (options.explore) out.emplace_back("G21");
  if (options.only.empty()) return out;
  out.clear();
  for (std::string_view name : split(options.only, ',')) {
    const bool known = std::any_of(std::begin(kParts), std::end(kParts),
                                   [&](const Part& part) { return name == part.name; });
    if (!known) {
      std::fprintf(stderr, "quorate-sim: --only: no goal '%s'; there are: G1 G2 G3 G16 G21\n",
                   std::string(name).c_str());
      return std::nullopt;
    }
    out.emplace_back(name);
  }
  return out;
}

int bench(const BenchOptions& options) {
  const auto goals = goals_of(options);
  const auto seeds = seed_range(options.seeds);
  if (!seeds || seeds->first > seeds->second) {
    std::fprintf(stderr, "quorate-sim: --seeds=%s: expected A..B, as in --seeds=1..40\n",
                 options.seeds.c_str());
    return static_cast<int>(Verdict::ScenarioError);
  }
  if (!goals) return static_cast<int>(Verdict::ScenarioError);
  BenchSettings settings;
  settings.first_seed = seeds->first;
  settings.last_seed = seeds->second;
  settings.steady_time = Duration::minutes(static_cast<std::int64_t>(options.steady_minutes));
  settings.shares = !options.no_shares;
  std::vector<Measure> measures;
  for (const Part& part : kParts)
    if (std::find(goals->begin(), goals->end(), part.name) != goals->end())
      measures.push_back(part.measure(settings, &processor_ns));
  const std::string build = build_id();
  std::fputs(options.json ? json_text(measures, build).c_str()
                          : ("build " + build + "\n" + to_text(measures)).c_str(),
             stdout);
  if (std::any_of(measures.begin(), measures.end(), [](const auto& m) { return !m.wrong.empty(); }))
    return static_cast<int>(Verdict::HarnessSuspect);
  const bool all = std::all_of(measures.begin(), measures.end(),
                               [](const Measure& measure) { return measure.holds(); });
  return options.check && !all ? kNotReached : 0;
}

constexpr const char* kFooter =
    "Measures the goals of speed, each in processor time (user and system) of this one process:\n"
    "waiting for a processor does not count. What else runs still takes caches and the other half\n"
    "of a core, so leave the machine alone for figures to keep.\n\n"
    "  G1   simulated cluster-hours for a minute of processor time: at least 50 on the steady\n"
    "       profile (3 masters and 3 ZooKeeper servers; a second has 9 GETs of /health,\n"
    "       /metrics/snapshot and the schedule, these by the readers of every run, one write, and\n"
    "       the looks of the observer; /state once a minute; 100 agents are stood in for by 100\n"
    "       connections to the leader with a small request and answer every 15 s), at least 8 on\n"
    "       scenarios drawn from the storm profile. Event hash and oracles on, replay check off.\n"
    "       The steady run is made three times, and the cheapest counts: what else runs only adds\n"
    "  G2   events a second of real master code: at least 500000 (50000 with AddressSanitizer). "
    "The\n"
    "       events of all masters of a steady run are recorded and given to fresh masters, whose\n"
    "       ports do nothing\n"
    "  G3   five simulated minutes of storm as `quorate-sim search` runs them, replay check on: "
    "at\n"
    "       most 0.55 CPU-s\n"
    "  G16  a linearizability check of 10000 operations: at most 1 CPU-s\n"
    "  G21  `quorate-sim explore`: at most 600 CPU-s; only with --explore or --only=G21, about 90 "
    "s\n\n"
    "After the goals a table shows where the time went. 250 times in a second of processor time "
    "the\n"
    "call stack is looked at; a sample is of the replay check or the oracles if it came from "
    "there,\n"
    "else of the innermost function that is known to be of one kind. This costs about 1 %.\n\n"
    "Exit codes: 0 all was measured; 2 with --check, a goal is not reached; 4 a mistake in an "
    "option;\n"
    "5 a run failed that must pass.\n\n"
    "Examples:\n"
    "  quorate-sim bench\n"
    "  quorate-sim bench --check --json --seeds=1..200\n"
    "  quorate-sim bench --only=G1,G2 --no-shares";

}  // namespace

void add_bench_command(CLI::App& app, Commands& commands) {
  CLI::App* command = app.add_subcommand(
      "bench", "Measure how fast the simulator is, against its goals, and where the time goes");
  auto options = std::make_shared<BenchOptions>();
  command->add_option("--seeds", options->seeds,
                      "Seeds of the storm profile: A..B (default 1..40); the steady run takes A");
  command->add_option("--only", options->only, "Only these goals, as in G1,G16");
  command
      ->add_option("--steady-minutes", options->steady_minutes,
                   "Simulated time of the steady run (default 60)")
      ->check(CLI::Range(1, 600));
  command->add_flag("--explore", options->explore, "Measure G21, too");
  command->add_flag("--no-shares", options->no_shares, "Do not look where the time goes");
  command->add_flag("--check", options->check, "Exit with 2 if a goal is not reached");
  command->add_flag("--json", options->json, "One JSON object instead of the tables");
  command->footer(kFooter);
  commands.push_back({command, [options] { return bench(*options); }});
}

}  // namespace quorate::sim
