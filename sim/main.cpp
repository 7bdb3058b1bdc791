#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <malloc.h>
#include <unistd.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "master/base/text.h"
#include "sim/jobs.h"
#include "sim/log_campaign.h"
#include "sim/master_node.h"
#include "sim/report.h"
#include "sim/scenario_files.h"
#include "sim/scenario_runner.h"

// quorate-sim: runs scenarios in the simulated world.

namespace {

using namespace quorate;
using namespace quorate::sim;

struct Options {
  std::string program;
  std::vector<std::string> paths;
  std::optional<std::uint64_t> seed;
  std::string seeds;
  std::string section;
  std::size_t jobs = 1;
  bool json = false;
  bool no_replay_check = false;
  bool trace = false;
  bool quiet = false;
};

// What a broken invariant prints: set before each run, used by the handler of SIGABRT.
char replay_line[1024];

void on_abort(int) {
  // Only write() is safe here.
  ssize_t ignored = ::write(STDERR_FILENO, replay_line, std::strlen(replay_line));
  (void)ignored;
  std::signal(SIGABRT, SIG_DFL);
}

class PrintingTrace final : public Trace {
 public:
  void line(SimTime now, std::string_view who, std::string_view what) override {
    std::fprintf(stderr, "%14s %-9.*s %.*s\n", to_text(now).text, static_cast<int>(who.size()),
                 who.data(), static_cast<int>(what.size()), what.data());
  }
};

class Runs final : public JobList {
 public:
  explicit Runs(const Options& options) : options_(options) {}

  // False: a mistake was printed.
  bool load() {
    Result<std::vector<std::string>> files = scenario_files(options_.paths);
    if (!files) {
      std::fprintf(stderr, "quorate-sim: %s\n", files.error().text.c_str());
      return false;
    }
    bool good = true;
    for (const std::string& file : *files) good = load(file) && good;
    for (std::size_t i = 0; good && i < scenarios_.size(); ++i) good = plan(i);
    if (good && runs_.empty()) {
      std::fprintf(stderr, "quorate-sim: nothing to run: no section [%s] in these files\n",
                   options_.section.c_str());
      return false;
    }
    return good;
  }

  std::size_t count() const override { return runs_.size(); }

  Outcome run(std::size_t index) override {
    const Run& run = runs_[index];
    RunId id = name(run);
    std::snprintf(replay_line, sizeof replay_line, "quorate-sim: replay: %s\n",
                  replay_command(id).c_str());
    RunOptions how{!options_.no_replay_check, options_.trace ? &trace_ : nullptr};
    const Scenario& scenario = scenarios_[run.scenario];
    return report(id,
                  run_section(scenario, scenario.sections[run.section], run.seed, masters_, how));
  }

  Outcome died(std::size_t index, int signal) override {
    RunResult result;
    result.verdict = Verdict::SafetyViolated;
    result.text = signal == SIGABRT ? "an invariant is broken; the line before says which"
                                    : "the simulator ended by signal " + std::to_string(signal);
    if (signal != SIGABRT) result.verdict = Verdict::HarnessSuspect;
    return report(name(runs_[index]), result);
  }

  void done(std::size_t, const Outcome& outcome) override {
    bool pass = outcome.code == 0;
    if (!pass && (code_ == 0 || outcome.code < code_)) code_ = outcome.code;
    passed_ += pass ? 1 : 0;
    if (pass && options_.quiet) return;
    std::fputs(outcome.text.c_str(), stdout);
    std::fflush(stdout);
  }

  int summary() const {
    if (!options_.json) std::printf("%zu of %zu runs passed\n", passed_, runs_.size());
    return code_;
  }

 private:
  struct Run {
    std::size_t scenario;
    std::size_t section;
    std::uint64_t seed;
  };

  bool load(const std::string& file) {
    Result<ParsedScenario> parsed = load_scenario(file);
    if (!parsed) {
      std::fprintf(stderr, "quorate-sim: %s\n", parsed.error().text.c_str());
      return false;
    }
    for (const Mistake& mistake : parsed->mistakes)
      std::fprintf(stderr, "%s\n", to_text(file, mistake).c_str());
    if (!parsed->mistakes.empty()) return false;
    if (parsed->scenario.world != "real") scenarios_.push_back(std::move(parsed->scenario));
    return true;
  }

  bool plan(std::size_t number) {
    const Scenario& scenario = scenarios_[number];
    std::uint64_t first = options_.seed.value_or(scenario.first_seed);
    std::uint64_t last = options_.seed.value_or(scenario.last_seed);
    if (!options_.seeds.empty()) {
      std::size_t dots = options_.seeds.find("..");
      auto from = parse_u64(options_.seeds.substr(0, dots));
      auto to = dots == std::string::npos ? from : parse_u64(options_.seeds.substr(dots + 2));
      if (!from || !to || *from > *to) {
        std::fprintf(stderr, "quorate-sim: --seeds=%s: expected A..B, as in --seeds=1..200\n",
                     options_.seeds.c_str());
        return false;
      }
      first = *from;
      last = *to;
    }
    for (std::size_t section = 0; section < scenario.sections.size(); ++section)
      if (options_.section.empty() || scenario.sections[section].name == options_.section)
        for (std::uint64_t seed = first; seed <= last; ++seed)
          runs_.push_back({number, section, seed});
    return true;
  }

