#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "master/base/bytes.h"
#include "sim/abort_trace.h"
#include "sim/commands.h"
#include "sim/jobs.h"
#include "sim/junit.h"
#include "sim/master_node.h"
#include "sim/picture_files.h"
#include "sim/report.h"
#include "sim/scenario_files.h"
#include "sim/scenario_runner.h"

// quorate-sim run

namespace quorate::sim {
namespace {

struct Options {
  std::string program;
  std::vector<std::string> paths;
  std::optional<std::uint64_t> seed;
  std::string seeds;
  std::string section;
  std::size_t jobs = 1;
  bool json = false;
  bool no_replay_check = false;
  bool print_events = false;
  bool quiet = false;
  bool probes = false;
  std::string trace;  // files and folders that are written; empty: not wanted
  std::string html;
  bool html_all = false;
  std::string junit;
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
    if (good && !options_.trace.empty() && runs_.size() != 1) {
      std::fprintf(stderr,
                   "quorate-sim: --trace=%s: one run has one trace, and these are %zu runs; choose "
                   "one by --seed and --section, or use --html=DIR\n",
                   options_.trace.c_str(), runs_.size());
      return false;
    }
    return good;
  }

  std::size_t count() const override { return runs_.size(); }

  Outcome run(std::size_t index) override {
    const Run& run = runs_[index];
    RunId id = name(run);
    print_if_aborted("quorate-sim: replay: " + replay_command(id) + "\n");
    RunOptions how;
    how.replay_check = !options_.no_replay_check;
    how.trace = options_.print_events ? &printer_ : nullptr;
    const Scenario& scenario = scenarios_[run.scenario];
    const Section& section = scenario.sections[run.section];
    RunResult result = run_section(scenario, section, run.seed, masters_, how);
    draw_if_wanted(run, result);
    return report(id, result);
  }

  Outcome died(std::size_t index, int signal) override {
    RunResult result;
    result.verdict = Verdict::SafetyViolated;
    result.text = signal == SIGABRT ? "an invariant is broken; the line before says which"
                                    : "the simulator ended by signal " + std::to_string(signal);
    if (signal != SIGABRT) result.verdict = Verdict::HarnessSuspect;
    if (signal == SIGABRT && (!options_.html.empty() || !options_.trace.empty()))
      draw_aborted(runs_[index], result);
    return report(name(runs_[index]), result);
  }

  void done(std::size_t index, const Outcome& outcome) override {
    probes_.add(outcome.probes);
    bool pass = outcome.code == 0;
    if (!options_.junit.empty()) {
      RunId id = name(runs_[index]);
      cases_.push_back({id.file, to_text(id), "seed " + std::to_string(id.seed), outcome.code,
                        pass ? std::string() : outcome.text});
    }
    if (!pass && (code_ == 0 || outcome.code < code_)) code_ = outcome.code;
    passed_ += pass ? 1 : 0;
    if (pass && options_.quiet) return;
    std::fputs(outcome.text.c_str(), stdout);
    std::fflush(stdout);
  }

  int summary() const {
    if (!options_.json) std::printf("%zu of %zu runs passed\n", passed_, runs_.size());
    if (options_.probes) print_probes(probes_, options_.json);
    if (options_.junit.empty()) return code_;
    auto written = write_file(options_.junit, junit_xml(cases_));
    if (!written) std::fprintf(stderr, "quorate-sim: %s\n", written.error().text.c_str());
    return written || code_ != 0 ? code_ : static_cast<int>(Verdict::HarnessSuspect);
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
      const auto range = seed_range(options_.seeds);
      if (!range) {
        std::fprintf(stderr, "quorate-sim: --seeds=%s: expected A..B, as in --seeds=1..200\n",
                     options_.seeds.c_str());
        return false;
      }
      first = range->first;
      last = range->second;
    }
    for (std::size_t section = 0; section < scenario.sections.size(); ++section)
      if (options_.section.empty() || scenario.sections[section].name == options_.section)
        for (std::uint64_t seed = first; seed <= last; ++seed)
          runs_.push_back({number, section, seed});
    return true;
  }

