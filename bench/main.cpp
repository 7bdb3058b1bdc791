#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/log_command.h"
#include "bench/micro.h"
#include "bench/options.h"
#include "bench/replica.h"

// quorate-bench: which of its commands was asked.

namespace {

constexpr const char* kHelp = R"(Usage: quorate-bench COMMAND [OPTION...]

  log    the replicated log over real disks and processes: speed, latency, CPU, memory, disk
  micro  what the pure rooms cost, one operation each (Google Benchmark, --benchmark_filter=...)

quorate-bench COMMAND --help says more. Compare runs of one machine only.
)";

int usage(const std::string& why) {
  std::fprintf(stderr, "quorate-bench: %s\n\n%s", why.c_str(), kHelp);
  return 64;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "";
  const std::vector<std::string> arguments(argv + (argc > 1 ? 2 : 1), argv + argc);
  if (command == "--help" || command == "help") {
    std::fputs(kHelp, stdout);
    return 0;
  }
  // A replica that is gone is found out by its pipe's end, not by a signal.
  std::signal(SIGPIPE, SIG_IGN);
  if (command == "log") return quorate::bench::run_log(arguments);
  if (command == "micro") return quorate::bench::run_micro(argc - 1, argv + 1);
  if (command == "replica") {  // started by `log`
    const auto options = quorate::bench::parse_replica_options(arguments);
    return options ? quorate::bench::run_replica(*options) : usage(options.error().text);
  }
  return usage(command.empty() ? "a command is needed" : "no such command: " + command);
}
