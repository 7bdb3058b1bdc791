#pragma once

#include <memory>
#include <string>

#include "master/base/result.h"
#include "master/platform/event_loop.h"
#include "master/platform/unix_process.h"
#include "master/platform/zookeeper_coordination.h"
#include "master/ports/ports.h"

namespace quorate::platform {

struct RealSettings {
  std::string disk_directory;  // of the replicated log; touched only when the master opens the disk
  Duration disk_sync_delay;    // artificial, for benchmarks
  ZookeeperSettings zookeeper;  // servers empty: no session can be opened
  LogSettings log;
  std::string credentials_text;  // content of the file that --credentials names
};

// All real ports of one master, and the loop under them. A main function is:
//
//   auto real = RealPorts::make(settings);           // an Error here is a matter of configuration
//   Master master(config, (*real)->ports(), seed());
//   Sink sink(master);                               // EventSink: master.handle(now, event)
//   master.start(EventLoop::now());
//   (*real)->loop().run(sink);                       // ends by Process::exit or fail_fast
class RealPorts {
 public:
  static Result<std::unique_ptr<RealPorts>> make(const RealSettings& settings);
  ~RealPorts();
  RealPorts(const RealPorts&) = delete;
  RealPorts& operator=(const RealPorts&) = delete;

  // Valid as long as this.
  Ports ports();
  EventLoop& loop();
  UnixProcess& process();

 private:
  struct Impl;
  explicit RealPorts(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorate::platform
