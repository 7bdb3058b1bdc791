#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "faults/fault.h"

namespace quorate::sim {

// After it a disk may hold what nobody wrote, or lack what somebody did.
bool is_damage(faults::FaultKind kind);

// Masters end only with the codes of design.md 8, and each only after something that explains it.
class ExitOracle {
 public:
  struct World {
    bool slow = false;   // links or disks of this world are slow by themselves
    bool wrong = false;  // flags that do not fit: more masters than 2 * quorum - 1, for instance
  };
  explicit ExitOracle(World world) : world_(world) {}

  // Something was done to these hosts (names of masters; of links, all that were named).
  void befell(faults::FaultKind kind, const std::set<std::string>& hosts);
  // Somebody was started with a flag that need not fit the others'.
  void flags_go_wrong() { world_.wrong = true; }
  std::optional<std::string> ended(const std::string& host, int code, const std::string& why);
  bool flags_are_wrong() const { return world_.wrong; }
  std::uint64_t judged() const { return judged_; }

 private:
  bool explained(const std::string& host, int code) const;
  bool befallen(const std::string& host, faults::FaultKind kind) const;

  World world_;
  bool anything_ = false;
  std::map<faults::FaultKind, std::set<std::string>> befallen_;
  std::uint64_t judged_ = 0;
};

}  // namespace quorate::sim
