#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "master/base/random.h"
#include "master/base/result.h"
#include "master/base/time.h"
#include "master/paxos/acceptor.h"
#include "master/paxos/codec.h"
#include "master/paxos/learner.h"
#include "master/paxos/messages.h"
#include "master/paxos/proposer.h"
#include "master/paxos/table.h"
#include "master/ports/disk.h"
#include "master/ports/event.h"
#include "master/replicated_log/disk_memory.h"
#include "master/replicated_log/evidence.h"
#include "master/replicated_log/snapshot.h"
#include "master/replicated_log/state_transfer.h"
#include "master/replicated_log/storage.h"

namespace quorate::replicated_log {

// A number of append() or confirm(), matched with its outcome.
using AppendNumber = Strong<struct AppendNumberTag>;
using BarrierNumber = Strong<struct BarrierNumberTag>;

struct Settings {
  // Who votes is recorded in the log (protocol.md 5); else whoever is in set_members() and votes.
  bool recorded = false;
  // >= 1; the ensemble is meant to have 2 * quorum - 1 members. Where it is recorded, quorums are
  // those of the newest configuration.
  std::uint32_t quorum = 1;
  bool auto_initialize = true;
  // A leader that heard of no quorum for this long ends with 75 (protocol.md 10): the session
  // timeout.
  Duration contact_timeout = Duration::seconds(10);
  // The leader asks for a snapshot when some replica's log has grown to this, and to the size of
  // the last snapshot beyond; 0: to one segment.
  std::uint64_t truncate_after_bytes = 0;
  StorageSettings storage;
};
inline constexpr std::uint64_t kNeverTruncate = ~std::uint64_t{0};

// A message for another replica, encoded. The room sends nothing itself.
struct Envelope {
  ReplicaId to;
  Bytes message;
};

// What the log hands out, in order of position, once each.
struct ChosenEntry {
  enum class Kind : std::uint8_t {
    Data,   // a data entry that is chosen and counts: apply its payload
    Cut,    // keep the state as of here: answer with ReplicatedLog::cut() at once
    State,  // the payload is the whole state as of here: it takes the place of what was applied
  };
  paxos::Position position;
  SharedBytes payload;
  Kind kind = Kind::Data;
};

// What became of an append of this replica (protocol.md 9). NotApplied: another entry was chosen in
// its place, so it never will be. Unknown: it may yet be chosen, or not. After both this replica
// does not lead any more.
enum class Outcome : std::uint8_t { Applied, NotApplied, Unknown };
struct AppendOutcome {
  AppendNumber number;
  Outcome outcome;
};

// What the log tells of its own progress.
struct LogEvent {
  enum class Kind : std::uint8_t {
    Opened,       // the disk was read and is ready; identity is known
    Voting,       // recovery is over: this replica votes
    Established,  // this replica leads: everything before its term is chosen and handed out
    Deposed,      // another proposer has a higher ballot; all in flight is unknown
  };
  Kind kind;
  std::string text;
};

struct LogGauges {
  paxos::ReplicaStatus status = paxos::ReplicaStatus::Empty;
  std::uint64_t ensemble_size = 1;
  std::uint64_t begin = 1;  // the first position that is not in the snapshot
  std::uint64_t learned = 0;
  std::uint64_t end = 0;
  std::uint64_t behind = 0;  // how many positions some other replica has learned beyond this one
  std::uint64_t state_transfer_bytes = 0;  // received of a snapshot that is under way, and its size
  std::uint64_t state_transfer_total_bytes = 0;
  Duration last_sync;                // from handing over a batch until it was synced
  std::uint64_t contradictions = 0;  // replicas whose log differs from this one
  std::uint64_t dropped_messages = 0;
  StorageGauges storage;
};

// One replica of the log: append to chosen entries, in order, once. Composes the pure Paxos core,
// the storage and the rules of recovery; knows no network (it returns envelopes) and no ZooKeeper
// (it is told the members). What it answers leaves only after everything that it appended before is
// on disk (protocol.md 4). The loop calls flush() once at the end of each event.
class ReplicatedLog {
 public:
  ReplicatedLog(Settings settings, Disk& disk, std::uint64_t seed);

  void start(Now now);
  // The members of the group, this replica included or not; replaces the earlier list.
  void set_members(Now now, const std::vector<ReplicaId>& members);
  // Only where the ensemble is recorded, once it is opened: this replica is one of its founders,
  // and nothing has been chosen yet (protocol.md 30, 31); or it joins one that is born, and votes
  // when a configuration names it.
  void found(Now now, const EnsembleId& ensemble, const paxos::Configuration& founders);
  void join(Now now);
  // A frame from the replica that the link proved to be `from`.
  void receive(Now now, ReplicaId from, std::string_view bytes);
  void on(Now now, const Listed& listed);
  void on(Now now, const ReadDone& read);
  void on(Now now, const Synced& synced);
  bool owns(DiskTicket ticket) const { return storage_.owns(ticket); }
  void on_time(Now now);
  MonoTime next_deadline() const;
  // Starts the next batch and releases what is durable. At the end of each event.
  void flush(Now now);
  // A clean stop: proves the last batch.
  void seal() { storage_.seal(); }

