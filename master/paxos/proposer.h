#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "master/paxos/codec.h"
#include "master/paxos/messages.h"
#include "master/paxos/table.h"

namespace quorate::paxos {

// The writer of the log. One object lives for one incarnation; `lead` starts a term, a rejection or
// `step_down` ends it. It talks to its own acceptor by the same messages as to the others.
//
//   Idle --lead--> OwnPromise --own Promise--> Preparing --quorum of Promises--> Leading
//     ^                |                            |                             |
//     +------- Rejected (or step_down) -------------+-----------------------------+
//
// The own promise comes first: it must be durable before the first Prepare leaves for others
// (protocol.md 1). In Leading the values found in phase 1 are proposed again at the own ballot,
// holes become no-ops, then one entry of its own (Genesis in an empty log, else a no-op);
// `established()` is true when that one is chosen. Appends may be submitted from Leading on and
// follow in order.
//
// Where the ensemble is recorded, quorums are those of the newest learned configuration, or, in an
// empty log, of its founders; before that one is chosen, and while a change is open, no entry gets
// a position (protocol.md 20). A change goes to the new members first. It is chosen when quorums of
// both configurations hold it; from then on only the new one counts, under its epoch. For a change
// that an earlier proposer began: adoption.h.
class Proposer {
 public:
  enum class Phase : std::uint8_t { Idle, OwnPromise, Preparing, Leading };

  Proposer() = default;
  // `quorum` >= 1 counts only where no configuration is recorded.
  Proposer(ReplicaId self, std::uint32_t quorum) : self_(self), quorum_(quorum) {}

  // Who is asked (self included by the caller once it may vote). Answers of others are not counted.
  void set_members(std::vector<ReplicaId> members);
  // Whose answers may count towards a quorum: members that are Voting. Where the ensemble is
  // recorded, of these only those count that the configuration names.
  void set_voters(std::vector<ReplicaId> voters);
  // Who answered of late; all, until this is called. Only for the time at which an open change goes
  // to the old members (protocol.md 23).
  void set_reachable(std::vector<ReplicaId> replicas);
  // Both may change in mid-term: a new member gets what the others got.

  // Starts a term. `ballot` is above every ballot seen and minted by the caller for this replica
  // alone; `table` is what this replica has learned. `genesis`: what to write if the log is empty.
  // A running term ends as by step_down.
  void lead(Ballot ballot, const Table& table, const Genesis& genesis);
  // Nothing is written under this ballot any more; what was not yet taken is dropped, and the fate
  // of what is in flight is unknown.
  void step_down();
  // Gives the entry the next position. It is sent, with all others, by the next take_outgoing. Only
  // if takes_entries().
  Position append(SharedBytes payload, EntryKind kind = EntryKind::Data);
  // Leading, no change is open, and this replica was not left out of the last one.
  bool takes_entries() const {
    return phase_ == Phase::Leading && !change_ && first_own_given() &&
           (!current_ || current_->contains(self_));
  }
  // Proposes the configuration that follows the present one (protocol.md 5, steps 3 to 8). Only if
  // established() and takes_entries(); its members become members here.
  Position change(Configuration next);

  // Answers. `from` is the authenticated sender; `request` must be one that this term sent, else
  // (or of another ballot, or from no member) the answer is ignored: it is late, or of an earlier
  // run.
  void on(ReplicaId from, RequestNumber request, const Promise& promise);
  void on(ReplicaId from, RequestNumber request, const Accepted& accepted);
  void on(ReplicaId from, RequestNumber request, const Rejected& rejected);
  void on(ReplicaId from, RequestNumber request, const Missing& missing);
  void on(ReplicaId from, RequestNumber request, const Confirmed& confirmed);
  // Phase 1 asked below a snapshot: this replica must install it first. The term ends, nothing was
  // promised or written in it.
  void on(ReplicaId from, RequestNumber request, const Truncated& truncated);
  // The epoch of this term is over: its configuration is not the newest one. The term ends; what is
  // in flight is unknown.
  void on(ReplicaId from, RequestNumber request, const Superseded& superseded);

  // Says again what has not been answered since the last call, and the watermark to all; called by
  // the caller's timer. Whoever answers something is not told again what is on its way.
  void repeat();
  // Starts a read barrier; its number is reported by take_confirmed() when a quorum answered. Only
  // in Leading. Barriers end unreported with the term.
  RequestNumber confirm();

