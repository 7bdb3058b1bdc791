#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "master/election/backoff.h"
#include "master/election/node_name.h"
#include "master/election/session.h"

namespace quorate::election {

struct Node {
  NodeName name;
  std::optional<Bytes> data;  // none: it may not be read
  std::int64_t ephemeral_owner = 0;
};

// The members of a directory at one moment.
struct Snapshot {
  CoordinationTicket listed_by;  // the call whose answer the names are
  std::vector<NodeName> names;   // in order
  std::vector<Node> nodes;       // those that were read, in order
};

// Follows the members of a directory: lists them under a watch, reads the smallest or all of them,
// and starts again whenever something changed or vanished on the way.
class WatchedDirectory {
 public:
  enum class Reading { Smallest, All };

  // `session` outlives this.
  WatchedDirectory(Session& session, std::string directory, Reading reading, std::uint64_t seed);

  void reset();
  // Changes while the connection was away are not missed even if a watch was.
  void reconnected();
  void look_again();

  void advance(Now now);
  bool on(Now now, const CoordinationReply& reply);
  void on(const WatchFired& fired);
  MonoTime next_deadline() const;
  std::optional<Snapshot> take_snapshot() { return std::exchange(snapshot_, std::nullopt); }
  std::optional<Failure> take_failure() { return std::exchange(failure_, std::nullopt); }
  bool take_directory_gone() { return std::exchange(directory_gone_, false); }

 private:
  void on_listed(const CoordinationReply& reply);
  void on_read(const CoordinationReply& reply);

  Session& session_;
  const std::string directory_;
  const Reading reading_;
  Backoff backoff_;

  bool outdated_ = true;  // to be listed (again)
  std::optional<CoordinationTicket> asked_;
  std::deque<NodeName> unread_;
  bool listing_ = false;  // what is asked is the list
  Snapshot partial_;
  std::optional<Snapshot> snapshot_;
  std::optional<Failure> failure_;
  bool directory_gone_ = false;
};

}  // namespace quorate::election