  // May contend: votes, hears a quorum, has learned what a quorum's best has learned (protocol.md
  // 10).
  bool ready_to_lead(Now now) const;
  // ZooKeeper's leader is this master: win phase 1, with retries, until Established or step_down.
  void lead(Now now);
  void step_down();
  bool established() const { return proposer_.established(); }

  // The largest payload that append() takes.
  std::size_t payload_bytes_max() const { return storage_.record_bytes_max(); }
  // The disk is all but full: append() refuses until there is room again.
  bool short_of_space() const { return storage_.short_of_space(); }
  // Only while established. An error: the payload is too large, or the disk is all but full;
  // nothing was appended.
  Result<AppendNumber> append(SharedBytes payload);
  BarrierNumber confirm();
  // Proposes other members, as the leader of a recorded ensemble. Entries that are appended
  // meanwhile wait for its end. An error says why not now; nothing was changed.
  Result<void> change(Now now, std::vector<paxos::Member> members, std::uint64_t wish);
  // Who votes; nothing: not known yet, or not recorded. `changing`: what the change under way leads
  // to.
  const paxos::MaybeConfiguration& configuration() const;
  const paxos::MaybeConfiguration& changing() const { return proposer_.changing_to(); }
  // The answer to ChosenEntry::Kind::Cut: the state, encoded so that equal states have equal bytes.
  void cut(Now now, paxos::Position position, std::string_view state);

  std::vector<Envelope> take_envelopes();
  std::vector<ChosenEntry> take_chosen();
  std::vector<AppendOutcome> take_outcomes();
  std::vector<BarrierNumber> take_confirmed();
  std::vector<LogEvent> take_events();
  std::vector<std::string> take_notes();
  const std::optional<Refusal>& refusal() const { return refusal_; }

  bool opened() const { return opened_; }
  bool voting() const { return opened_ && metadata_.status == paxos::ReplicaStatus::Voting; }
  // Valid once opened.
  const Metadata& metadata() const { return metadata_; }
  paxos::Ballot promised() const { return acceptor_.promised(); }
  LogGauges gauges() const;

 private:
  struct Peer {
    paxos::Standing standing;
    Incarnation incarnation;
    MonoTime heard;
    std::uint64_t epoch = 0;  // that it has on its disk
    bool judged = false;      // it told this run how far it saw this disk
  };
  struct Appended {
    paxos::Position position;  // 0: it waits for one, while a change is open
    AppendNumber number;
    SharedBytes payload;
  };
  struct Held {
    Mark mark;
    paxos::Outgoing outgoing;
  };

  void load_recovered();
  void load_snapshot();
  void refuse_records(const std::string& why);
  bool fits(const paxos::Message& message) const;
  void dispatch(Now now, ReplicaId from, paxos::RequestNumber request,
                const paxos::Message& message);
  void act_on(Now now, ReplicaId from, paxos::RequestNumber request, const paxos::Message& message);
  void hear(Now now, ReplicaId from, const paxos::Framed& framed);
  void on_standing(Now now, ReplicaId from, paxos::RequestNumber request,
                   const paxos::Standing& standing);
  void on_request(ReplicaId from, paxos::RequestNumber request, const paxos::Message& message);
  void on_answer(Now now, ReplicaId from, paxos::RequestNumber request,
                 const paxos::Message& message);
  void on_lesson(Now now, ReplicaId from, const paxos::Message& message);
  void fetch_newer(Now now, ReplicaId from, const paxos::Message& message);
  void take_lesson(Now now, ReplicaId from, const paxos::Lesson& lesson, Contradiction found);
  void answer(ReplicaId to, paxos::RequestNumber request, paxos::Answer answer);
  void store(const paxos::Record& record);
  void hold(ReplicaId to, paxos::RequestNumber request, paxos::Message message);
  void send(paxos::Outgoing outgoing);
  void complete(paxos::Message& message, ReplicaId to) const;
  void release_held();
  void drain_loopback(Now now);
  void drain_proposer(Now now);
  void place_appended();
  void announce_in_time(Now now);
  void end_when_due();
  void check_outbid(Now now, const paxos::Ballot& ballot);
  void on_deposed(Now now, const paxos::Ballot& by);

  // released.cpp
  void release_chosen();
  void release(const paxos::Slot& slot);
  void settle(const paxos::Slot& slot);
  void adopt_ensemble(const paxos::Entry& genesis);
  void on_checkpoint(const paxos::Checkpoint& agreed);
  void propose_checkpoint();
  void cut_when_due(Now now);
  void on_installed();
  void on_state(Now now, ReplicaId from, const paxos::State& piece);
  void on_truncated(Now now, ReplicaId from, const paxos::Truncated& truncated);

