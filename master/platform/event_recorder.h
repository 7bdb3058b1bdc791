#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "master/base/result.h"
#include "master/ports/event.h"
#include "master/ports/ports.h"

namespace quorate::platform {

struct RecorderSettings {
  std::string directory;  // made if it is missing; each start has a folder of its own in it
  std::uint64_t bytes_max = std::uint64_t{256} << 20;  // of one start, as it lies on the disk
  // What a replay needs to know, without secrets.
  std::string version;
  std::uint64_t seed = 0;
  std::vector<std::string> arguments;  // of the command line
  std::map<std::string, std::string> environment;
  // In the Upgrade field of a link between masters: what follows is no text (header_mask.h).
  std::string link_token;
};

// Records what a production master is given, from its start on (docs/formats/recording.md), so that
// `quorate-sim replay` can live through an incident again.
//
// Each event is in the page cache before the master sees it: a process that ends, whatever ends it,
// leaves all of them. Pieces of 4 MiB are compressed by a thread of their own. At `bytes_max`, or
// when the disk refuses, the recording ends, says so at its end and in the log, and the master goes
// on. The folders of the last 8 starts are kept, older ones are removed.
//
// On the loop's thread only.
class EventRecorder {
 public:
  // `inner` are the real ports; they outlive this. An error is a matter of configuration.
  static Result<std::unique_ptr<EventRecorder>> make(const RecorderSettings& settings,
                                                     const Ports& inner);
  ~EventRecorder();
  EventRecorder(const EventRecorder&) = delete;
  EventRecorder& operator=(const EventRecorder&) = delete;

  // What the master is given in the place of `inner`: its calls are taken down.
  Ports ports();
  void started(const Now& now);
  // To be called before the master handles it.
  void event(const Now& now, const Event& event);
  bool recording() const;
  // The folder of this start.
  const std::string& folder() const;

 private:
  struct Impl;
  explicit EventRecorder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorate::platform
