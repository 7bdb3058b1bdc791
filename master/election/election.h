#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "master/base/time.h"
#include "master/election/member.h"
#include "master/election/ping.h"
#include "master/election/preparation.h"
#include "master/election/session.h"
#include "master/election/watched_directory.h"
#include "master/ports/coordination.h"
#include "master/ports/event.h"
#include "master/ports/exit.h"
#include "master/values/master_info.h"

namespace quorate::election {

struct Settings {
  std::string zk_path;         // "/mesos": absolute, not "/", no '/' at its end
  bool authenticated = false;  // the port has credentials: present them, and create for the creator
  Duration session_timeout = Duration::seconds(10);  // asked for; the server decides
};

// One member of the replica group: what its process gave to join_replicas.
struct ReplicaNode {
  std::int64_t sequence = 0;
  Bytes data;
  bool operator==(const ReplicaNode&) const = default;
};

// The leading master as this one sees it; none: nobody, or not known since the session expired, or
// its node cannot be read (then a ForeignLeader says why).
struct LeaderChanged {
  std::optional<MasterInfo> leader;
  bool is_self = false;
  bool operator==(const LeaderChanged&) const = default;
};
// The replica group, by sequence. While ZooKeeper is away the last known group stands.
struct ReplicasChanged {
  std::vector<ReplicaNode> replicas;
  bool operator==(const ReplicasChanged&) const = default;
};
// The node that leads was not written by a master as ours. Only told to one that does not lead.
struct ForeignLeader {
  std::string path;
  std::string why;  // a sentence that names the path
  bool operator==(const ForeignLeader&) const = default;
};
// This master must end, with this code and this line. Nothing follows; nothing more is done.
struct Ended {
  Exit exit = Exit::LeadershipLost;
  std::string why;
  bool operator==(const Ended&) const = default;
};
// After withdraw: the own node is gone.
struct Withdrawn {
  bool operator==(const Withdrawn&) const = default;
};
// After close: the session ended at the servers, or 2 s have passed.
struct SessionClosed {
  bool operator==(const SessionClosed&) const = default;
};
// A line for the log: sessions that come and go, calls that are tried again.
struct Noted {
  std::string line;
  bool operator==(const Noted&) const = default;
};

using Outcome = std::variant<LeaderChanged, ReplicasChanged, ForeignLeader, Ended, Withdrawn,
                             SessionClosed, Noted>;

// One ZooKeeper session for all that a master needs of it: its candidacy, the detection of the
// leader, the replica group, and the lease by which a leader knows that it still leads.
//
// The tree is that of Mesos: `<zk_path>/json.info_<10 digits>`, ephemeral, smallest number leads.
// The replica group is ours: `<zk_path>/quorate_replicas/<10 digits>`.
//
// The lease (protocol.md 2) ends one negotiated timeout, less a tenth, after the *sending* of the
// last call that a server answered. A process that was paused learns of its loss from the clock
// alone, so the caller asks on_time(now) first on *every* event of the master, whatever it is
// about, and takes the outcomes before it does anything else.
class Election {
 public:
  // `coordination` outlives this. `seed` spreads the retries of masters that were started together.
  Election(Settings settings, Coordination& coordination, std::uint64_t seed);

  Election(const Election&) = delete;
  Election& operator=(const Election&) = delete;

  // Opens the session and detects from then on. Once, first.
  void start(Now now);
  // Keeps a node with this data in the replica group from now on. The data must be unique to this
  // process and not empty: by it the own node is found again after a lost answer.
  void join_replicas(Now now, Bytes data);
  // Keeps a candidacy from now on; again with the same id: no effect. `info.id` is unique to this
  // process.
  void contend(Now now, const MasterInfo& info);
  // Removes the own candidacy and leads no more. Answered by Withdrawn; then contend may be asked
  // again.
  void withdraw(Now now);
  // Ends the session in order, so that the next leader need not wait. Answered by SessionClosed.
  void close(Now now);

  void on(Now now, const CoordinationReply& reply);
  void on(Now now, const WatchFired& fired);
  void on(Now now, const SessionState& state);
  void on_time(Now now);
  MonoTime next_deadline() const;
  std::vector<Outcome> take_outcomes();

  // May this master act as the leader at this moment?
  bool lease_valid(Now now) const;
  // Elected and not ended; without a look at the clock.
  bool leading() const { return leading_; }
  bool contending() const { return contender_.wanted(); }
  bool connected() const { return session_.connected(); }
  const std::optional<MasterInfo>& leader() const { return leader_; }
  const std::vector<ReplicaNode>& replicas() const { return replica_nodes_; }
  // The server's word on the session timeout, or what was asked for before it has spoken.
  Duration session_timeout() const { return session_.timeout(); }

 private:
  bool running(Now now);
  void advance(Now now);
  void session_ended(Now now, const std::string& how);
  bool lease_live(Now now) const;
  void judge_failures();
  void judge_own_node();
  void judge_replicas();
  void judge_masters(Now now);
  void judge_first(Now now, const Node& first);
  void set_leader(std::optional<MasterInfo> leader, bool is_self);
  void set_foreign(const std::string& path, const std::string& why);
  void lose(const std::string& why);
  void end(Exit exit, std::string why);
  void note(std::string line);

  const Settings settings_;
  Session session_;
  Preparation preparation_;
  Member contender_;
  Member replica_;
  WatchedDirectory masters_;
  WatchedDirectory replicas_;
  Ping ping_;

  std::optional<MasterInfo> own_;  // what we contend with
  std::optional<MasterInfo> leader_;
  std::optional<Snapshot> front_;    // the newest list of candidates and the first of them
  CoordinationTicket searched_for_;  // the list that last made the contender search again
  std::string led_by_;               // while leading: the own node's path
  std::vector<ReplicaNode> replica_nodes_;
  std::optional<ForeignLeader> foreign_;
  bool leading_ = false;
  bool withdrawing_ = false;
  bool closing_ = false;
  bool ended_ = false;
  std::vector<Outcome> outcomes_;
};

}  // namespace quorate::election
