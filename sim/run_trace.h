#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/paxos/types.h"
#include "sim/links.h"
#include "sim/time.h"

namespace quorate::sim {

// What a message is. The names of docs/formats/sim-trace.md are those of message_name().
enum class TraceMessageKind : std::uint8_t {
  Prepare,
  Promise,
  Accept,
  Accepted,
  Rejected,
  Missing,
  Learned,
  Fetch,
  Fetched,
  FetchState,
  State,
  Truncated,
  Confirm,
  Confirmed,
  Inquire,
  Standing,
  Superseded,
  Upgrade,   // the HTTP request that begins a link between masters, and its answer
  Request,   // a client's
  Answer,    // to a client
  Look,      // an observer's GET, asked for the conditions of a scenario
  LookBack,  // its answer
  ZkRequest,
  ZkReply,
  ZkWatch,
  ZkSession,  // connected, expired, closed
  ZkPing,     // and its answer
};
inline constexpr std::size_t kTraceMessageKinds = 27;
std::string_view message_name(TraceMessageKind kind);

// What happens at one place, or to the whole world (no lane).
enum class TraceMarkKind : std::uint8_t {
  Step,     // of the scenario
  Fault,    // a step that is a fault
  Start,    // of a process
  Exit,     // of a process
  Pause,    // until it goes on
  Role,     // what the master says of itself: "leading", "standby; ..."
  Session,  // the ZooKeeper session as the master is told of it
  Cut,      // nothing passes to `other`, until it is healed
  Warning,  // a master's log line
  Log,      // a master's log line of less weight
  Sync,     // from the call to its answer
  Learn,    // the master tells, or its disk shows, that all up to `position` is chosen
};
inline constexpr std::size_t kTraceMarkKinds = 12;
std::string_view mark_name(TraceMarkKind kind);

struct TraceMessage {
  SimTime sent;
  SimTime received = SimTime::never();  // never: lost, or under way when the run ended
  Place from;
  Place to;
  TraceMessageKind kind = TraceMessageKind::Request;
  std::string text;
  paxos::Ballot ballot;   // none: it has none
  paxos::Position first;  // of the positions that it speaks of; 0: of none
  paxos::Position last;
};

inline constexpr Place kNoLane{UINT32_MAX};

struct TraceMark {
  SimTime at;
  SimTime until = SimTime::never();  // of Pause, Cut and Sync
  Place lane = kNoLane;
  Place other = kNoLane;  // of Cut
  TraceMarkKind kind = TraceMarkKind::Log;
  std::string text;
  paxos::Ballot ballot;      // of Learn, if it is known
  paxos::Position position;  // of Learn
};

// All that is drawn of one run, as values. Bounded: of traffic (messages, syncs, log lines, learned
// positions) and of landmarks (all other marks) the last are kept each, and it is known how many
// are gone. Nobody collects unless somebody asked for it; what collects changes no run.
class RunTrace {
 public:
  struct Limits {
    std::size_t traffic = 18'000;
    std::size_t landmarks = 2'000;
  };
  static constexpr std::size_t kTextMax = 200;
  using Id = std::uint64_t;

  RunTrace() : RunTrace(Limits{}) {}
  explicit RunTrace(Limits limits) : limits_(limits) {}

  // Texts are cut to kTextMax bytes. Times do not fall from call to call.
  Id sent(TraceMessage message);
  void received(Id message, SimTime at);
  void reclassify(Id message, TraceMessageKind kind);
  Id mark(TraceMark mark);
  // Of a mark that lasts.
  void ended(Id mark, TraceMarkKind kind, SimTime at);

  const std::deque<TraceMessage>& messages() const { return messages_; }
  const std::deque<TraceMark>& landmarks() const { return landmarks_; }
  const std::deque<TraceMark>& small_marks() const { return small_marks_; }
  std::uint64_t dropped() const { return dropped_; }
  // Traffic before it is not complete; nothing: all is there.
  std::optional<SimTime> complete_from() const { return complete_from_; }

 private:
  static bool small(TraceMarkKind kind);
  void bound();

  Limits limits_;
  std::deque<TraceMessage> messages_;
  std::deque<TraceMark> landmarks_;
  std::deque<TraceMark> small_marks_;
  // The id of the first that is still there.
  Id first_message_ = 0;
  Id first_landmark_ = 0;
  Id first_small_ = 0;
  std::uint64_t dropped_ = 0;
  std::optional<SimTime> complete_from_;
};

}  // namespace quorate::sim
