#include <malloc.h>

#include <CLI/CLI.hpp>

#include "sim/arena.h"
#include "sim/commands.h"
#include "sim/scenario_runner.h"

// quorate-sim: runs the production master in a simulated world.

int main(int argc, char** argv) {
  using namespace quorate::sim;
  // Disk images and their reads come and go by the megabyte: keep the memory instead of asking the
  // kernel for zeroed pages each time.
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 16 << 20);
  use_arena();
  CLI::App app("quorate-sim runs the production master in a simulated world.", "quorate-sim");
  app.footer(kExitCodesHelp);
  app.require_subcommand(1);
  const std::string program = argv[0];
  Commands commands;
  add_run_command(app, program, commands);
  add_look_commands(app, commands);
  add_faults_command(app, commands);
  add_log_command(app, program, commands);
  add_probes_command(app, commands);
  add_replay_command(app, commands);
  add_explore_command(app, commands);
  add_selftest_command(app, commands);
  add_search_command(app, program, commands);
  add_shrink_command(app, program, commands);
  add_asof_commands(app, commands);
  add_convert_command(app, commands);
  add_bench_command(app, commands);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(Verdict::ScenarioError);
  }
  for (const Command& command : commands)
    if (command.app->parsed()) return command.work();
  return static_cast<int>(Verdict::ScenarioError);
}