  RunId name(const Run& run) const {
    const Scenario& scenario = scenarios_[run.scenario];
    return {options_.program, scenario.file, scenario.name, scenario.sections[run.section].name,
            run.seed};
  }

  Outcome report(const RunId& id, const RunResult& result) const {
    return {static_cast<int>(result.verdict),
            options_.json ? json_report(id, result) : text_report(id, result)};
  }

  const Options& options_;
  std::vector<Scenario> scenarios_;
  std::vector<Run> runs_;
  MasterFactory masters_;
  PrintingTrace trace_;
  std::size_t passed_ = 0;
  int code_ = 0;
};

int run(const Options& options) {
  Runs runs(options);
  if (!runs.load()) return static_cast<int>(Verdict::ScenarioError);
  std::signal(SIGABRT, on_abort);
  run_jobs(runs, options.trace ? 0 : options.jobs);
  return runs.summary();
}

// `list` prints what there is, `lint` all mistakes.
int look(const Options& options, bool list) {
  Result<std::vector<std::string>> files = scenario_files(options.paths);
  if (!files) {
    std::fprintf(stderr, "quorate-sim: %s\n", files.error().text.c_str());
    return static_cast<int>(Verdict::ScenarioError);
  }
  bool good = true;
  for (const std::string& file : *files) {
    Result<ParsedScenario> parsed = load_scenario(file);
    if (!parsed) {
      std::fprintf(stderr, "quorate-sim: %s\n", parsed.error().text.c_str());
      good = false;
      continue;
    }
    for (const Mistake& mistake : parsed->mistakes)
      std::printf("%s\n", to_text(file, mistake).c_str());
    good = good && parsed->mistakes.empty();
    if (list && parsed->mistakes.empty())
      std::printf("%-48s %s\n", file.c_str(), parsed->scenario.about.c_str());
    if (!list && parsed->mistakes.empty()) std::printf("%s: good\n", file.c_str());
  }
  return good ? 0 : static_cast<int>(Verdict::ScenarioError);
}

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
};

std::optional<std::pair<std::uint64_t, std::uint64_t>> seed_range(const std::string& text) {
  const std::size_t dots = text.find("..");
  const auto from = parse_u64(text.substr(0, dots));
  const auto to = dots == std::string::npos ? from : parse_u64(text.substr(dots + 2));
  if (!from || !to || *from > *to) return std::nullopt;
  return std::pair{*from, *to};
}

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
    if (!kind) {
      std::fprintf(stderr,
                   "quorate-sim: --faults: no kind '%s'; there are:", std::string(verb).c_str());
      for (const auto& known : faults::fault_kinds())
        std::fprintf(stderr, " %s", std::string(known.verb).c_str());
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
  return campaign.code();
}

void add_log_options(CLI::App& command, LogOptions& options) {
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

constexpr const char* kExitCodes =
    "Exit codes: 0 pass, 1 safety violated, 2 liveness violated, 3 expectation not met,\n"
    "4 scenario error, 5 harness or oracle suspect, 6 nondeterminism. Of several the smallest\n"
    "above 0 counts. The language of scenarios is described in docs/scenarios.md.";

void add_run_options(CLI::App& command, Options& options) {
  command.add_option("PATH", options.paths, "Scenario files, or directories of them")->required();
  auto* seed = command.add_option("--seed", options.seed, "Run this seed only");
  command.add_option("--seeds", options.seeds, "Run these seeds: A..B (default: as the file says)")
      ->excludes(seed);
  command.add_option("--section", options.section, "Run only the section [NAME] of each file");
  command.add_option("--jobs", options.jobs,
                     "Processes to run side by side; 0: all in this one, for a debugger");
  command.add_flag("--json", options.json, "One JSON object for each run");
  command.add_flag("--quiet", options.quiet, "Print only failures and the sum");
  command.add_flag("--no-replay-check", options.no_replay_check,
                   "Do not replay each recording on a fresh master (faster)");
  command.add_flag("--trace", options.trace, "Print every event and log line to stderr, no --jobs");
}

}  // namespace

int main(int argc, char** argv) {
  // Disk images and their reads come and go by the megabyte: keep the memory instead of asking the
  // kernel for zeroed pages each time.
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 16 << 20);
  Options options;
  options.program = argv[0];
  CLI::App app("quorate-sim runs the production master in a simulated world.", "quorate-sim");
  app.footer(kExitCodes);
  app.require_subcommand(1);
  CLI::App* run_command =
      app.add_subcommand("run", "Run scenarios; one line per scenario and seed");
  add_run_options(*run_command, options);
  run_command->footer(kExitCodes);
  CLI::App* list_command = app.add_subcommand("list", "List scenarios and what they are about");
  list_command->add_option("PATH", options.paths, "Files or directories")->required();
  CLI::App* lint_command = app.add_subcommand("lint", "Print every mistake in scenarios");
  lint_command->add_option("PATH", options.paths, "Files or directories")->required();
  LogOptions log_options;
  log_options.program = argv[0];
  CLI::App* log_command = app.add_subcommand(
      "log", "Run the replicated log by itself under faults of disks and messages, many seeds");
  add_log_options(*log_command, log_options);
  log_command->footer(kLogFooter);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(Verdict::ScenarioError);
  }
  if (log_command->parsed()) return run_log(log_options);
  if (run_command->parsed()) return run(options);
  return look(options, list_command->parsed());
}
