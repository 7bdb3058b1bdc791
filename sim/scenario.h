#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "faults/fault.h"
#include "master/base/time.h"

namespace quorate::sim {

// A scenario as written, parsed and checked. docs/scenarios.md is the language's description.

enum class ConditionKind : std::uint8_t {
  OneLeader,    // one leader
  NoLeader,     // no leader
  TwoLeaders,   // two leaders
  LeaderIs,     // leader NAME
  LeaderIsNot,  // leader not NAME
  Exits,        // exit NAME [code=N]
  NoExit,       // no exit NAME
  Running,      // running NAME
  Down,         // down NAME
  AllAgree,     // all masters agree
  NoWrites,     // no writes
};

struct Condition {
  ConditionKind kind = ConditionKind::OneLeader;
  std::string name;
  std::optional<int> code;

  bool operator==(const Condition&) const = default;
};

// The verbs.
struct ClientStep {
  bool generated_write = false;  // client write: a schedule that no other write has
  std::string method;
  std::string path;
  std::string body;
  std::string via;  // a master; empty: any, and redirects are followed
  bool follow = false;
  std::optional<int> status;
  std::string location;  // a master that the answer points to
  std::vector<std::string> contains;
  std::vector<std::string> lacks;
  std::optional<Duration> within;  // asked again until the answer is as expected
};
struct ExpectStep {
  Condition condition;
  Duration limit;
  bool throughout = false;  // for: all the time; within: once
  std::string as;           // the leader's name from now on
};
struct NeverStep {
  Condition condition;
};
struct EventuallyStep {
  Condition condition;
  Duration limit;
  std::string as;
};
// The violation must be detected by this oracle; the run passes then.
struct HazardStep {
  std::string oracle;  // "durability"; blanks of its name are '-'
  Duration limit;
};
struct WaitStep {};  // "at 30s" alone

using Action = std::variant<WaitStep, faults::Fault, ClientStep, ExpectStep, NeverStep,
                            EventuallyStep, HazardStep>;

enum class Timing : std::uint8_t { Next, At, After, Every };

struct Step {
  std::size_t line = 0;
  std::string text;  // as written, for reports
  Timing timing = Timing::Next;
  Duration time;                   // of At, After, Every
  std::optional<Condition> event;  // after CONDITION +time
  Action action;
};

struct Section {
  std::string name;  // empty: the file has no sections
  std::size_t line = 0;
  std::vector<std::string> masters;
  std::vector<std::string> flags;  // "quorum=2"
  bool supervised = true;
  std::vector<Step> steps;
};

struct Scenario {
  std::string file;
  std::string name;
  std::string about;
  std::string world = "sim";
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 1;
  std::string profile = "lan";
  std::size_t zookeeper_servers = 3;
  Duration session_timeout = Duration::seconds(10);
  std::vector<Section> sections;
};

}  // namespace quorate::sim
