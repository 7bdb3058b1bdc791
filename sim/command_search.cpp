#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "master/base/json.h"
#include "sim/build_id.h"
#include "sim/commands.h"
#include "sim/process_trial.h"
#include "sim/scenario_generator.h"
#include "sim/search_campaign.h"
#include "sim/shrink_report.h"

// quorate-sim search

namespace quorate::sim {
namespace {

struct SearchOptions {
  std::string program;
  std::string profile = "storm";
  std::uint64_t runs = 0;
  std::uint64_t minutes = 0;
  std::uint64_t first_seed = 1;
  std::string shard = "1/1";
  std::size_t jobs = 1;
  std::string out = "found";
  std::size_t most_failures = 20;
  bool no_replay_check = false;
  bool no_shrink = false;
  bool json = false;
  bool print = false;
};

constexpr std::uint64_t kTwiceEvery = 20;
constexpr std::uint64_t kDefaultRuns = 1000;
constexpr std::size_t kShrunkFailures = 5;
constexpr auto kShrinkTime = std::chrono::seconds(60);

class Search {
 public:
  Search(const SearchOptions& options, Shard shard)
      : options_(options), shard_(shard), next_(options.first_seed) {}

  int run() {
    const auto began = std::chrono::steady_clock::now();
    while (wanted() && failures_ < options_.most_failures) {
      batch();
      progress(began);
    }
    if (options_.json) {
      std::fputs(json_text(sum_, options_.profile, build_).c_str(), stdout);
    } else {
      std::printf("build                 %s, profile %s, seeds from %llu, shard %s\n%s",
                  build_.c_str(), options_.profile.c_str(),
                  static_cast<unsigned long long>(options_.first_seed), options_.shard.c_str(),
                  to_text(sum_).c_str());
      if (failures_ >= options_.most_failures)
        std::printf("stopped after %zu failures (--most-failures)\n", failures_);
    }
    return sum_.code();
  }

 private:
  bool wanted() const {
    if (options_.minutes == 0)
      return sum_.runs() < (options_.runs == 0 ? kDefaultRuns : options_.runs);
    const auto spent = std::chrono::steady_clock::now() - began_;
    return spent < std::chrono::minutes(options_.minutes);
  }

  std::vector<std::uint64_t> next_seeds() {
    std::uint64_t count = 50 * std::max<std::size_t>(options_.jobs, 1);
    if (options_.minutes == 0)
      count = std::min(count, (options_.runs == 0 ? kDefaultRuns : options_.runs) - sum_.runs());
    std::vector<std::uint64_t> seeds;
    while (seeds.size() < count) {
      if (shard_.has(next_)) seeds.push_back(next_);
      ++next_;
    }
    return seeds;
  }

  void batch() {
    const std::vector<std::uint64_t> seeds = next_seeds();
    std::vector<std::uint64_t> again;
    SearchBatch first(options_.profile, seeds, !options_.no_replay_check);
    run_jobs(first, options_.jobs);
    for (const SearchOutcome& outcome : first.take()) {
      if (sum_.runs() % kTwiceEvery == 0) again.push_back(outcome.seed);
      if (sum_.add(outcome)) failed(outcome);
    }
    // In other processes than the first time.
    SearchBatch second(options_.profile, again, !options_.no_replay_check);
    run_jobs(second, options_.jobs);
    for (SearchOutcome& outcome : second.take()) {
      if (!sum_.add_second(outcome)) continue;
      outcome.verdict = Verdict::Nondeterminism;
      outcome.text = "two runs of one seed have two hashes";
      failed(outcome);
    }
  }

  void failed(const SearchOutcome& outcome) {
    ++failures_;
    const std::string scenario = generate_scenario(options_.profile, outcome.seed);
    const std::string stem = fmt::format("{}/{}_{}", options_.out, options_.profile, outcome.seed);
    const std::string file = stem + ".scenario";
    std::error_code ignored;
    std::filesystem::create_directories(options_.out, ignored);
    std::ofstream(file) << failure_file(scenario, outcome, build_);
    const std::string replay =
        fmt::format("{} run --seed={} {}  # build {}, hash {:016x}", options_.program, outcome.seed,
                    file, build_, outcome.hash);
    options_.json ? print_json(outcome, file, replay) : print(outcome, replay);
    make_smaller(outcome, scenario, stem);
    std::fflush(stdout);
  }

  // Beside the file that failed. Only the first failures: many of a campaign are one bug.
  void make_smaller(const SearchOutcome& outcome, const std::string& scenario,
                    const std::string& stem) {
    if (options_.no_shrink || failures_ > kShrunkFailures) return;
    const auto until = std::chrono::steady_clock::now() + kShrinkTime;
    ProcessTrial trial(
        {.seed = outcome.seed,
         .jobs = std::max<std::size_t>(options_.jobs, 1),
         .out_of_time = [until] { return std::chrono::steady_clock::now() > until; }});
    const Signature wanted = signature_of(outcome.verdict, outcome.step, outcome.text);
    const Shrunk shrunk = shrink(scenario, wanted, trial, std::max<std::size_t>(options_.jobs, 1));
    if (!shrunk.reproduced) return;
    const std::string file = stem + ".min.scenario";
    std::ofstream(file) << shrunk_file(shrunk, wanted, outcome.seed, build_);
    if (!options_.json)
      std::printf("      shrunk: %zu of %zu events, %s run --seed=%llu %s\n", shrunk.events,
                  shrunk.events_before, options_.program.c_str(),
                  static_cast<unsigned long long>(outcome.seed), file.c_str());
  }

