#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/time.h"

namespace quorate::faults {

// What can be done to the world. Plain data; sim/ carries it out. README.md is the fault model.
enum class FaultKind : std::uint8_t {
  // Programs and links: verbs of a scenario.
  Start,
  Stop,
  Kill,
  PowerLoss,
  Pause,
  Resume,
  Cut,
  Heal,
  // Disks.
  TornWrite,
  LostWrite,
  MisdirectedWrite,
  BitRot,
  FailedSync,
  SlowSync,
  DiskFull,
  DiskFreed,
  SaveCopy,
  RestoreCopy,
  Wipe,
  // Messages between replicas.
  LoseMessages,
  DuplicateMessages,
  DelayMessages,
  MutateMessages,
  // Coordination.
  TwoLeaders,
};
inline constexpr std::size_t kFaultKinds = 24;

// Which files of a log's directory a disk fault is for.
enum class FileClass : std::uint8_t { Any, Metadata, Segment, Snapshot };
bool in_class(std::string_view file, FileClass wanted);

// One fault on named parts of the world: hosts, "zookeeper" (all servers), zk1.., "client", or
// names that a scenario found at run time (L, other1).
struct Fault {
  FaultKind kind = FaultKind::Start;
  // Of faults of processes and disks: the hosts or ZooKeeper servers that it befalls.
  std::vector<std::string> targets = {};
  // Of Cut and Heal: the sides. Everything on one side is parted from everything on the others; in
  // one direction only (from the first to the second) when `one_way`. Heal without sides:
  // everything.
  std::vector<std::vector<std::string>> sides = {};
  bool one_way = false;
  // Of a write, a sync or a crash: it befalls the operation of its sort that follows this many
  // others; none: at once (of a write or sync: the next). For Kill and PowerLoss every operation of
  // the disk is of its sort, so that a crash can fall between any two.
  std::optional<std::uint64_t> after = std::nullopt;
  FileClass file = FileClass::Any;  // of a write, a sync, or bit rot
  Duration by{};                    // SlowSync: how much longer; DelayMessages: at most
  std::uint32_t ppm = 0;            // of messages: how many of a million, from now on; 0 ends it

  bool operator==(const Fault&) const = default;
};

// What a fault costs in terms of the guarantee (budget.h).
enum class Cost : std::uint8_t {
  Nothing,     // the log must bear any number of them
  Replica,     // the replica's votes may be lost, and it can tell so by itself
  OldReplica,  // the same, but only its peers can tell (protocol.md 12, 19)
};

// What is known of a kind, for documents, lint and counters.
struct FaultDescription {
  FaultKind kind;
  std::string_view verb;   // as it stands in a scenario or schedule
  std::string_view form;   // its grammar
  std::string_view about;  // one sentence
  Cost cost = Cost::Nothing;
  bool in_scenarios = false;  // the language of scenarios has it
};
const std::array<FaultDescription, kFaultKinds>& fault_kinds();
const FaultDescription& description_of(FaultKind kind);
std::optional<FaultKind> parse_fault_kind(std::string_view verb);

// As it stands in a scenario or schedule: "cut {m1 m2} | {m3 zookeeper}", "lost-write m1 in segment
// after 3".
std::string to_text(const Fault& fault);

}  // namespace quorate::faults
