#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include <CLI/CLI.hpp>

#include "sim/commands.h"
#include "sim/scenario_json.h"
#include "sim/scenario_runner.h"

// quorate-sim convert

namespace quorate::sim {
namespace {

struct ConvertOptions {
  std::string file;
  std::string to = "json";
};

int convert(const ConvertOptions& options) {
  std::ifstream in(options.file);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) {
    std::fprintf(stderr, "quorate-sim: cannot read %s\n", options.file.c_str());
    return static_cast<int>(Verdict::ScenarioError);
  }
  const Result<std::string> converted =
      options.to == "json" ? scenario_to_json(text.str()) : scenario_from_json(text.str());
  if (!converted) {
    std::fprintf(stderr, "quorate-sim: %s: %s\n", options.file.c_str(),
                 converted.error().text.c_str());
    return static_cast<int>(Verdict::ScenarioError);
  }
  std::fputs(converted->c_str(), stdout);
  return 0;
}

constexpr const char* kConvertFooter =
    "The twin is {\"format\": \"quorate-scenario-1\", \"lines\": [...]}; each line is one object:\n"
    "{\"header\", \"value\"}, {\"section\"}, {\"masters\", \"flags\"}, {\"when\", \"do\"} or "
    "{\"comment\"}, in the\n"
    "order of the file. There and back the scenario is the same; comments behind a step are "
    "lost.\n\n"
    "Exit codes: 0; 4: a mistake in the file.\n\n"
    "Example:\n"
    "  quorate-sim convert scenarios/whole_cluster_restarts.scenario > twin.json\n"
    "  quorate-sim convert --to=text twin.json";

}  // namespace

void add_convert_command(CLI::App& app, Commands& commands) {
  CLI::App* command =
      app.add_subcommand("convert", "Print the JSON twin of a scenario, or the text of a twin");
  auto options = std::make_shared<ConvertOptions>();
  command->add_option("FILE", options->file, "The scenario, or its twin")->required();
  command->add_option("--to", options->to, "json (default) or text")
      ->check(CLI::IsMember({"json", "text"}));
  command->footer(kConvertFooter);
  commands.push_back({command, [options] { return convert(*options); }});
}

}  // namespace quorate::sim
