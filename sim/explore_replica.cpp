#include "sim/explore_replica.h"

#include <deque>
#include <utility>

#include "master/paxos/codec.h"
#include "master/paxos/invariants.h"
#include "master/paxos/learner.h"
#include "master/paxos/restore.h"

namespace quorate::sim {
namespace {

using paxos::Position;

constexpr Position kFirst{1};
// Any number of a term serves: an answer is told from an older term's by its ballot as well.
constexpr paxos::RequestNumber kRequest{1};
constexpr std::size_t kFetchBytesMax = 1 << 20;

void write(const paxos::Record& record, Voter& voter) {
  if (const auto* promise = std::get_if<paxos::PromiseRecord>(&record))
    voter.promise_on_disk = *promise;
  else if (const auto* slot = std::get_if<paxos::SlotRecord>(&record))
    voter.slot_on_disk = *slot;
  else
    voter.mark_on_disk = std::get<paxos::LearnedRecord>(record);
}

// One event, and all that the replica says to itself because of it.
class Step {
 public:
  Step(const ReplicaSettings& settings, Voter voter, Writer writer, bool synced)
      : settings_(settings),
        voter_(std::move(voter)),
        writer_(std::move(writer)),
        synced_(synced) {}

  void lead(const paxos::Ballot& ballot) {
    // Each ballot has a value of its own, so that no two are taken for each other.
    writer_.proposer.lead(ballot, voter_.table, {{ballot.replica.value, ballot.round}});
    drain_proposer();
    run();
  }

  void receive(const Sent& sent) {
    local_.push_back(sent);
    run();
  }

  Aftermath take() && {
    Aftermath after{std::move(voter_), std::move(writer_), std::move(sent_), {}, {}};
    const paxos::Proposer& proposer = after.writer.proposer;
    const bool leads = proposer.phase() == paxos::Proposer::Phase::Leading;
    if (leads && proposer.chosen() >= kFirst) after.chosen = after.writer.proposed;
    if (proposer.phase() == paxos::Proposer::Phase::Idle || (leads && proposer.chosen() >= kFirst))
      after.writer = idle(settings_);
    return after;
  }
  const std::vector<paxos::Record>& records() const { return records_; }

 private:
  void run() {
    while (!local_.empty()) {
      const Sent sent = std::move(local_.front());
      local_.pop_front();
      act(sent.from, sent.message);
      drain_proposer();
    }
  }

  // As ReplicatedLog does: what is asked, what teaches, what is answered.
  void act(ReplicaId from, const paxos::Message& message) {
    if (const auto* prepare = std::get_if<paxos::Prepare>(&message)) {
      answer(from, voter_.acceptor.on(*prepare, voter_.table));
    } else if (const auto* accept = std::get_if<paxos::Accept>(&message)) {
      answer(from, voter_.acceptor.on(*accept, voter_.table));
      teach(from, learn({accept->ballot, accept->chosen, accept->chosen_chain, {}}, voter_.table));
    } else if (const auto* learned = std::get_if<paxos::Learned>(&message)) {
      teach(from, learn(*learned, voter_.table));
    } else if (const auto* fetch = std::get_if<paxos::Fetch>(&message)) {
      send(from, paxos::fetch(*fetch, voter_.table, kFetchBytesMax));
    } else if (const auto* fetched = std::get_if<paxos::Fetched>(&message)) {
      teach(from, learn(*fetched, voter_.table));
    } else if (const auto* promise = std::get_if<paxos::Promise>(&message)) {
      writer_.proposer.on(from, kRequest, *promise);
    } else if (const auto* accepted = std::get_if<paxos::Accepted>(&message)) {
      writer_.proposer.on(from, kRequest, *accepted);
    } else if (const auto* rejected = std::get_if<paxos::Rejected>(&message)) {
      writer_.proposer.on(from, kRequest, *rejected);
    } else if (const auto* missing = std::get_if<paxos::Missing>(&message)) {
      writer_.proposer.on(from, kRequest, *missing);
    }
  }

  void answer(ReplicaId to, paxos::Answer answer) {
    record(answer.records);
    for (paxos::Message& message : answer.messages) {
      // Held until the records before it are synced, which the crash forestalls.
      if (!synced_ && !records_.empty()) continue;
      send(to, std::move(message));
    }
  }

  void teach(ReplicaId from, const paxos::Lesson& lesson) {
    record(lesson.records);
    if (lesson.fetch && from != settings_.self) send(from, *lesson.fetch);
  }

  void record(const std::vector<paxos::Record>& records) {
    for (const paxos::Record& made : records) write(made, voter_);
    records_.insert(records_.end(), records.begin(), records.end());
  }

  void drain_proposer() {
    for (paxos::Outgoing& outgoing : writer_.proposer.take_outgoing())
      send(outgoing.to, std::move(outgoing.message));
  }

