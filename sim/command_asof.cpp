#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "sim/asof.h"
#include "sim/commands.h"
#include "sim/line_reader.h"
#include "sim/master_node.h"
#include "sim/scenario_files.h"
#include "sim/why.h"

// quorate-sim asof, quorate-sim why

namespace quorate::sim {
namespace {

constexpr int kMistake = static_cast<int>(Verdict::ScenarioError);

struct LookOptions {
  std::string time;
  std::string file;
  std::string section;
  std::uint64_t seed = 1;
  std::size_t points = 12;
  std::uint64_t tries = 10;
  std::size_t jobs = 1;
  bool json = false;
};

// The scenario with only the section that is looked at; a mistake is printed.
std::optional<Scenario> load(const LookOptions& options) {
  Result<ParsedScenario> parsed = load_scenario(options.file);
  if (!parsed) {
    std::fprintf(stderr, "quorate-sim: %s\n", parsed.error().text.c_str());
    return std::nullopt;
  }
  for (const Mistake& mistake : parsed->mistakes)
    std::fprintf(stderr, "%s\n", to_text(options.file, mistake).c_str());
  if (!parsed->mistakes.empty()) return std::nullopt;
  if (!options.section.empty())
    std::erase_if(parsed->scenario.sections,
                  [&](const Section& section) { return section.name != options.section; });
  if (parsed->scenario.sections.empty()) {
    std::fprintf(stderr, "quorate-sim: %s has no section [%s]\n", options.file.c_str(),
                 options.section.c_str());
    return std::nullopt;
  }
  return std::move(parsed->scenario);
}

int asof(const LookOptions& options) {
  const std::optional<Duration> time = parse_time(options.time);
  if (!time) {
    std::fprintf(stderr, "quorate-sim: asof %s: expected a time like 12s or 12345ms\n",
                 options.time.c_str());
    return kMistake;
  }
  const std::optional<Scenario> scenario = load(options);
  if (!scenario) return kMistake;
  MasterFactory masters;
  Snapshotter snapshotter;
  RunOptions how;
  how.replay_check = false;
  how.bystander = &snapshotter;
  how.bystander_at = SimTime{} + *time;
  const RunResult result =
      run_section(*scenario, scenario->sections.front(), options.seed, masters, how);
  if (!snapshotter.seen) {
    std::fprintf(stderr, "quorate-sim: the run is over at %s: %s\n", to_text(result.time).text,
                 std::string(to_text(result.verdict)).c_str());
    return kMistake;
  }
  const WorldAt& seen = *snapshotter.seen;
  std::fputs(options.json ? json_text(seen).c_str() : to_text(seen).c_str(), stdout);
  return 0;
}

int why(const LookOptions& options) {
  const std::optional<Scenario> scenario = load(options);
  if (!scenario) return kMistake;
  const Section& section = scenario->sections.front();
  MasterFactory masters;
  const RunResult result = run_section(*scenario, section, options.seed, masters, {});
  if (result.verdict == Verdict::Pass) {
    std::fprintf(stderr, "quorate-sim: %s passes with seed %llu: there is nothing to explain\n",
                 options.file.c_str(), static_cast<unsigned long long>(options.seed));
    return kMistake;
  }
  const Signature wanted = signature_of(result.verdict, result.step, result.text);
  WhyBatch batch(*scenario, options.seed, wanted, evenly(result.time, options.points),
                 options.tries);
  run_jobs(batch, std::max<std::size_t>(options.jobs, 1));
  if (options.json) {
    std::fputs(json_text(batch.points()).c_str(), stdout);
  } else {
    std::printf("%s at %s\n%s", to_text(wanted).c_str(), to_text(result.time).text,
                to_text(batch.points(), section).c_str());
  }
  return static_cast<int>(result.verdict);
}

void add_common(CLI::App& command, LookOptions& options) {
  command.add_option("FILE", options.file, "The scenario")->required();
  command.add_option("--seed", options.seed, "The seed of the run")->required();
  command.add_option("--section", options.section, "The section (default: the first)");
  command.add_flag("--json", options.json, "One JSON object");
}

constexpr const char* kAsofFooter =
    "Shows each master as it is at that moment of the run: process and run, who leads, session,\n"
    "status, promise, positions, what waits, its last exit, and the hash over all events so far.\n"
    "Looking changes nothing: the run has the same hash.\n\n"
    "Exit codes: 0; 4: a mistake, or the run is over before that time.\n\n"
    "Example:\n"
    "  quorate-sim asof 31500ms --seed=7 scenarios/leader_killed_schedule_survives.scenario";

constexpr const char* kWhyFooter =
    "Repeats the run up to evenly spread moments and goes on from there with other chance, "
    "several\n"
    "times: connections, sessions and boots that begin later have other delays; what is open goes\n"
    "on as it was. The share of tries that fail in the same way rises where the failure is "
    "decided.\n"
    "The steps of the scenario between the two moments of the steepest rise are named.\n\n"
    "Exit codes: that of the failure (1, 2, 3, 5, 6); 4: a mistake, or the run passes.\n\n"
    "Example:\n"
    "  quorate-sim why --seed=4711 --points=20 --tries=20 --jobs=2 found/storm_4711.scenario";

}  // namespace

void add_asof_commands(CLI::App& app, Commands& commands) {
  CLI::App* command = app.add_subcommand("asof", "Show every master's state at a time of a run");
  auto options = std::make_shared<LookOptions>();
  command->add_option("TIME", options->time, "A time of the world: 12s, 12345ms")->required();
  add_common(*command, *options);
  command->footer(kAsofFooter);
  commands.push_back({command, [options] { return asof(*options); }});

  CLI::App* second = app.add_subcommand(
      "why", "Show how the probability of a failure rises along the run that fails");
  auto others = std::make_shared<LookOptions>();
  add_common(*second, *others);
  second->add_option("--points", others->points, "Moments to try from (default 12)")
      ->check(CLI::Range(1, 1000));
  second->add_option("--tries", others->tries, "Runs from each of them (default 10)")
      ->check(CLI::Range(1, 1000));
  second->add_option("--jobs", others->jobs, "Processes to run side by side (default 1)");
  second->footer(kWhyFooter);
  commands.push_back({second, [others] { return why(*others); }});
}

}  // namespace quorate::sim
