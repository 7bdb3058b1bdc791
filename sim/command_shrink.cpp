#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "master/base/json.h"
#include "sim/build_id.h"
#include "sim/commands.h"
#include "sim/line_reader.h"
#include "sim/process_trial.h"
#include "sim/scenario_files.h"
#include "sim/shrink_report.h"

// quorate-sim shrink

namespace quorate::sim {
namespace {

struct ShrinkOptions {
  std::string program;
  std::string file;
  std::string section;
  std::uint64_t seed = 1;
  std::string out;
  std::size_t jobs = 1;
  std::uint64_t seconds = 300;
  bool json = false;
  bool quiet = false;
};

// The scenarios that may be meant, of one section each; empty: a mistake was said.
std::vector<std::string> candidates(const ShrinkOptions& options, const std::string& text) {
  const ParsedScenario parsed = parse_scenario(options.file, text);
  for (const Mistake& mistake : parsed.mistakes)
    std::fprintf(stderr, "%s\n", to_text(options.file, mistake).c_str());
  if (!parsed.mistakes.empty()) return {};
  std::vector<std::string> out;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < parsed.scenario.sections.size(); ++i) {
    names.push_back(parsed.scenario.sections[i].name);
    if (options.section.empty() || names.back() == options.section)
      out.push_back(only_section(text, parsed.scenario, i));
  }
  if (out.empty())
    std::fprintf(stderr, "quorate-sim: --section=%s: %s has no such section, the nearest is '%s'\n",
                 options.section.c_str(), options.file.c_str(),
                 std::string(nearest(options.section, names)).c_str());
  return out;
}

// The first that fails, and how; of none that does the first.
std::pair<std::string, Signature> failing(const std::vector<std::string>& texts, Trial& trial) {
  const std::vector<Signature> seen = trial.run(texts);
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (seen[i].verdict != Verdict::Pass) return {texts[i], seen[i]};
  return {texts.front(), seen.front()};
}

int shrink_file(const ShrinkOptions& options) {
  std::ifstream in(options.file);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) {
    std::fprintf(stderr, "quorate-sim: cannot read %s\n", options.file.c_str());
    return static_cast<int>(Verdict::ScenarioError);
  }
  const std::vector<std::string> sections = candidates(options, text.str());
  if (sections.empty()) return static_cast<int>(Verdict::ScenarioError);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
  ProcessTrial trial({.seed = options.seed,
                      .jobs = std::max<std::size_t>(options.jobs, 1),
                      .out_of_time = [until] { return std::chrono::steady_clock::now() > until; },
                      .progress =
                          [&options](std::size_t events, std::uint64_t runs) {
                            if (!options.quiet)
                              std::fprintf(stderr, "%zu events left after %llu runs\n", events,
                                           static_cast<unsigned long long>(runs));
                          }});
  const auto [scenario, wanted] = failing(sections, trial);
  if (wanted.verdict == Verdict::Pass || wanted.verdict == Verdict::ScenarioError) {
    std::fprintf(stderr, "quorate-sim: %s with seed %llu: %s: there is nothing to shrink\n",
                 options.file.c_str(), static_cast<unsigned long long>(options.seed),
                 to_text(wanted).c_str());
    return static_cast<int>(Verdict::ScenarioError);
  }
  const Shrunk shrunk = shrink(scenario, wanted, trial, std::max<std::size_t>(options.jobs, 1));
  const std::string report = shrunk_file(shrunk, wanted, options.seed, build_id());
  if (!options.out.empty()) std::ofstream(options.out) << report;
  const std::string replay = fmt::format("{} run --seed={} {}", options.program, options.seed,
                                         options.out.empty() ? "FILE" : options.out);
  if (options.json) {
    std::fputs(json_report(shrunk, wanted, options.seed, replay).c_str(), stdout);
  } else {
    std::fputs(report.c_str(), stdout);
    std::printf("replay: %s\n", replay.c_str());
  }
  return static_cast<int>(wanted.verdict);
}

void add_options(CLI::App& command, ShrinkOptions& options) {
  command.add_option("FILE", options.file, "The scenario that fails")->required();
  command.add_option("--section", options.section,
                     "The section that fails (default: the first one that fails with this seed)");
  command.add_option("--seed", options.seed, "The seed with which it fails")->required();
  command.add_option("-o,--out", options.out, "Where the smaller scenario is written");
  command.add_option("--jobs", options.jobs, "Scenarios that are tried side by side (default 1)");
  command.add_option("--seconds", options.seconds,
                     "Ends after this time with what it has (default 300)");
  command.add_flag("--quiet", options.quiet, "No progress on stderr");
  command.add_flag("--json", options.json, "One JSON object instead of the scenario");
}

constexpr const char* kShrinkFooter =
    "Leaves out lines of events while the scenario fails in the same way: the same verdict, and "
    "the\n"
    "same oracle or the same step. Halves first, then smaller pieces, until no single line can "
    "go;\n"
    "then values are made simpler: fewer names, rounder times, the lan, one ZooKeeper server, no\n"
    "flags. Randomness is keyed, so a line that goes moves nothing else by chance.\n\n"
    "Of a file with several sections one is shrunk, and the result has only that one.\n\n"
    "The result says in comments what happens without each event that stayed.\n\n"
    "Exit codes: that of the failure (1, 2, 3, 5, 6); 4: a mistake in the file or on the command\n"
    "line, or the scenario does not fail.\n\n"
    "Example:\n"
    "  quorate-sim shrink --seed=4711 found/storm_4711.scenario -o found/storm_4711.min.scenario";

}  // namespace

void add_shrink_command(CLI::App& app, const std::string& program, Commands& commands) {
  CLI::App* command =
      app.add_subcommand("shrink", "Make a failing scenario as small as it can be, and explain it");
  auto options = std::make_shared<ShrinkOptions>();
  options->program = program;
  add_options(*command, *options);
  command->footer(kShrinkFooter);
  commands.push_back({command, [options] { return shrink_file(*options); }});
}

}  // namespace quorate::sim