  // membership.cpp
  std::uint32_t quorum() const;
  std::size_t intended_size() const;
  bool takes_part() const;
  bool counts(ReplicaId replica, paxos::ReplicaStatus status) const;
  std::uint32_t heard_of(Now now, const paxos::Configuration& configuration) const;
  std::optional<std::string> unready_for(Now now, const paxos::Configuration& next) const;
  void check_change(Now now);
  void on_configured();
  void vote_if_named();
  void advance_membership(Now now);
  void retire_when_safe(Now now);

  // judgement.cpp
  void contradicted(ReplicaId by, Contradiction contradiction);
  void compare_with(ReplicaId from, const paxos::Standing& standing);
  void judge_disk(ReplicaId from, const paxos::Watermark& seen);
  void give_up_votes(const std::string& why);
  bool judged_enough() const;
  bool may_answer(ReplicaId candidate) const;
  void note_watermarks(const std::vector<paxos::MemberWatermark>& members);
  void note_watermark(ReplicaId from, const paxos::Watermark& watermark);
  void change_status(paxos::ReplicaStatus status, const paxos::Ballot& promise);
  void advance_status(Now now);
  void update_voters();
  void contend(Now now);
  void fetch_if_behind(Now now);
  void check_contact(Now now);
  void inquire(Now now);
  paxos::RequestNumber own_run() const;
  paxos::Standing standing() const;
  std::map<ReplicaId, paxos::Standing> recent_standings(Now now) const;
  void see(const paxos::Ballot& ballot);
  void end(Exit exit, std::string why);

  Settings settings_;
  Storage storage_;
  RandomStream random_;
  std::uint64_t genesis_seed_;
  bool opened_ = false;
  Metadata metadata_;
  std::optional<Refusal> refusal_;

  paxos::Table table_;
  paxos::Acceptor acceptor_;
  paxos::Proposer proposer_;
  paxos::Position released_;  // chosen entries up to here were handed out
  std::uint64_t round_seen_ = 0;

  std::vector<ReplicaId> members_;
  paxos::MaybeConfiguration founders_;  // until the log says who votes
  // As of the entries that were handed out, and at Cuts whose state was not handed back yet.
  paxos::MaybeConfiguration released_configuration_;
  std::map<paxos::Position, paxos::MaybeConfiguration> at_cuts_;
  std::map<ReplicaId, Peer> peers_;
  Evidence evidence_;
  DiskMemory disks_;
  bool voted_before_ = false;  // in an earlier run: the peers are asked before the first answer
  MonoTime judge_until_;       // then it answers without those that are silent
  std::optional<Mark> lost_;   // votes were lost; when this is durable the run ends
  std::string lost_why_;
  std::set<ReplicaId> other_quorums_;  // who said that it runs with another --quorum
  Mark vote_mark_;                     // what answers must wait for
  std::deque<Held> held_;
  std::deque<paxos::Outgoing> loopback_;

  bool wants_to_lead_ = false;
  bool was_established_ = false;
  MonoTime contend_at_ = MonoTime::never();
  MonoTime contact_until_ = MonoTime::never();  // a leader that hears no quorum ends then
  MonoTime change_until_ = MonoTime::never();   // a change that is not chosen by then is given up
  MonoTime tick_at_ = MonoTime::never();
  MonoTime inquire_at_ = MonoTime::never();
  MonoTime seal_at_ = MonoTime::never();
  MonoTime announce_at_ = MonoTime::never();  // what is chosen is told to the others by then
  MonoTime fetch_until_;                      // a fetch is under way until then
  MonoTime now_;                              // of the event being handled

  AppendNumber last_append_;
  BarrierNumber last_barrier_;
  std::deque<Appended> appended_;  // by position
  std::map<paxos::RequestNumber, BarrierNumber> barriers_;
  std::uint64_t dropped_ = 0;
  std::optional<MonoTime> batch_started_;
  Duration last_sync_;

  std::optional<Snapshot> snapshot_;    // the one that the log stands on
  std::optional<Snapshot> cut_;         // the newest copy of the state, not agreed on yet
  std::optional<Snapshot> installing_;  // on its way to the disk
  StateTransfer transfer_;
  std::optional<paxos::Checkpoint> agreed_;  // the newest that was chosen
  bool cut_asked_ = false;                   // a Cut of this term, until it is installed
  paxos::Position checkpoint_asked_;         // of the copy that this term proposed to agree on
  EnsembleId sender_ensemble_;               // of the message being handled
  MonoTime truncated_at_;
  MonoTime cut_not_before_;

  std::vector<Envelope> envelopes_;
  std::vector<ChosenEntry> chosen_;
  std::vector<AppendOutcome> outcomes_;
  std::vector<BarrierNumber> confirmed_;
  std::vector<LogEvent> events_;
  std::vector<std::string> notes_;
};

}  // namespace quorate::replicated_log
