#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "master/base/random.h"
#include "master/base/time.h"
#include "master/paxos/acceptor.h"
#include "master/paxos/codec.h"
#include "master/paxos/learner.h"
#include "master/paxos/messages.h"
#include "master/paxos/proposer.h"
#include "master/paxos/table.h"
#include "master/ports/disk.h"
#include "master/ports/event.h"
#include "master/replicated_log/storage.h"

namespace quorate::replicated_log {

// A number of append() or confirm(), matched with its outcome.
using AppendNumber = Strong<struct AppendNumberTag>;
using BarrierNumber = Strong<struct BarrierNumberTag>;

struct Settings {
  std::uint32_t quorum = 1;  // >= 1; the ensemble is meant to have 2 * quorum - 1 members
  bool auto_initialize = true;
  // A leader that heard of no quorum for this long ends with 75 (protocol.md 10): the session
  // timeout.
  Duration contact_timeout = Duration::seconds(10);
  StorageSettings storage;
};

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

// What became of an append of this replica. On Unknown the leader must step down (protocol.md 9).
enum class Outcome : std::uint8_t { Applied, Unknown };
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
  std::uint64_t learned = 0;
  std::uint64_t end = 0;
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
  // Only while established.
  AppendNumber append(Bytes payload);
  BarrierNumber confirm();
  // The answer to ChosenEntry::Kind::Cut: the state, encoded so that equal states have equal bytes.
  void cut(Now now, paxos::Position position, Bytes state);

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
  LogGauges gauges() const;

 private:
  struct Peer {
    paxos::Standing standing;
    Incarnation incarnation;
    MonoTime heard;
  };
  struct Held {
    Mark mark;
    paxos::Outgoing outgoing;
  };

  void load_recovered();
  bool fits(const paxos::Message& message) const;
  void dispatch(Now now, ReplicaId from, paxos::RequestNumber request,
                const paxos::Message& message);
  void act_on(Now now, ReplicaId from, paxos::RequestNumber request, const paxos::Message& message);
  void hear(Now now, ReplicaId from, const paxos::Framed& framed);
  void on_standing(Now now, ReplicaId from, const paxos::Standing& standing);
  void take_lesson(Now now, ReplicaId from, const paxos::Lesson& lesson);
  void answer(ReplicaId to, paxos::RequestNumber request, paxos::Answer answer);
  void store(const paxos::Record& record);
  void hold(ReplicaId to, paxos::RequestNumber request, paxos::Message message);
  void send(const paxos::Outgoing& outgoing);
  void release_held();
  void drain_loopback(Now now);
  void drain_proposer(Now now);
  void check_outbid(Now now, const paxos::Ballot& ballot);
  void on_deposed(Now now, const paxos::Ballot& by);
  void release_chosen();
  void adopt_ensemble(const paxos::Entry& genesis);
  void change_status(paxos::ReplicaStatus status, const paxos::Ballot& promise);
  void advance_status(Now now);
  void update_voters();
  void contend(Now now);
  void fetch_if_behind(Now now);
  void check_contact(Now now);
  void inquire(Now now);
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
  std::map<ReplicaId, Peer> peers_;
  std::map<ReplicaId, paxos::Position> contradictions_;
  std::set<ReplicaId> other_quorums_;  // who said that it runs with another --quorum
  Mark vote_mark_;                     // what answers must wait for
  std::deque<Held> held_;
  std::deque<paxos::Outgoing> loopback_;

  bool wants_to_lead_ = false;
  bool was_established_ = false;
  MonoTime contend_at_ = MonoTime::never();
  MonoTime contact_until_ = MonoTime::never();  // a leader that hears no quorum ends then
  MonoTime tick_at_ = MonoTime::never();
  MonoTime inquire_at_ = MonoTime::never();
  MonoTime seal_at_ = MonoTime::never();
  MonoTime fetch_until_;  // a fetch is under way until then
  MonoTime now_;          // of the event being handled

  AppendNumber last_append_;
  BarrierNumber last_barrier_;
  std::map<paxos::Position, AppendNumber> appended_;
  std::map<paxos::RequestNumber, BarrierNumber> barriers_;
  std::uint64_t dropped_ = 0;

  std::vector<Envelope> envelopes_;
  std::vector<ChosenEntry> chosen_;
  std::vector<AppendOutcome> outcomes_;
  std::vector<BarrierNumber> confirmed_;
  std::vector<LogEvent> events_;
  std::vector<std::string> notes_;
};

}  // namespace quorate::replicated_log
