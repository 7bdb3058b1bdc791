#include <iostream>
#include <string>
#include <thread>

#include <unistd.h>

#include "bench/replica.h"
#include "master/platform/entropy.h"
#include "master/platform/real_ports.h"

// The process around a replica: real ports; stdin's lines become events.

namespace quorate::bench {
namespace {

// Blocks on stdin, so it has a thread of its own. The end of stdin is the end of the bench.
void read_commands(platform::EventLoop& loop) {
  std::string line;
  while (std::getline(std::cin, line)) loop.post(FileRead{{}, line, 0, {}});
  loop.post(StopRequested{});
}

}  // namespace

int run_replica(const ReplicaOptions& options) {
  platform::RealSettings settings;
  settings.disk_directory = options.directory;
  settings.disk_sync_delay = options.sync_delay;
  settings.log.program = "quorate-bench";
  settings.log.quiet = !options.verbose;
  auto real = platform::RealPorts::make(settings);
  if (!real) {
    std::cerr << "quorate-bench: " << real.error().text << "\n";
    return code(Exit::Configuration);
  }
  platform::EventLoop& loop = (*real)->loop();
  Replica replica(options, (*real)->ports(), platform::seed());
  replica.start(platform::EventLoop::now());
  std::thread(read_commands, std::ref(loop)).detach();
  loop.run(replica);
  return 0;
}

}  // namespace quorate::bench
