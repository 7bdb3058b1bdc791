#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "faults/fault.h"
#include "sim/commands.h"

// quorate-sim faults

namespace quorate::sim {
namespace {

struct Options {
  bool markdown = false;
  bool json = false;
};

int show(const Options& options) {
  if (options.markdown) {
    std::fputs(faults::kinds_as_markdown().c_str(), stdout);
  } else if (options.json) {
    std::fputs(faults::kinds_as_json().c_str(), stdout);
  } else {
    for (const faults::FaultDescription& kind : faults::fault_kinds())
      std::printf("%-18s %s\n%20s%s\n", std::string(kind.name).c_str(),
                  std::string(kind.form).c_str(), "", std::string(kind.about).c_str());
  }
  return 0;
}

}  // namespace

void add_faults_command(CLI::App& app, Commands& commands) {
  CLI::App* command =
      app.add_subcommand("faults", "List the kinds of faults that a world can have");
  auto options = std::make_shared<Options>();
  auto* markdown =
      command->add_flag("--markdown", options->markdown, "As docs/faults.md, which is made by it");
  command->add_flag("--json", options->json, "One JSON array, an object for each kind")
      ->excludes(markdown);
  command->footer(
      "Each kind with its step as it stands in a scenario, and what it does. What one costs in\n"
      "terms of the guarantee is in docs/faults.md and faults/README.md.\n\n"
      "Examples:\n"
      "  quorate-sim faults\n"
      "  quorate-sim faults --json | jq -r '.[].form'\n"
      "  quorate-sim faults --markdown > docs/faults.md\n\n"
      "Exit code: 0.");
  commands.push_back({command, [options] { return show(*options); }});
}

}  // namespace quorate::sim
