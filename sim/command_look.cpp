#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "sim/commands.h"
#include "sim/scenario_files.h"
#include "sim/scenario_runner.h"

// quorate-sim list, quorate-sim lint

namespace quorate::sim {
namespace {

using Paths = std::vector<std::string>;

// `list` prints what there is, `lint` all mistakes.
int look(const Paths& paths, bool list) {
  Result<std::vector<std::string>> files = scenario_files(paths);
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

void add(CLI::App& app, bool list, Commands& commands) {
  CLI::App* command = list ? app.add_subcommand("list", "List scenarios and what they are about")
                           : app.add_subcommand("lint", "Print every mistake in scenarios");
  auto paths = std::make_shared<Paths>();
  command->add_option("PATH", *paths, "Files or directories")->required();
  commands.push_back({command, [paths, list] { return look(*paths, list); }});
}

}  // namespace

void add_look_commands(CLI::App& app, Commands& commands) {
  add(app, true, commands);
  add(app, false, commands);
}

}  // namespace quorate::sim
