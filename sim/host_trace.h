#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "sim/cluster.h"
#include "sim/run_trace.h"

namespace quorate::sim {

// Turns what happens to processes and links into marks of a RunTrace: starts, exits, pauses, roles,
// sessions, syncs, log lines, cuts.
class HostTrace final : public HostTap, public LinkWatcher {
 public:
  HostTrace(RunTrace& trace, Cluster& cluster);
  ~HostTrace() override;

  void on_start(const Host& host) override;
  void on_end(const Host& host, const ExitRecord& exit) override;
  void on_pause(const Host& host, bool paused) override;
  void on_event(const Host& host, const Event& event) override;
  void on_call(const Host& host, const Bytes& effect) override;
  void links_healed() override {}
  void link_changed(Place from, Place to, bool open) override;

 private:
  RunTrace::Id mark(Place lane, TraceMarkKind kind, std::string text, Place other = kNoLane);

  RunTrace& trace_;
  Cluster& cluster_;
  std::map<Place, RunTrace::Id> pauses_;
  std::map<std::pair<Place, Place>, RunTrace::Id> cuts_;
  std::map<std::pair<Place, DiskTicket>, RunTrace::Id> syncs_;  // under way
};

}  // namespace quorate::sim
