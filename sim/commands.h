#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/probe_counts.h"
#include "sim/world.h"

namespace CLI {  // not ours. NOLINT(readability-identifier-naming)
class App;
}

namespace quorate::sim {

// The subcommands of quorate-sim. Each command_*.cpp has the options, the help and the work of one,
// and keeps its options for as long as the program runs.
struct Command {
  CLI::App* app = nullptr;    // parsed: this one was asked for
  std::function<int()> work;  // gives the exit code
};
using Commands = std::vector<Command>;

// `program`: as it was called, for lines that replay.
void add_run_command(CLI::App& app, const std::string& program, Commands& commands);
void add_look_commands(CLI::App& app, Commands& commands);  // list, lint
void add_faults_command(CLI::App& app, Commands& commands);
void add_log_command(CLI::App& app, const std::string& program, Commands& commands);
void add_probes_command(CLI::App& app, Commands& commands);
void add_replay_command(CLI::App& app, Commands& commands);
void add_explore_command(CLI::App& app, Commands& commands);
void add_selftest_command(CLI::App& app, Commands& commands);
void add_search_command(CLI::App& app, const std::string& program, Commands& commands);
void add_shrink_command(CLI::App& app, const std::string& program, Commands& commands);
void add_asof_commands(CLI::App& app, Commands& commands);  // asof, why
void add_convert_command(CLI::App& app, Commands& commands);
void add_bench_command(CLI::App& app, Commands& commands);

// What `--help` says of exit codes.
extern const char* const kExitCodesHelp;

// "A..B", or one number for both.
std::optional<std::pair<std::uint64_t, std::uint64_t>> seed_range(const std::string& text);

// Prints every event and log line to stderr, with true time.
class PrintingTrace final : public Trace {
 public:
  void line(SimTime now, std::string_view who, std::string_view what) override;
};

// The end of a campaign: the table of probes, or one JSON object {"probes": ...} on a line.
void print_probes(const ProbeCounts& counts, bool json);

// What a broken invariant prints before the process ends, for instance the line that replays the
// run. To be called before each run.
void print_if_aborted(const std::string& line);

}  // namespace quorate::sim
