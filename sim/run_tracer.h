#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/host_trace.h"
#include "sim/run_trace.h"
#include "sim/votes.h"
#include "sim/wire_trace.h"
#include "sim/zk_trace.h"

namespace quorate::sim {

enum class LaneKind : std::uint8_t { Client, Master, Zookeeper };

struct TraceLane {
  std::string name;
  LaneKind kind = LaneKind::Master;
};

// What one replica's disk holds at the end.
struct TraceSlot {
  paxos::Position position;
  paxos::Ballot ballot;
  std::string entry;  // "data, 120 bytes"
  Digest digest;      // of the entry
};
struct TraceLog {
  Place lane;
  paxos::Position learned;
  std::vector<TraceSlot> slots;  // the last ones, rising
};

// The evidence of two values at one position.
struct TraceConflict {
  paxos::Position position;
  std::vector<Votes::Proposal> proposals;
};

class RunTracer;

// All that a picture is made of.
struct Tracing {
  std::vector<TraceLane> lanes;  // by Place
  RunTrace run;
  std::map<ReplicaId, Place> replicas;
  std::vector<TraceLog> logs;
  std::optional<TraceConflict> conflict;
  RunTracer* collecting = nullptr;  // while a run is under way
};

// Collects a Tracing while a cluster runs. It sees what a wire, a disk, a process's calls and a
// client would show, and changes nothing.
class RunTracer {
 public:
  RunTracer(Tracing& out, Cluster& cluster, const HttpClients& clients);
  ~RunTracer() { out_.collecting = nullptr; }
  RunTracer(const RunTracer&) = delete;
  RunTracer& operator=(const RunTracer&) = delete;

  SimTime now() const { return cluster_.world().now(); }
  std::uint64_t hash() const { return cluster_.world().hash(); }

  // A step of the scenario is about to be carried out.
  void step(std::size_t line, const std::string& text, bool fault);
  // Reads the disks; after the run.
  void finish();

 private:
  static constexpr std::size_t kSlotsShown = 200;
  void read_disk(const Host& host);

  Tracing& out_;
  Cluster& cluster_;
  Votes votes_;
  WireTrace wires_;
  ZkTrace zookeeper_;
  HostTrace hosts_;
};

}  // namespace quorate::sim