  void send(ReplicaId to, paxos::Message message) {
    if (auto* accept = std::get_if<paxos::Accept>(&message)) {
      if (accept->position == kFirst) {
        accept->entries.resize(1);
        writer_.proposed = accept->entries.front();
      } else {
        message = paxos::Learned{accept->ballot, accept->chosen, accept->chosen_chain, {}};
      }
    }
    if (to == settings_.self) {
      local_.push_back({settings_.self, to, std::move(message)});
      return;
    }
    const bool teaches = std::holds_alternative<paxos::Learned>(message) ||
                         std::holds_alternative<paxos::Fetch>(message) ||
                         std::holds_alternative<paxos::Fetched>(message);
    if (teaches && !settings_.learning) return;
    sent_.push_back({settings_.self, to, std::move(message)});
  }

  const ReplicaSettings& settings_;
  Voter voter_;
  Writer writer_;
  bool synced_;
  std::deque<Sent> local_;
  std::vector<Sent> sent_;
  std::vector<paxos::Record> records_;
};

// What lies on the disk of a replica that has synced everything; the mark may be lost.
std::vector<paxos::Record> disk_of(const Voter& voter, bool mark) {
  std::vector<paxos::Record> records;
  if (voter.promise_on_disk) records.emplace_back(*voter.promise_on_disk);
  if (voter.slot_on_disk) records.emplace_back(*voter.slot_on_disk);
  if (mark && voter.mark_on_disk) records.emplace_back(*voter.mark_on_disk);
  return records;
}

Aftermath started_from(const ReplicaSettings& settings, const std::vector<paxos::Record>& disk) {
  Aftermath after{{}, idle(settings), {}, {}, {}};
  for (const paxos::Record& record : disk) {
    const Result<void> read = paxos::restore(record, after.voter.acceptor, after.voter.table);
    if (!read) after.broken = read.error().text;
    write(record, after.voter);
  }
  return after;
}

void judge(const Voter& before, Aftermath& after) {
  if (!after.broken.empty()) return;
  auto broken = paxos::broken(after.voter.acceptor, after.voter.table);
  if (!broken)
    broken = paxos::broken(before.acceptor, before.table, after.voter.acceptor, after.voter.table);
  if (broken) after.broken = *broken;
}

}  // namespace

Writer idle(const ReplicaSettings& settings) {
  Writer writer{paxos::Proposer(settings.self, settings.quorum), {}};
  writer.proposer.set_members(settings.members);
  writer.proposer.set_voters(settings.members);
  return writer;
}

Aftermath lead(const ReplicaSettings& settings, const Voter& voter, const paxos::Ballot& ballot) {
  Step step(settings, voter, idle(settings), true);
  step.lead(ballot);
  Aftermath after = std::move(step).take();
  judge(voter, after);
  return after;
}

Aftermath deliver(const ReplicaSettings& settings, const Voter& voter, const Writer& writer,
                  const Sent& sent) {
  Step step(settings, voter, writer, true);
  step.receive(sent);
  Aftermath after = std::move(step).take();
  judge(voter, after);
  return after;
}

std::vector<Aftermath> deliver_and_crash(const ReplicaSettings& settings, const Voter& voter,
                                         const Writer& writer, const Sent& sent) {
  Step step(settings, voter, writer, false);
  step.receive(sent);
  const std::vector<paxos::Record> records = step.records();
  const Aftermath at_the_end = std::move(step).take();
  std::vector<Aftermath> all;
  // Records reach the disk in order, so a beginning of them is left.
  for (std::size_t kept = 0; kept < records.size(); ++kept) {
    for (bool mark : {true, false}) {
      if (!mark && !voter.mark_on_disk) continue;
      std::vector<paxos::Record> disk = disk_of(voter, mark);
      disk.insert(disk.end(), records.begin(), records.begin() + static_cast<std::ptrdiff_t>(kept));
      Aftermath after = started_from(settings, disk);
      after.sent = at_the_end.sent;
      if (after.broken.empty())
        after.broken = paxos::broken(after.voter.acceptor, after.voter.table).value_or("");
      all.push_back(std::move(after));
    }
  }
  return all;
}

std::vector<Aftermath> crash(const ReplicaSettings& settings, const Voter& voter) {
  std::vector<Aftermath> all;
  for (bool mark : {true, false}) {
    if (!mark && !voter.mark_on_disk) continue;
    Aftermath after = started_from(settings, disk_of(voter, mark));
    // Everything was synced: only the mark may be lost.
    if (mark) judge(voter, after);
    if (after.broken.empty())
      after.broken = paxos::broken(after.voter.acceptor, after.voter.table).value_or("");
    all.push_back(std::move(after));
  }
  return all;
}

}  // namespace quorate::sim
