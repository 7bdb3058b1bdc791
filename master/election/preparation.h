#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "master/election/backoff.h"
#include "master/election/session.h"

namespace quorate::election {

// What a new session does first: presents the credentials, if there are any, and makes the
// directories that are missing, parents first. Existing ones are only looked at: creating them
// again would need rights that a master may not have.
class Preparation {
 public:
  // `session` outlives this. Directories are made in the given order.
  Preparation(Session& session, const std::vector<std::string>& directories, bool authenticated,
              std::uint64_t seed);

  bool done() const { return authorized_ && made_ == directories_.size(); }
  // A new session: everything again.
  void reset();
  // A directory vanished: look at all of them again.
  void check_again();
  void reconnected() { backoff_.at_once(); }

  void advance(Now now);
  // Was this reply for us?
  bool on(Now now, const CoordinationReply& reply);
  MonoTime next_deadline() const;
  std::optional<Failure> take_failure() { return std::exchange(failure_, std::nullopt); }

 private:
  enum class Call { Auth, Exists, Create };

  Session& session_;
  const std::vector<std::string> directories_;  // with all their parents
  const bool authenticated_;
  Backoff backoff_;
  bool authorized_;
  std::size_t made_ = 0;
  bool missing_ = false;   // directories_[made_] is known not to exist
  bool outdated_ = false;  // what is asked is of no use any more
  Call call_ = Call::Auth;
  std::optional<CoordinationTicket> asked_;
  std::optional<Failure> failure_;
};

}  // namespace quorate::election
