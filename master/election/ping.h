#pragma once

#include <optional>
#include <string>
#include <utility>

#include "master/election/session.h"

namespace quorate::election {

// The light request that keeps the lease: an `exists` every third of the session timeout, the next
// one not before the last was answered.
class Ping {
 public:
  // `session` outlives this.
  explicit Ping(Session& session) : session_(session) {}

  void reset();
  // Ask at once: a session that came back proves itself as soon as it can.
  void reconnected() { sent_.reset(); }

  // advance() would ask.
  bool due(Now now) const;
  // `path`: the own node, or any other while there is none.
  void advance(Now now, const std::string& path);
  bool on(const CoordinationReply& reply);
  MonoTime next_deadline() const;
  // The path that the server said does not exist.
  std::optional<std::string> take_missing() { return std::exchange(missing_, std::nullopt); }

 private:
  Session& session_;
  std::optional<CoordinationTicket> asked_;
  std::optional<MonoTime> sent_;
  std::string path_;
  std::optional<std::string> missing_;
};

}  // namespace quorate::election
