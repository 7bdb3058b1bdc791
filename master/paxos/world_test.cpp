#include "master/paxos/world_test.h"

#include <algorithm>

#include "master/base/check.h"
#include "master/paxos/codec.h"
#include "master/paxos/invariants.h"
#include "master/paxos/quorum.h"
#include "master/paxos/restore.h"

namespace quorate::paxos::test {
namespace {

std::string about(Position position, const std::string& what) {
  return "position " + to_text(position) + ": " + what;
}

// How many of the first `count` records nothing can do without: a learned mark at their end may be
// lost (protocol.md 4).
std::size_t without_marks(const std::vector<Record>& journal, std::size_t count) {
  while (count > 0 && std::holds_alternative<LearnedRecord>(journal[count - 1])) --count;
  return count;
}

std::uint64_t round_in(const Message& message) {
  if (const auto* m = std::get_if<Prepare>(&message)) return m->ballot.round;
  if (const auto* m = std::get_if<Accept>(&message)) return m->ballot.round;
  if (const auto* m = std::get_if<Rejected>(&message)) return m->promised.round;
  if (const auto* m = std::get_if<Learned>(&message)) return m->ballot.round;
  return 0;
}

}  // namespace

std::string Judge::durable(ReplicaId replica, const Record& record) {
  const auto* slot_record = std::get_if<SlotRecord>(&record);
  if (!slot_record || slot_record->learned) return {};
  const Slot& slot = slot_record->slot;
  auto [votes, fresh] = votes_.emplace(std::pair(slot.position, slot.ballot), Votes{});
  if (fresh) votes->second.entry = slot.entry;
  if (votes->second.entry != slot.entry) return about(slot.position, "two values at one ballot");
  votes->second.replicas.insert(replica);
  return count(slot.position, slot.ballot);
}

const Configuration& Judge::governing(Position position) const {
  const auto above = configurations_.lower_bound(position);
  return above == configurations_.begin() ? founders_ : std::prev(above)->second;
}

const Configuration& Judge::before_newest() const {
  return configurations_.size() < 2 ? founders_ : std::prev(configurations_.end(), 2)->second;
}

bool Judge::enough(Position position, const Votes& votes) const {
  const auto quorum_of = [&votes](const Configuration& configuration) {
    return std::count_if(votes.replicas.begin(), votes.replicas.end(), [&](ReplicaId replica) {
             return configuration.contains(replica);
           }) >= static_cast<std::ptrdiff_t>(configuration.quorum());
  };
  const MaybeConfiguration next = configuration_in(votes.entry);
  return quorum_of(governing(position)) && (!next || quorum_of(*next));
}

std::string Judge::count(Position position, const Ballot& ballot) {
  const Votes& votes = votes_.at({position, ballot});
  const std::uint64_t epoch = position == Position{1} ? 0 : governing(position).epoch;
  if (!configurations_.empty() && epochs_.at({position, ballot}) != epoch) return {};
  if (!enough(position, votes)) return {};

  auto [chosen, first] = chosen_.emplace(position, votes.entry);
  if (chosen->second != votes.entry) return about(position, "two values are chosen");
  if (!first) return {};
  if (position > chosen_end().next()) return about(position, "chosen, but not everything below");
  chain_.push_back(chain_after(chain_.back(), position, votes.entry));
  const MaybeConfiguration next = configuration_in(votes.entry);
  if (!next) return {};
  if (next->epoch != newest().epoch + (position == Position{1} ? 0 : 1))
    return about(position, "an epoch was left out, or chosen twice");
  configurations_[position] = *next;
  // What lies above was counted by the configuration before.
  for (const auto& [key, above] : votes_)
    if (key.first > position)
      if (std::string sentence = count(key.first, key.second); !sentence.empty()) return sentence;
  return {};
}

std::string Judge::learned(const Table& table, Position after) const {
  for (Position p = after.next(); p <= table.learned(); p = p.next()) {
    const auto chosen = chosen_.find(p);
    if (chosen == chosen_.end()) return about(p, "learned, but not chosen");
    if (chosen->second != table.find(p)->entry)
      return about(p, "learned another value than chosen");
  }
  return {};
}

std::string Judge::watermark(Position chosen, const Digest& chain) const {
  if (chosen > chosen_end()) return about(chosen, "reported as chosen, but is not");
  if (chain_[chosen.value] != chain) return about(chosen, "a watermark with a wrong chain value");
  return {};
}

void Judge::put(ByteWriter& out) const {
  for (const auto& [key, votes] : votes_) {
    out.u64(key.first.value);
    paxos::put(out, key.second);
    for (ReplicaId replica : votes.replicas) out.u64(replica.value);
  }
}

World::World(Settings settings)
    : settings_(settings), judge_([&settings] {
        const std::size_t voters = settings.founders ? settings.founders : settings.replicas;
        Configuration founders{1, {}, {}, 0};
        for (std::size_t i = 1; i <= voters; ++i) founders.members.push_back({ReplicaId{i}, ""});
        return founders;
      }()) {
  for (std::size_t i = 1; i <= settings.replicas; ++i) ids_.push_back(ReplicaId{i});
  for (ReplicaId id : ids_) {
    Replica replica;
    replica.id = id;
    replica.proposer = fresh_proposer(id);
    replicas.push_back(std::move(replica));
  }
}

Proposer World::fresh_proposer(ReplicaId id) const {
  Proposer proposer(id, majority_of(static_cast<std::uint32_t>(settings_.replicas)));
  proposer.set_members(ids_);
  proposer.set_voters(ids_);
  return proposer;
}

// Each ballot's own, so that no two are taken for each other, but in a recorded ensemble, whose
// founders agreed on it.
Genesis World::genesis(ReplicaId id, std::uint64_t round) const {
  if (settings_.founders == 0) return {{id.value, round}, {}};
  return {{7, 7}, judge_.founders()};
}

void World::blame(const std::string& sentence) {
  if (violation.empty()) violation = sentence;
}

void World::lead(std::size_t i) {
  Replica& replica = replicas[i];
  const std::uint64_t seen = std::max(
      {replica.round_seen, replica.acceptor.promised().round, replica.proposer.ballot().round});
  replica.proposer.lead({seen + 1, replica.id}, replica.table, genesis(replica.id, seen + 1));
  pump(replica);
}

void World::append(std::size_t i) {
  if (!replicas[i].proposer.takes_entries()) return;
  replicas[i].proposer.append("write " + std::to_string(++appended_));
  pump(replicas[i]);
}

bool World::change(std::size_t i, const std::vector<std::size_t>& members) {
  Proposer& proposer = replicas[i].proposer;
  if (!proposer.established() || !proposer.takes_entries()) return false;
  std::vector<Member> list;
  for (std::size_t member : members) list.push_back({replicas[member].id, ""});
  proposer.change(successor(*proposer.configuration(), std::move(list), 0));
  pump(replicas[i]);
  return true;
}

void World::repeat(std::size_t i) {
  replicas[i].proposer.repeat();
  pump(replicas[i]);
}

void World::confirm(std::size_t i) {
  if (!replicas[i].proposer.established()) return;
  const RequestNumber number = replicas[i].proposer.confirm();
  replicas[i].barriers[number] = acknowledged;
  pump(replicas[i]);
}

void World::sync(std::size_t i, std::size_t records) {
  Replica& replica = replicas[i];
  for (; records > 0 && replica.durable < replica.journal.size(); --records)
    blame(judge_.durable(replica.id, replica.journal[replica.durable++]));
  release(replica);
}

void World::release(Replica& replica) {
  std::vector<Packet> leaving;
  while (!replica.held.empty() && replica.held.front().mark <= replica.durable) {
    leaving.push_back(std::move(replica.held.front().packet));
    replica.held.erase(replica.held.begin());
  }
  for (Packet& packet : leaving) {
    if (settings_.prompt && packet.to == replica.id)
      handle(packet);
    else
      network.push_back(std::move(packet));
  }
}

void World::crash(std::size_t i, std::size_t kept) {
  Replica& replica = replicas[i];
  sync(i, 0);
  // What survived may be found on disk at the next start, so it counts as a vote from then on.
  const std::size_t durable =
      without_marks(replica.journal, std::min(replica.durable + kept, replica.journal.size()));
  for (std::size_t r = replica.durable; r < durable; ++r)
    blame(judge_.durable(replica.id, replica.journal[r]));
  Replica reborn;
  reborn.id = replica.id;
  reborn.journal.assign(replica.journal.begin(),
                        replica.journal.begin() + static_cast<std::ptrdiff_t>(durable));
  reborn.durable = durable;
  for (const Record& record : reborn.journal) {
    const Result<void> restored = restore(record, reborn.acceptor, reborn.table);
    if (!restored) blame("restart: " + restored.error().text);
  }
  if (settings_.plant == Plant::None)
    if (auto sentence = broken(reborn.acceptor, reborn.table)) blame("restart: " + *sentence);

  reborn.proposer = fresh_proposer(replica.id);
  // What a replica says to itself never leaves the process.
  std::erase_if(network,
                [&](const Packet& p) { return p.to == replica.id && p.from == replica.id; });
  replica = std::move(reborn);
}

bool World::settled() const {
  const Configuration& newest = judge_.newest();
  std::uint32_t know = 0;
  for (const Replica& replica : replicas)
    if (newest.contains(replica.id) && replica.table.epoch() == newest.epoch &&
        replica.durable >= without_marks(replica.journal, replica.journal.size()))
      ++know;
  return know >= newest.quorum();
}

void World::wipe(std::size_t i) {
  const ReplicaId id{replicas[i].id.value + 100};
  ids_[i] = id;
  replicas[i] = {};
  replicas[i].id = id;
  replicas[i].proposer = fresh_proposer(id);
  for (Replica& replica : replicas) {
    replica.proposer.set_members(ids_);
    replica.proposer.set_voters(ids_);
    pump(replica);
  }
}

Replica* World::find(ReplicaId id) {
  for (Replica& replica : replicas)
    if (replica.id == id) return &replica;
  return nullptr;
}

void World::deliver(std::size_t packet) {
  const Packet taken = std::move(network[packet]);
  network.erase(network.begin() + static_cast<std::ptrdiff_t>(packet));
  handle(taken);
}

void World::deliver_and_crash(std::size_t packet, bool kept) {
  const Packet taken = std::move(network[packet]);
  network.erase(network.begin() + static_cast<std::ptrdiff_t>(packet));
  const bool prompt = std::exchange(settings_.prompt, false);
  const std::size_t in_network = network.size();
  handle(taken);
  if (settings_.plant != Plant::AnswerBeforeSync) network.resize(in_network);
  const auto to = std::find(ids_.begin(), ids_.end(), taken.to);
  if (to != ids_.end()) {
    const auto i = static_cast<std::size_t>(to - ids_.begin());
    crash(i, kept ? replicas[i].journal.size() : 0);
  }
  settings_.prompt = prompt;
}

void World::handle(const Packet& packet) {
  Replica* const to = find(packet.to);
  if (to == nullptr) return;
  Replica& replica = *to;
  const Acceptor acceptor_before = replica.acceptor;
  const Table table_before = replica.table;
  replica.round_seen = std::max(replica.round_seen, round_in(packet.message));
  fetch_newer(replica, packet);
  if (const auto* prepare = std::get_if<Prepare>(&packet.message)) {
    answer(replica, packet, replica.acceptor.on(*prepare, replica.table));
  } else if (const auto* accepts = std::get_if<Accept>(&packet.message)) {
    answer(replica, packet, accept(replica, *accepts));
    teach(replica, packet,
          learn_planted(replica, {accepts->ballot, accepts->chosen, accepts->chosen_chain}));
  } else if (const auto* confirm = std::get_if<Confirm>(&packet.message)) {
    answer(replica, packet, replica.acceptor.on(*confirm, replica.table));
  } else if (const auto* learned = std::get_if<Learned>(&packet.message)) {
    teach(replica, packet, learn_planted(replica, *learned));
  } else if (const auto* request = std::get_if<Fetch>(&packet.message)) {
    answer(replica, packet, {{}, {fetch(*request, replica.table, 64)}});
  } else if (const auto* fetched = std::get_if<Fetched>(&packet.message)) {
    teach(replica, packet, learn(*fetched, replica.table));
  } else if (const auto* promise = std::get_if<Promise>(&packet.message)) {
    replica.proposer.on(packet.from, packet.request, *promise);
  } else if (const auto* accepted = std::get_if<Accepted>(&packet.message)) {
    replica.proposer.on(packet.from, packet.request, *accepted);
  } else if (const auto* rejected = std::get_if<Rejected>(&packet.message)) {
    replica.proposer.on(packet.from, packet.request, *rejected);
  } else if (const auto* missing = std::get_if<Missing>(&packet.message)) {
    replica.proposer.on(packet.from, packet.request, *missing);
  } else if (const auto* confirmation = std::get_if<Confirmed>(&packet.message)) {
    replica.proposer.on(packet.from, packet.request, *confirmation);
  } else if (const auto* superseded = std::get_if<Superseded>(&packet.message)) {
    replica.proposer.on(packet.from, packet.request, *superseded);
  }
  check(acceptor_before, table_before, replica);
  pump(replica);
}

// What is of a newer epoch is no reason to vote, only to learn.
void World::fetch_newer(Replica& replica, const Packet& packet) {
  std::optional<std::uint64_t> epoch = asked_epoch(packet.message);
  if (const auto* superseded = std::get_if<Superseded>(&packet.message)) epoch = superseded->epoch;
  if (!epoch || packet.from == replica.id) return;
  teach(replica, packet, {{}, fetch_configuration(*epoch, replica.table), {}});
}

void World::answer(Replica& replica, const Packet& packet, const Answer& answer) {
  journal(replica, answer.records);
  for (const Message& message : answer.messages)
    hold(replica, {replica.id, packet.from, packet.request, message});
}

void World::teach(Replica& replica, const Packet& packet, const Lesson& lesson) {
  journal(replica, lesson.records);
  if (lesson.contradiction) blame(about(*lesson.contradiction, "contradicts what was learned"));
  if (!lesson.fetch) return;
  // A leader whose own acceptor fell behind its window cannot ask itself; who else knows, it must
  // try.
  const ReplicaId next = ids_[++fetches_ % ids_.size()];
  const ReplicaId to = packet.from == replica.id ? next : packet.from;
  hold(replica, {replica.id, to, packet.request, *lesson.fetch});
}

// Mesos stores the promise that it had, and compares the write's number only with that.
Answer World::accept(Replica& replica, const Accept& accept) {
  const bool mesos = settings_.plant == Plant::AcceptIsNoPromise;
  const bool any_order = settings_.plant == Plant::OutOfOrder;
  if (!mesos && !any_order) return replica.acceptor.on(accept, replica.table);
  if (accept.ballot < replica.acceptor.promised())
    return {{}, {Rejected{accept.ballot, replica.acceptor.promised()}}};
  Answer answer;
  if (any_order && accept.ballot > replica.acceptor.promised()) {
    replica.acceptor = Acceptor(accept.ballot);
    answer.records.push_back(PromiseRecord{accept.ballot});
  }
  Position position = accept.position;
  for (const Entry& entry : accept.entries) {
    if (position > replica.table.end().next()) return {};
    if (position > replica.table.learned()) {
      const Slot slot{position, accept.ballot, entry};
      replica.table.put(slot);
      answer.records.push_back(SlotRecord{.slot = slot, .learned = false});
    }
    position = position.next();
  }
  answer.messages.push_back(Accepted{accept.ballot, Position{position.value - 1}});
  return answer;
}

Lesson World::learn_planted(Replica& replica, const Learned& learned) {
  if (settings_.plant != Plant::WatermarkTeachesAll) return learn(learned, replica.table);
  replica.table.learn(
      std::min(std::max(learned.chosen, replica.table.learned()), replica.table.end()));
  return {};
}

void World::journal(Replica& replica, const std::vector<Record>& records) {
  replica.journal.insert(replica.journal.end(), records.begin(), records.end());
  for (const Record& record : records)
    if (const auto* slot = std::get_if<SlotRecord>(&record))
      judge_.cast(slot->slot, replica.table.epoch());
}

void World::hold(Replica& replica, Packet packet) {
  const bool waits = settings_.plant != Plant::AnswerBeforeSync;
  const std::size_t mark = without_marks(replica.journal, replica.journal.size());
  replica.held.push_back({waits ? mark : 0, std::move(packet)});
}

void World::pump(Replica& replica) {
  if (settings_.prompt)
    sync(static_cast<std::size_t>(&replica - replicas.data()), replica.journal.size());
  release(replica);
  // Chosen may only be said of what is; acknowledging is saying so.
  if (replica.proposer.phase() == Proposer::Phase::Leading)
    acknowledged = std::max(acknowledged, replica.proposer.chosen());
  for (RequestNumber number : replica.proposer.take_confirmed()) {
    ++confirmed;
    if (replica.proposer.chosen() < replica.barriers[number])
      blame("a read barrier was confirmed to a leader that does not know the newest write");
  }
  replica.proposer.take_deposed();
  for (Outgoing& out : replica.proposer.take_outgoing()) {
    if (const auto* learned = std::get_if<Learned>(&out.message))
      blame(judge_.watermark(learned->chosen, learned->chain));
    if (const auto* accepts = std::get_if<Accept>(&out.message))
      blame(judge_.watermark(accepts->chosen, accepts->chosen_chain));
    Packet packet{replica.id, out.to, out.request, std::move(out.message)};
    if (settings_.prompt && packet.to == replica.id)
      handle(packet);
    else
      network.push_back(std::move(packet));
  }
}

void World::check(const Acceptor& acceptor, const Table& table, const Replica& after) {
  blame(judge_.learned(after.table, table.learned()));
  if (settings_.plant != Plant::None) return;
  if (auto sentence = broken(after.acceptor, after.table)) blame(*sentence);
  if (auto sentence = broken(acceptor, table, after.acceptor, after.table)) blame(*sentence);
}

Digest World::fingerprint() const {
  ByteWriter out;
  std::vector<Bytes> packets;
  for (const Packet& p : network) {
    Header header;
    header.sender = p.from;
    header.epoch = p.to.value;
    header.request = p.request;
    packets.push_back(encode(header, p.message));
  }
  std::sort(packets.begin(), packets.end());
  for (const Bytes& packet : packets) out.sized(packet);
  for (const Replica& r : replicas) {
    put(out, r.acceptor.promised());
    out.u64(r.round_seen);
    out.u64(r.table.learned().value);
    for (Position p = r.table.begin(); p <= r.table.end(); p = p.next()) put(out, *r.table.find(p));
    put(out, r.proposer.fingerprint());
    out.u64(r.journal.size() - r.durable);
  }
  judge_.put(out);
  return xxh3_128(out.bytes());
}

}  // namespace quorate::paxos::test