  // Also makes the Accepts for what was appended, as few as hold it, and, if `announce`, the
  // Learned for those whom no Accept tells; this replica itself is told in any case.
  std::vector<Outgoing> take_outgoing(bool announce = true);
  // Somebody was not told yet what is chosen.
  bool has_news() const;
  std::vector<RequestNumber> take_confirmed();
  // The ballot that deposed this proposer, once.
  std::optional<Ballot> take_deposed();

  Phase phase() const { return phase_; }
  Ballot ballot() const { return ballot_; }
  bool established() const {
    return phase_ == Phase::Leading && first_own_given() && chosen_ >= first_own_;
  }
  // The configuration whose quorum counts, and the change under way; nothing: none.
  const MaybeConfiguration& configuration() const { return current_; }
  const MaybeConfiguration& changing_to() const { return change_; }
  // The first entry of this term's own; 0: it has none yet.
  Position first_own() const { return first_own_; }
  Position chosen() const { return chosen_; }
  Position end() const { return end_; }  // the last position given to an entry
  std::size_t in_flight() const { return end_.value - chosen_.value; }

  bool operator==(const Proposer&) const = default;
  // Equal states give equal digests, whatever has been taken: for searches through all states.
  Digest fingerprint() const;

 private:
  struct Follower {
    Position match;         // holds everything up to here, by its own word
    Position sent;          // was sent everything up to here
    Position told;          // was told that everything up to here is chosen
    RequestNumber rewound;  // what it misses of requests below was already sent again
    Position repeated;      // its match when repeat() was called last
    bool promised = false;
    bool operator==(const Follower&) const = default;
  };
  struct Barrier {
    RequestNumber number;
    std::vector<ReplicaId> confirmed;
    bool operator==(const Barrier&) const = default;
  };
  struct Proposed {
    Entry entry;
    Digest chain;             // H(its position)
    std::uint64_t bytes = 0;  // of payloads of this term up to it
    bool operator==(const Proposed&) const = default;
  };
  bool of_this_term(ReplicaId from, RequestNumber request, const Ballot& ballot) const;
  bool votes(ReplicaId replica) const;
  bool plausible(const Promise& promise) const;
  bool first_own_given() const { return first_own_ != Position{0}; }
  bool quorum_among(const std::vector<ReplicaId>& replicas) const;
  Position held_by(const MaybeConfiguration& configuration) const;
  void follow_members();
  void join(const MaybeConfiguration& configuration);
  void open_change(MaybeConfiguration next);
  void enter_next();
  Position may_hold(ReplicaId replica) const;
  bool old_members_asked() const;
  void prepare_others();
  void lead_if_promised();
  void propose(Entry entry);
  void advance();
  void end_term();
  void send(ReplicaId to, Message message);
  void send_window(ReplicaId to, Follower& follower, bool announce);
  void ask_to_confirm(RequestNumber number);
  const Proposed& at(Position position) const;  // kept_ < position <= end_
  std::uint64_t bytes_up_to(Position position) const;
  Accept accept_from(Position first, Position last) const;
  Digest chain_before(Position position) const;

  ReplicaId self_;
  std::uint32_t quorum_ = 1;
  Phase phase_ = Phase::Idle;
  Ballot ballot_;
  RequestNumber next_request_{1};
  RequestNumber term_request_{1};  // requests below belong to earlier terms
  std::vector<ReplicaId> members_;
  std::vector<ReplicaId> voters_;
  std::map<ReplicaId, Follower> followers_;  // one per member, in a term
  std::optional<std::vector<ReplicaId>> reachable_;
  std::map<ReplicaId, Promise> promises_;  // phase 1
  Genesis genesis_;
  MaybeConfiguration current_;
  MaybeConfiguration change_;  // its entry is the one at end_
  MaybeConfiguration found_;   // phase 1: a change that may be under way
  Position entered_;           // of the configuration that began in this term
  std::uint64_t epoch_ = 0;
  Position from_;  // phase 1 starts here; everything below is learned
  Position first_own_;
  Position chosen_;
  Digest chosen_chain_;
  Position end_;
  Digest end_chain_;
  // What was proposed in this term, but for what is chosen long since: positions kept_ + 1 .. end_.
  Position kept_;
  Digest kept_chain_;
  std::deque<Proposed> window_;   // [i] is position kept_ + 1 + i
  std::uint64_t kept_bytes_ = 0;  // of payloads of this term up to kept_, and up to end_
  std::uint64_t end_bytes_ = 0;
  std::vector<Barrier> barriers_;  // in order of number
  std::vector<Outgoing> outgoing_;
  std::vector<RequestNumber> confirmed_;
  std::optional<Ballot> deposed_;
};

}  // namespace quorate::paxos
