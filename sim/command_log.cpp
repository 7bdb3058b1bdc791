#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "master/base/text.h"
#include "sim/commands.h"
#include "sim/jobs.h"
#include "sim/log_campaign.h"
#include "sim/scenario_runner.h"

// quorate-sim log

namespace quorate::sim {
namespace {

struct LogOptions {
  std::string program;
  std::string seeds = "1..200";
  std::optional<std::uint64_t> replay;
  std::uint32_t replicas = 0;
  std::string faults = "all";
  std::string bounds = "mixed";
  std::size_t jobs = 1;
  bool json = false;
  bool verbose = false;
  bool probes = false;
};

// A mistake in an option, printed.
std::optional<LogCampaignSettings> campaign_settings(const LogOptions& options) {
  LogCampaignSettings settings;
  settings.program = options.program;
  settings.json = options.json;
  settings.verbose = options.verbose;
  settings.world.replicas = options.replicas;
  if (options.replicas != 0) settings.options += fmt::format(" --replicas={}", options.replicas);
  const auto seeds = options.replay ? std::pair{*options.replay, *options.replay}
                                    : seed_range(options.seeds).value_or(std::pair{2ull, 1ull});
  settings.first_seed = seeds.first;
  settings.last_seed = seeds.second;
  if (seeds.first > seeds.second) {
    std::fprintf(stderr, "quorate-sim: --seeds=%s: expected A..B, as in --seeds=1..200\n",
                 options.seeds.c_str());
    return std::nullopt;
  }
  for (std::string_view verb : split(options.faults, ',')) {
    if (options.faults == "all") break;
    const auto kind = faults::parse_fault_kind(verb);
    if (!kind || !faults::description_of(*kind).in_log) {
      std::fprintf(stderr,
                   "quorate-sim: --faults: no kind '%s'; there are:", std::string(verb).c_str());
      for (const auto& known : faults::fault_kinds())
        if (known.in_log) std::fprintf(stderr, " %s", std::string(known.name).c_str());
      std::fputs("\n", stderr);
      return std::nullopt;
    }
    settings.world.kinds.insert(*kind);
  }
  if (options.faults != "all") settings.options += " --faults=" + options.faults;
  if (options.bounds == "budget") settings.world.bounds = faults::Bounds::Budget;
  if (options.bounds == "telling") settings.world.bounds = faults::Bounds::Telling;
  if (options.bounds == "none") settings.world.bounds = faults::Bounds::None;
  if (options.bounds != "mixed") settings.options += " --bounds=" + options.bounds;
  return settings;
}

int run_log(const LogOptions& options) {
  std::optional<LogCampaignSettings> settings = campaign_settings(options);
  if (!settings) return static_cast<int>(Verdict::ScenarioError);
  PrintingTrace trace;
  const bool replay = options.replay.has_value();
  if (replay && options.verbose) settings->world.trace = &trace;
  if (replay) settings->twice_every = 0;
  LogCampaign campaign(*settings);
  run_jobs(campaign, replay ? 0 : options.jobs);
  if (!options.json) std::fputs(to_text(campaign.sum()).c_str(), stdout);
  if (options.probes) print_probes(campaign.sum().probes, options.json);
  return campaign.code();
}

void add_options(CLI::App& command, LogOptions& options) {
  command.add_option("--seeds", options.seeds, "Run these seeds: A..B (default 1..200)");
  command.add_option("--replay", options.replay,
                     "Run this seed only, in this process; with -v every event is printed");
  command
      .add_option("--replicas", options.replicas,
                  "1, 3 or 5 replicas (default: drawn from the seed, mostly 3)")
      ->check(CLI::IsMember({0, 1, 3, 5}));
  command.add_option("--faults", options.faults,
                     "all, or a list of kinds, as in power-loss,lost-write; what undoes a fault "
                     "comes with it (default all)");
  command
      .add_option("--bounds", options.bounds,
                  "budget: a quorum's worth of undamaged logs remains, so nothing may be lost "
                  "and the log must serve again; telling: any replica may lose its votes and "
                  "can tell, so the log may refuse but nothing may be lost; none: anything may "
                  "happen, so the log may only not invent and not diverge silently; mixed "
                  "(default): 80, 13 and 7 of a hundred seeds")
      ->check(CLI::IsMember({"budget", "telling", "none", "mixed"}));
  command.add_option("--jobs", options.jobs,
                     "Processes to run side by side; 0: all in this one, for a debugger");
  command.add_flag("--json", options.json, "One JSON object for each run, and no table");
  command.add_flag("-v,--verbose", options.verbose,
                   "Print schedules and last events of passing runs, too");
  command.add_flag("--probes", options.probes,
                   "At the end, how often each probe was reached (quorate-sim probes)");
}

constexpr const char* kLogFooter =
    "A run is (this build, seed): 1, 3 or 5 replicas of the log on simulated disks, linked by a\n"
    "network that loses, doubles and delays messages, with an elector in the place of ZooKeeper\n"
    "and clients that append. Faults come in phases (faults/README.md); after each everything is\n"
    "healed and the log must serve again within 40 s. Oracles that know nothing of the log's code\n"
    "judge what is handed out, acknowledged and refused. Every 50th seed is run twice, and the\n"
    "hashes over all events must be equal.\n\n"
    "A failure prints the seed, the schedule of faults, the last events and the command that\n"
    "replays it. The table at the end counts runs, faults by kind, exits by code and appends.\n\n"
    "Exit codes: 0 pass, 1 safety violated, 2 the log did not serve again, 4 a mistake in an\n"
    "option, 6 two hashes for one seed. Of several the smallest above 0 counts.\n\n"
    "Examples:\n"
    "  quorate-sim log --seeds=1..20000 --jobs=2\n"
    "  quorate-sim log --seeds=1..500 --replicas=5 --faults=power-loss,torn-write\n"
    "  quorate-sim log --replay=4711 -v";

}  // namespace

void add_log_command(CLI::App& app, const std::string& program, Commands& commands) {
  CLI::App* command = app.add_subcommand(
      "log", "Run the replicated log by itself under faults of disks and messages, many seeds");
  auto options = std::make_shared<LogOptions>();
  options->program = program;
  add_options(*command, *options);
  command->footer(kLogFooter);
  commands.push_back({command, [options] { return run_log(*options); }});
}

}  // namespace quorate::sim
