#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/checksum.h"
#include "master/paxos/types.h"
#include "sim/log_state.h"

namespace quorate::sim {

// What must hold of a replicated log, told from what its replicas hand out, what its clients were
// answered, and what it says on the wire; it knows nothing of the log's own code. A violation is a
// sentence; the first one stays.
//
//   agreement   no position is handed out with two values, by anybody, in any incarnation; equal
//               positions have equal states and equal chain values
//   validity    nothing is handed out that nobody appended, nothing twice
//   order       one incarnation hands out in order of position
//   durability  what was acknowledged is handed out by everybody who gets that far, and by a leader
//               whose read barrier, asked later, is confirmed; what was not applied never is
class LogOracle {
 public:
  // One incarnation of one replica.
  struct Reader {
    std::string name;
    LogState state;
    paxos::Position at;  // everything up to here was handed out
    // After each position that was handed out.
    std::map<paxos::Position, Digest> states;
  };

  // Without `agreed` only validity and order are judged: for runs in which so much was lost that
  // nothing can be promised (faults::Bounds::None).
  explicit LogOracle(bool agreed) : agreed_(agreed) {}

  void appended(std::string_view payload);
  // The number of such payloads that were acknowledged for the first time: 0 or 1.
  void acknowledged(std::string_view payload);
  void handed_out(Reader& reader, paxos::Position position, std::string_view payload);
  // A Cut: the state as of `position`, which holds no payload.
  void cut(Reader& reader, paxos::Position position);
  // A State, which takes the place of what the reader had.
  void restored(Reader& reader, paxos::Position position, std::string_view bytes);
  // Another value was chosen in its place.
  void not_applied(std::string_view payload);
  // A read barrier that was asked when everything up to `needed` was acknowledged.
  void confirmed(const Reader& reader, paxos::Position needed);
  void chain(std::string_view name, paxos::Position position, const Digest& value);

  // Two incarnations that run side by side without a complaint serve different histories.
  std::optional<std::string> divergence(const Reader& one, const Reader& other) const;

  const std::optional<std::string>& violation() const { return violation_; }
  void violate(std::string sentence);
  std::uint64_t appends() const { return facts_.size(); }
  std::uint64_t acknowledged_count() const { return acknowledged_; }
  paxos::Position last_acknowledged() const { return last_acknowledged_; }
  bool is_acknowledged(std::string_view payload) const;
  // Where a payload was handed out first; 0: nowhere.
  paxos::Position position_of(std::string_view payload) const;

 private:
  struct Fact {
    paxos::Position position;  // 0: not handed out yet
    bool acknowledged = false;
    bool not_applied = false;
  };
  struct Place {
    std::optional<std::uint64_t> payload;
    std::optional<Digest> state;
    std::optional<Digest> chain;
  };
  Place& place(paxos::Position position) { return places_[position.value]; }
  void advance(Reader& reader, paxos::Position position);
  void check_state(Reader& reader, paxos::Position position);

  bool agreed_;
  std::map<std::uint64_t, Fact> facts_;  // by the hash of the payload
  std::map<std::uint64_t, Place> places_;
  std::uint64_t acknowledged_ = 0;
  paxos::Position last_acknowledged_;
  std::optional<std::string> violation_;
};

}  // namespace quorate::sim
