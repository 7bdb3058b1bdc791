#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quorate::faults {

// What can be done to the world: one kind per verb of a scenario. Plain data; sim/ carries it out.
enum class FaultKind : std::uint8_t { Start, Stop, Kill, PowerLoss, Pause, Resume, Cut, Heal };

// One fault on named parts of the world: hosts, "zookeeper" (all servers), zk1.., "client", or
// names that a scenario found at run time (L, other1).
struct Fault {
  FaultKind kind = FaultKind::Start;
  // Of a process fault: the hosts or ZooKeeper servers that it befalls.
  std::vector<std::string> targets;
  // Of Cut and Heal: the sides. Everything on one side is parted from everything on the others; in
  // one direction only (from the first to the second) when `one_way`. Heal without sides:
  // everything.
  std::vector<std::vector<std::string>> sides;
  bool one_way = false;

  bool operator==(const Fault&) const = default;
};

// What is known of a kind, for documents, lint and counters.
struct FaultDescription {
  FaultKind kind;
  std::string_view verb;   // as it stands in a scenario
  std::string_view form;   // its grammar
  std::string_view about;  // one sentence
};
inline constexpr std::size_t kFaultKinds = 8;
const std::array<FaultDescription, kFaultKinds>& fault_kinds();

// As it stands in a scenario: "cut {m1 m2} | {m3 zookeeper}".
std::string to_text(const Fault& fault);

}  // namespace quorate::faults
