#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "master/paxos/acceptor.h"
#include "master/paxos/learner.h"
#include "master/paxos/messages.h"
#include "master/paxos/proposer.h"
#include "master/paxos/table.h"

// A handful of replicas in memory, for the simulation and the exploration of this room. It does
// what a caller of the room must do (make records durable before what waits for them leaves) and
// what the world does (lose, repeat, reorder, crash), and it judges every step.

namespace quorate::paxos::test {

// What the command line of paxos_test asked for (main_test.cpp).
struct Options {
  std::uint64_t seed = 0;      // 0: the pinned ones
  std::uint64_t seeds = 0;     // how many pinned ones; 0: the usual number
  std::uint64_t steps = 0;     // 0: the usual number
  std::size_t states_max = 0;  // 0: the usual bound of the exploration
  bool update_golden = false;
};
extern Options options;

// A known error, put in to see that the judges find it.
enum class Plant {
  None,
  AcceptIsNoPromise,    // hazard N1: Mesos's rule
  AnswerBeforeSync,     // rule 4
  WatermarkTeachesAll,  // rule 7
  OutOfOrder,           // rule 6: an Accept is taken whatever is held below
};

struct Packet {
  ReplicaId from;
  ReplicaId to;
  RequestNumber request;
  Message message;
  bool operator==(const Packet&) const = default;
};

struct Replica {
  ReplicaId id;
  Acceptor acceptor;
  Table table;
  Proposer proposer;
  std::uint64_t round_seen = 0;
  std::vector<Record> journal;  // the first `durable` are on disk
  std::size_t durable = 0;
  struct Held {
    std::size_t mark;  // leaves when so many records are durable
    Packet packet;
  };
  std::vector<Held> held;
  std::map<RequestNumber, Position> barriers;  // what was acknowledged anywhere when one began
};

// Sees all disks at once, and so knows what is chosen even if no replica does. Which quorums that
// takes it reads from what is chosen below: a configuration needs those of both.
class Judge {
 public:
  // A configuration of everybody where none is recorded.
  explicit Judge(Configuration founders) : founders_(std::move(founders)) {}
  // A vote was cast by a replica of this epoch: it counts for no other.
  void cast(const Slot& slot, std::uint64_t epoch) {
    epochs_.emplace(std::pair(slot.position, slot.ballot), epoch);
  }
  // Each returns a sentence about a broken promise, or nothing.
  std::string durable(ReplicaId replica, const Record& record);
  std::string learned(const Table& table, Position after) const;
  std::string watermark(Position chosen, const Digest& chain) const;

  Position chosen_end() const { return Position{chain_.size() - 1}; }
  // Who votes above everything chosen so far.
  const Configuration& founders() const { return founders_; }
  const Configuration& newest() const { return governing(chosen_end().next()); }
  // Who voted before that; the founders, if nobody did.
  const Configuration& before_newest() const;
  void put(ByteWriter& out) const;

 private:
  struct Votes {
    Entry entry;
    std::set<ReplicaId> replicas;
  };
  const Configuration& governing(Position position) const;
  bool enough(Position position, const Votes& votes) const;
  std::string count(Position position, const Ballot& ballot);

  Configuration founders_;
  std::map<std::pair<Position, Ballot>, std::uint64_t> epochs_;
  std::map<Position, Configuration> configurations_;  // by where they were chosen
  std::map<std::pair<Position, Ballot>, Votes> votes_;
  std::map<Position, Entry> chosen_;
  std::vector<Digest> chain_{kChainOrigin};  // [p] is H(p)
};

class World {
 public:
  struct Settings {
    std::size_t replicas = 3;
    // How many of them vote at first, in a recorded ensemble; 0: it is not recorded.
    std::size_t founders = 0;
    Plant plant = Plant::None;
    // Records are on disk at once, and what a replica says to itself arrives at once.
    bool prompt = false;
  };
  explicit World(Settings settings);

  void lead(std::size_t i);
  void append(std::size_t i);
  // Proposes these replicas (by index) as the members; false: `i` may not propose now.
  bool change(std::size_t i, const std::vector<std::size_t>& members);
  void repeat(std::size_t i);
  void confirm(std::size_t i);
  void sync(std::size_t i, std::size_t records);
  // `kept` of the records that were not yet durable survive.
  void crash(std::size_t i, std::size_t kept);
  // An empty disk and a new id take the place of this replica (protocol.md 17).
  void wipe(std::size_t i);
  // A quorum of the newest configuration has it on disk: who is not in it is not needed any more.
  bool settled() const;
  // Takes a packet out of the network and hands it over.
  void deliver(std::size_t packet);
  // As deliver, but the receiver crashes before anything leaves it; the records survive or not.
  void deliver_and_crash(std::size_t packet, bool kept);

  std::vector<Packet> network;
  std::vector<Replica> replicas;
  std::string violation;  // the first one
  Position acknowledged;  // the highest position that some proposer reported chosen
  std::uint64_t confirmed = 0;
  Digest fingerprint() const;
  const Judge& judge() const { return judge_; }

 private:
  Replica* find(ReplicaId id);
  void handle(const Packet& packet);
  void answer(Replica& replica, const Packet& packet, const Answer& answer);
  void teach(Replica& replica, const Packet& packet, const Lesson& lesson);
  Answer accept(Replica& replica, const Accept& accept);
  Lesson learn_planted(Replica& replica, const Learned& learned);
  void fetch_newer(Replica& replica, const Packet& packet);
  Proposer fresh_proposer(ReplicaId id) const;
  Genesis genesis(ReplicaId id, std::uint64_t round) const;
  void journal(Replica& replica, const std::vector<Record>& records);
  void hold(Replica& replica, Packet packet);
  void release(Replica& replica);
  void pump(Replica& replica);
  void check(const Acceptor& acceptor, const Table& table, const Replica& after);
  void blame(const std::string& sentence);

  Settings settings_;
  std::vector<ReplicaId> ids_;
  Judge judge_;
  std::uint64_t appended_ = 0;
  std::uint64_t fetches_ = 0;
};

}  // namespace quorate::paxos::test