  // Runs it again with a trace, and leaves what was asked for.
  void draw_if_wanted(const Run& run, RunResult& result) {
    bool html = !options_.html.empty() && (options_.html_all || result.verdict != Verdict::Pass);
    if (!html && options_.trace.empty()) return;
    RunId id = name(run);
    const Scenario& scenario = scenarios_[run.scenario];
    RunOptions how;
    how.replay_check = !options_.no_replay_check;
    Drawn drawn = draw(id, scenario, scenario.sections[run.section], masters_, how);
    if (drawn.result.hash != result.hash) {
      result.verdict = Verdict::Nondeterminism;
      result.text =
          "the same run had another hash when it was run again: " + hex(drawn.result.hash) +
          "; before: " + result.text;
    }
    leave(id, html, drawn.trace, result);
  }

  void draw_aborted(const Run& run, RunResult& result) {
    const Scenario& scenario = scenarios_[run.scenario];
    RunOptions how;
    how.replay_check = !options_.no_replay_check;
    auto drawn = draw_aborting(name(run), scenario, scenario.sections[run.section], masters_, how);
    if (!drawn) return;
    result = drawn->result;
    leave(name(run), !options_.html.empty(), drawn->trace, result);
  }

  void leave(const RunId& id, bool html, const std::string& trace, RunResult& result) const {
    std::string wrong;
    if (html) {
      auto page = write_picture(options_.html, id, trace);
      page ? result.picture = *page : wrong = page.error().text;
    }
    if (!options_.trace.empty())
      if (auto written = write_file(options_.trace, trace); !written) wrong = written.error().text;
    if (!wrong.empty()) result.notes.push_back("quorate-sim: " + wrong);
    if (!wrong.empty() && result.verdict == Verdict::Pass) {
      result.verdict = Verdict::HarnessSuspect;
      result.text = wrong;
    }
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
  PrintingTrace printer_;
  std::vector<JunitCase> cases_;
  std::size_t passed_ = 0;
  ProbeCounts probes_;
  int code_ = 0;
};

int run(const Options& options) {
  Runs runs(options);
  if (!runs.load()) return static_cast<int>(Verdict::ScenarioError);
  run_jobs(runs, options.print_events ? 0 : options.jobs);
  return runs.summary();
}

void add_options(CLI::App& command, Options& options) {
  command.add_option("PATH", options.paths, "Scenario files, or directories of them")->required();
  auto* seed = command.add_option("--seed", options.seed, "Run this seed only");
  command.add_option("--seeds", options.seeds, "Run these seeds: A..B (default: as the file says)")
      ->excludes(seed);
  command.add_option("--section", options.section, "Run only the section [NAME] of each file");
  command.add_option("--jobs", options.jobs,
                     "Processes to run side by side; 0: all in this one, for a debugger");
  command.add_flag("--json", options.json, "One JSON object for each run");
  command.add_flag("--quiet", options.quiet, "Print only failures and the sum");
  command.add_flag("--probes", options.probes,
                   "At the end, how often each probe was reached (quorate-sim probes); what is "
                   "replayed counts again");
  command.add_flag("--no-replay-check", options.no_replay_check,
                   "Do not replay each recording on a fresh master (faster)");
  command.add_option("--html", options.html,
                     "Leave a picture of each failure in this folder: NAME.html, one file for any\n"
                     "browser, and its trace NAME.json. NAME is scenario, section and seed");
  command.add_flag("--html-all", options.html_all, "With --html: of runs that pass, too");
  command.add_option("--trace", options.trace,
                     "Write the trace of the run to this file, as JSON\n"
                     "(docs/formats/sim-trace.md). For one run only");
  command.add_option("--junit", options.junit,
                     "Write a JUnit report to this file: a test case for each run");
  command.add_flag("--print-events", options.print_events,
                   "Print every event and log line to stderr, no --jobs");
}

}  // namespace

void add_run_command(CLI::App& app, const std::string& program, Commands& commands) {
  CLI::App* command = app.add_subcommand("run", "Run scenarios; one line per scenario and seed");
  auto options = std::make_shared<Options>();
  options->program = program;
  add_options(*command, *options);
  command->footer(kExitCodesHelp);
  commands.push_back({command, [options] { return run(*options); }});
}

}  // namespace quorate::sim