  static void print(const SearchOutcome& outcome, const std::string& replay) {
    std::printf("FAIL  seed %llu: %s\n", static_cast<unsigned long long>(outcome.seed),
                std::string(to_text(outcome.verdict)).c_str());
    if (!outcome.step.empty()) std::printf("      %s\n", outcome.step.c_str());
    std::printf("      %s\n", outcome.text.c_str());
    for (const std::string& note : outcome.notes) std::printf("      | %s\n", note.c_str());
    std::printf("      replay: %s\n", replay.c_str());
  }

  static void print_json(const SearchOutcome& outcome, const std::string& file,
                         const std::string& replay) {
    JsonWriter out;
    out.begin_object().member_integer("seed", static_cast<std::int64_t>(outcome.seed));
    out.member("verdict", to_text(outcome.verdict));
    out.member_integer("code", static_cast<std::int64_t>(outcome.verdict));
    out.member("hash", fmt::format("{:016x}", outcome.hash)).member("step", outcome.step);
    out.member("text", outcome.text).member("file", file).member("replay", replay);
    out.end_object();
    std::printf("%s\n", out.take().c_str());
  }

  void progress(std::chrono::steady_clock::time_point began) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
    const double hours = sum_.time().in_seconds() / 3600;
    const auto never = sum_.never_hit();
    std::string verbs;
    for (faults::FaultKind kind : never)
      verbs += " " + std::string(faults::description_of(kind).name);
    std::fprintf(stderr,
                 "%llu runs, %.1f/s, %.2f simulated hours, %llu new states per 1000 seeds, "
                 "%llu failed, faults never hit:%s, probes: %zu\n",
                 static_cast<unsigned long long>(sum_.runs()),
                 static_cast<double>(sum_.runs()) / spent.count(), hours,
                 static_cast<unsigned long long>(sum_.new_states_lately()),
                 static_cast<unsigned long long>(sum_.failed()),
                 verbs.empty() ? " none" : verbs.c_str(), sum_.probes().reached());
  }

  const SearchOptions& options_;
  Shard shard_;
  std::uint64_t next_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::string build_ = build_id();
  SearchSum sum_;
  std::size_t failures_ = 0;
};

int search(const SearchOptions& options) {
  const std::optional<Shard> shard = parse_shard(options.shard);
  if (!shard) {
    std::fprintf(stderr, "quorate-sim: --shard=%s: expected I/N with 1 <= I <= N, as in 2/8\n",
                 options.shard.c_str());
    return static_cast<int>(Verdict::ScenarioError);
  }
  if (options.print) {
    std::fputs(generate_scenario(options.profile, options.first_seed).c_str(), stdout);
    return 0;
  }
  return Search(options, *shard).run();
}

void add_options(CLI::App& command, SearchOptions& options) {
  const std::vector<std::string_view> names = campaign_profiles();
  command
      .add_option("--profile", options.profile,
                  "What the scenarios stress: lan, wan, storm, disks, clocks, coordination or "
                  "operators (default storm)")
      ->check(CLI::IsMember(std::vector<std::string>(names.begin(), names.end())));
  auto* runs = command.add_option("--runs", options.runs, "So many runs (default 1000)");
  command.add_option("--minutes", options.minutes, "So many minutes instead")->excludes(runs);
  command.add_option("--first-seed", options.first_seed, "The seed to begin with (default 1)");
  command.add_option("--shard", options.shard,
                     "I/N: only every N-th seed, so that N machines share a campaign; with --runs "
                     "each runs so many");
  command.add_option("--jobs", options.jobs,
                     "Processes to run side by side; 0: all in this one, for a debugger");
  command.add_option("--out", options.out, "Where failing scenarios are written (default found)");
  command.add_option("--most-failures", options.most_failures,
                     "End after so many failures (default 20)");
  command.add_flag("--no-replay-check", options.no_replay_check,
                   "Do not replay each recording on a fresh master (faster)");
  command.add_flag("--no-shrink", options.no_shrink, "Do not shrink what fails");
  command.add_flag("--print", options.print, "Print the scenario of --first-seed and run nothing");
  command.add_flag("--json", options.json, "One JSON object for each failure, one for the sum");
}

constexpr const char* kSearchFooter =
    "Each seed gives a whole scenario, drawn under the fault budget (faults/README.md), which is "
    "then\n"
    "run as `quorate-sim run` would run it. Every 20th is run twice, in two processes, and the "
    "hashes\n"
    "over all events must be equal. A progress line goes to stderr after every 50 runs of a "
    "job.\n\n"
    "A failure is written to DIR/PROFILE_SEED.scenario, and one line replays it; its comment "
    "names\n"
    "the build and the hash that it should give. New protocol states per 1000 seeds tell whether "
    "a\n"
    "campaign still learns: near 0, another profile or another kind of fault is worth more than "
    "more\n"
    "seeds.\n\n"
    "Exit codes: 0 pass, 1 safety violated, 2 liveness violated, 3 expectation not met, 4 a "
    "mistake\n"
    "in an option, 5 harness or oracle suspect, 6 nondeterminism. Of several the smallest above 0\n"
    "counts.\n\n"
    "Examples:\n"
    "  quorate-sim search --profile=storm --runs=10000 --jobs=2\n"
    "  quorate-sim search --profile=disks --minutes=30 --jobs=8 --shard=2/5\n"
    "  quorate-sim search --profile=operators --first-seed=17 --print";

}  // namespace

void add_search_command(CLI::App& app, const std::string& program, Commands& commands) {
  CLI::App* command =
      app.add_subcommand("search", "Run random scenarios, drawn from seeds, and keep what fails");
  auto options = std::make_shared<SearchOptions>();
  options->program = program;
  add_options(*command, *options);
  command->footer(kSearchFooter);
  commands.push_back({command, [options] { return search(*options); }});
}

}  // namespace quorate::sim
