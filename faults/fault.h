#pragma once

#include <cstdint>
#include <optional>
#include <span>
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
  // Programs and their machines.
  SlowCpu,
  Restart,
  StartWith,
  StartExtra,
  LoseNames,
  SlowNames,
  // Clocks.
  ClockRate,
  WallRate,
  ClockForward,
  ClockBackward,
  ClockLeap,
  // Links.
  SlowLink,
  NarrowLink,
  Clog,
  Reset,
  Refuse,
  DropDials,
  HalfOpen,
  Shred,
  // More of disks.
  FailedRead,
  FailedWrite,
  SlowDisk,
  HungDisk,
  LoseFile,
  CutFile,
  CloneDisk,
  // More of coordination.
  ExpireSession,
  DeleteNode,
  LagServer,
  LoseAccess,
};

// Which files of a log's directory a disk fault is for.
enum class FileClass : std::uint8_t { Any, Metadata, Segment, Snapshot };
bool in_class(std::string_view file, FileClass wanted);

// One fault on named parts of the world: hosts, "zookeeper" (all servers), zk1.., "client", or
// names that a scenario found at run time (L, other1).
struct Fault {
  FaultKind kind = FaultKind::Start;
  // Of faults of processes and disks: the hosts or ZooKeeper servers that it befalls.
  std::vector<std::string> targets = {};
  // Of Cut, Heal and the faults of links: the sides. Everything on one side is parted from
  // everything on the others; in one direction only (from the first to the second) when `one_way`.
  // Heal without sides: everything.
  std::vector<std::vector<std::string>> sides = {};
  bool one_way = false;
  // Of a write, a sync or a crash: it befalls the operation of its sort that follows this many
  // others; none: at once (of a write or sync: the next). For Kill and PowerLoss every operation of
  // the disk is of its sort, so that a crash can fall between any two.
  std::optional<std::uint64_t> after = std::nullopt;
  FileClass file = FileClass::Any;  // of a write, a sync, or bit rot
  // SlowSync, SlowDisk, SlowCpu, SlowNames, SlowLink, LagServer: how much longer; DelayMessages: at
  // most; clocks: how far.
  Duration by{};
  std::uint32_t ppm = 0;  // of messages: how many of a million, from now on; 0 ends it
  Duration lasting{};     // HungDisk, Clog, LoseAccess: for how long
  Duration jitter{};      // SlowLink: up to so much more, drawn for each piece
  // ClockRate, WallRate: how much faster than true time, in parts per 1 000 000 000.
  std::int64_t rate_ppb = 0;
  std::uint64_t bytes_per_second = 0;   // NarrowLink
  std::vector<std::string> flags = {};  // Restart, StartWith, StartExtra: "quorum=3"

  bool operator==(const Fault&) const = default;
};

// What a fault costs in terms of the guarantee (budget.h).
enum class Cost : std::uint8_t {
  Nothing,     // the log must bear any number of them
  Replica,     // the replica's votes may be lost, and it can tell so by itself
  OldReplica,  // the same, but only its peers can tell (protocol.md 12, 19)
};

// What the kinds are sorted by in documents.
enum class Family : std::uint8_t {
  Programs,
  Links,
  Messages,
  Disks,
  Clocks,
  Operators,
  Coordination
};
std::string_view to_text(Family family);

// What a fault is for: the words after its verb.
enum class Targets : std::uint8_t {
  None,
  Programs,        // masters or ZooKeeper servers
  Masters,         // masters
  Servers,         // ZooKeeper servers
  OneMaster,       // one
  FromTo,          // two: from the first to the second
  NewMaster,       // a name that no master has yet
  Sides,           // {A B} | {C}, or {A} -> {B}: masters, ZooKeeper servers, client
  SidesOrNothing,  // the same, or nothing: everywhere
  HostSides,       // the same among masters and client
};

// What may follow: each is a bit. `by` and the like are written in this order.
enum Parameter : std::uint32_t {
  kIn = 1,           // in CLASS
  kAfter = 2,        // after N
  kPpm = 4,          // PPM
  kBy = 8,           // by TIME
  kFor = 16,         // for TIME
  kWith = 32,        // with FLAG=VALUE...
  kRate = 64,        // rate=1.02
  kWallRate = 128,   // wall-rate=0.98
  kForward = 256,    // jump=+TIME
  kBackward = 512,   // jump=-TIME
  kLeap = 1024,      // leap=TIME
  kDelay = 2048,     // delay=TIME
  kJitter = 4096,    // jitter=TIME
  kBandwidth = 8192  // bandwidth=BYTES
};

// What is known of a kind, for the parser, documents, lint and counters. A new kind is a row of
// kinds.cpp and its execution (sim/fault_runner.cpp for scenarios).
struct FaultDescription {
  FaultKind kind;
  Family family;
  std::string_view name;   // of the kind: no other has it
  std::string_view verb;   // as it begins in a scenario or schedule; some kinds share one
  std::string_view form;   // its grammar
  std::string_view about;  // sentences
  Targets targets;
  std::uint32_t required = 0;  // parameters
  std::uint32_t optional = 0;
  Cost cost = Cost::Nothing;
  bool in_scenarios = true;  // the language of scenarios has it
  bool in_log = false;       // quorate-sim log draws and carries it out
};
// In the order of FaultKind.
std::span<const FaultDescription> fault_kinds();
const FaultDescription& description_of(FaultKind kind);
std::optional<FaultKind> parse_fault_kind(std::string_view name);
// Nothing; any; and the words of a class: "metadata".
std::optional<FileClass> parse_file_class(std::string_view word);

// As it stands in a scenario or schedule: "cut {m1 m2} | {m3 zookeeper}", "lost-write m1 in segment
// after 3". A scenario's parser reads it back.
std::string to_text(const Fault& fault);

// What the kinds are, for people: docs/faults.md, or one JSON array.
std::string kinds_as_markdown();
std::string kinds_as_json();

}  // namespace quorate::faults
