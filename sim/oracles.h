#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/time.h"

// Oracles look from outside: at what clients sent and were answered. They judge only by facts that
// precede what they judge, so a legal run never alarms them. A violation is a sentence.

namespace quorate::sim {

// The machines that a schedule names, as one comparable text; nothing if it is not a schedule.
std::optional<std::string> schedule_key(std::string_view json);

// Durability: the schedule is a register that each POST replaces. A read must show a write that
// began before the read ended and that no acknowledged later write has certainly replaced.
class DurabilityOracle {
 public:
  using WriteId = std::size_t;

  WriteId began(SimTime at, std::string key);
  // An effect on the schedule that cannot be foretold: any value may be read after it.
  WriteId anything_began(SimTime at);
  void acknowledged(WriteId write, SimTime at);

  std::optional<std::string> read(SimTime sent, SimTime done, const std::string& key,
                                  std::string_view from);
  std::size_t acknowledged_writes() const { return acknowledged_; }

 private:
  struct Write {
    std::string key;
    bool anything = false;
    SimTime began;
    SimTime acknowledged = SimTime::never();
  };
  WriteId add(Write write);
  bool replaced(const Write& write, SimTime by) const;

  std::vector<Write> writes_ = {Write{{}, false, SimTime{-1}, SimTime{-1}}};
  // Which of them a read of this key may show.
  std::map<std::string, std::vector<WriteId>, std::less<>> by_key_ = {{{}, {0}}};
  std::vector<WriteId> anything_;
  bool in_order_ = true;  // each began no earlier than the one before
  std::size_t acknowledged_ = 0;
};

// One effective leader: what the quorum must confirm (writes, and reads behind a barrier) is never
// answered by A, then by B, then by the same run of A again, each wholly after the one before.
class LeaderOracle {
 public:
  struct Answer {
    std::string host;
    std::uint64_t incarnation = 0;
    SimTime sent;
    SimTime done;
  };
  std::optional<std::string> confirmed(const Answer& answer);

 private:
  using Run = std::pair<std::string, std::uint64_t>;
  struct Answers {
    std::vector<Answer> all;
    SimTime first_done = SimTime::never();
    SimTime last_sent{-1};
  };
  std::map<Run, Answers> runs_;
};

}  // namespace quorate::sim
