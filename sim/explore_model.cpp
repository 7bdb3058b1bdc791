#include "sim/explore_model.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "master/base/check.h"
#include "master/paxos/codec.h"

namespace quorate::sim {
namespace {

constexpr paxos::Position kFirst{1};
// The judges' own idea of a quorum, whatever the proposers think.
constexpr int kQuorum = 2;

std::uint32_t ballot_number(const paxos::Ballot& ballot) {
  return static_cast<std::uint32_t>(ballot.round * 4 + ballot.replica.value);
}

struct BallotOf {
  paxos::Ballot operator()(const paxos::Prepare& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Promise& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Accept& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Accepted& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Rejected& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Missing& m) const { return m.ballot; }
  paxos::Ballot operator()(const paxos::Learned& m) const { return m.ballot; }
  template <typename Other>
  paxos::Ballot operator()(const Other&) const {
    return {};
  }
};

struct NameOf {
  const char* operator()(const paxos::Prepare&) const { return "Prepare"; }
  const char* operator()(const paxos::Promise&) const { return "Promise"; }
  const char* operator()(const paxos::Accept&) const { return "Accept"; }
  const char* operator()(const paxos::Accepted&) const { return "Accepted"; }
  const char* operator()(const paxos::Rejected&) const { return "Rejected"; }
  const char* operator()(const paxos::Missing&) const { return "Missing"; }
  const char* operator()(const paxos::Learned&) const { return "Learned"; }
  const char* operator()(const paxos::Fetch&) const { return "Fetch"; }
  const char* operator()(const paxos::Fetched&) const { return "Fetched"; }
  template <typename Other>
  const char* operator()(const Other&) const {
    return "message";
  }
};

// Each ballot's own value is a Genesis that names it.
std::string value_text(const paxos::Entry& entry) {
  const auto origin = paxos::genesis_ensemble(entry);
  return origin ? fmt::format("value of {}.{}", origin->low, origin->high) : "no-op";
}

std::string message_text(const Sent& sent) {
  const paxos::Ballot ballot = std::visit(BallotOf{}, sent.message);
  std::string out = std::visit(NameOf{}, sent.message);
  if (!ballot.none()) out += fmt::format(" {}.{}", ballot.round, ballot.replica.value);
  if (const auto* accept = std::get_if<paxos::Accept>(&sent.message))
    out += " of the " + value_text(accept->entries.front());
  if (const auto* promise = std::get_if<paxos::Promise>(&sent.message))
    for (const paxos::Slot& slot : promise->slots)
      out += fmt::format(" (holds the {} at {}.{}{})", value_text(slot.entry), slot.ballot.round,
                         slot.ballot.replica.value,
                         promise->learned >= slot.position ? ", learned" : "");
  return out + fmt::format(" from {} to {}", sent.from.value, sent.to.value);
}

}  // namespace

ExploreModel::ExploreModel(const ExploreSettings& settings) : settings_(settings) {
  const std::vector<ReplicaId> members{ReplicaId{1}, ReplicaId{2}, ReplicaId{3}};
  for (std::size_t i = 0; i < 3; ++i)
    replicas_[i] = {members[i], settings.quorum, members, settings.learning};
  number(Voter{});  // 0: nothing held, nothing promised
  number(idle(replicas_[0]));
  number(idle(replicas_[1]));
  idle_three_ = number(idle(replicas_[2]));
}

ExploreState ExploreModel::initial() const {
  ExploreState state;
  state.writers = {0, 1};
  state.ballots.fill(static_cast<std::uint8_t>(settings_.ballots_each));
  state.crashes = static_cast<std::uint8_t>(settings_.crashes);
  state.repeats = static_cast<std::uint8_t>(settings_.repeats);
  return state;
}

// --- Numbers for states of parts

std::uint8_t ExploreModel::number(const paxos::Entry& entry) {
  ByteWriter out;
  paxos::put(out, entry);
  const auto [at, fresh] =
      values_.emplace(out.take(), static_cast<std::uint8_t>(values_.size() + 1));
  CHECK(values_.size() < 255);
  return at->second;
}

std::uint16_t ExploreModel::number(const std::string& broken) {
  if (broken.empty()) return 0;
  const auto [at, fresh] =
      sentence_numbers_.emplace(broken, static_cast<std::uint16_t>(sentences_.size()));
  if (fresh) sentences_.push_back(broken);
  return at->second;
}

std::uint16_t ExploreModel::number(const Voter& voter) {
  ByteWriter out;
  paxos::put(out, voter.acceptor.promised());
  const std::optional<paxos::Slot> slot = voter.table.find(kFirst);
  if (slot) paxos::put(out, *slot);
  out.u64(voter.table.learned().value);
  out.u64(ballot_number(voter.promise_on_disk.value_or(paxos::PromiseRecord{}).promised));
  out.boolean(voter.slot_on_disk.has_value());
  if (voter.slot_on_disk) paxos::put(out, voter.slot_on_disk->slot);
  out.boolean(voter.slot_on_disk && voter.slot_on_disk->learned);
  out.boolean(voter.mark_on_disk.has_value());
  const auto [at, fresh] =
      voter_numbers_.emplace(out.take(), static_cast<std::uint16_t>(voters_.size()));
  if (!fresh) return at->second;
  CHECK(voters_.size() < 0xffff);
  voters_.push_back(voter);
  voter_facts_.push_back({.promised = ballot_number(voter.acceptor.promised()),
                          .value = slot ? number(slot->entry) : std::uint8_t{0},
                          .learned = voter.table.learned() >= kFirst});
  return at->second;
}

std::uint16_t ExploreModel::number(const Writer& writer) {
  const auto [at, fresh] = writer_numbers_.emplace(writer.proposer.fingerprint(),
                                                   static_cast<std::uint16_t>(writers_.size()));
  if (!fresh) return at->second;
  CHECK(writers_.size() < 0xffff);
  writers_.push_back(writer);
  using Phase = paxos::Proposer::Phase;
  const Phase phase = writer.proposer.phase();
  writer_facts_.push_back(
      {.ballot = phase == Phase::Idle ? 0 : ballot_number(writer.proposer.ballot()),
       .preparing = phase == Phase::OwnPromise || phase == Phase::Preparing,
       .leading = phase == Phase::Leading});
  return at->second;
}

std::uint16_t ExploreModel::number(const Sent& sent) {
  paxos::Header header;
  header.sender = sent.from;
  header.request.value = sent.to.value;
  const auto [at, fresh] = message_numbers_.emplace(paxos::encode(header, sent.message),
                                                    static_cast<std::uint16_t>(messages_.size()));
  if (!fresh) return at->second;
  CHECK(messages_.size() < 0xffff);
  messages_.push_back({.sent = sent,
                       .ballot = ballot_number(std::visit(BallotOf{}, sent.message)),
                       .from = static_cast<std::uint8_t>(sent.from.value - 1),
                       .to = static_cast<std::uint8_t>(sent.to.value - 1)});
  return at->second;
}

std::uint16_t ExploreModel::writer_of(const ExploreState& state, std::size_t replica) const {
  return replica < 2 ? state.writers[replica] : idle_three_;
}

// --- Events of one replica, computed once

std::vector<Aftermath> ExploreModel::compute(const ExploreState& state,
                                             const ExploreEvent& event) const {
  using Kind = ExploreEvent::Kind;
  const ReplicaSettings& replica = replicas_[event.replica];
  const Voter& voter = voters_[state.voters[event.replica]];
  const Writer& writer = writers_[writer_of(state, event.replica)];
  switch (event.kind) {
    case Kind::Lead: return {lead(replica, voter, {event.subject, replica.self})};
    case Kind::Deliver:
    case Kind::DeliverTwice:
      return {deliver(replica, voter, writer, messages_[event.subject].sent)};
    case Kind::Crash: return crash(replica, voter);
    case Kind::DeliverAndCrash:
      return deliver_and_crash(replica, voter, writer, messages_[event.subject].sent);
  }
  return {};
}

ExploreModel::Effect ExploreModel::effect_of(const Aftermath& after) {
  Effect effect{.voter = number(after.voter),
                .writer = number(after.writer),
                .broken = number(after.broken),
                .chosen = after.chosen ? number(*after.chosen) : std::uint8_t{0},
                .sent_count = static_cast<std::uint8_t>(after.sent.size()),
                .sent_first = static_cast<std::uint32_t>(sent_.size())};
  for (const Sent& sent : after.sent) sent_.push_back(number(sent));
  return effect;
}

ExploreModel::Span ExploreModel::effects(const ExploreState& state, const ExploreEvent& event) {
  const std::uint64_t kind = event.kind == ExploreEvent::Kind::DeliverTwice
                                 ? static_cast<std::uint64_t>(ExploreEvent::Kind::Deliver)
                                 : static_cast<std::uint64_t>(event.kind);
  const std::uint64_t key =
      (kind + 1) << 56 | std::uint64_t{event.replica} << 48 | std::uint64_t{event.subject} << 32 |
      std::uint64_t{state.voters[event.replica]} << 16 | writer_of(state, event.replica);
  if (const std::uint32_t* known = computed_.find(key)) return spans_[*known];

  std::vector<Effect> made;
  for (const Aftermath& after : compute(state, event)) made.push_back(effect_of(after));
  const Span span{static_cast<std::uint32_t>(effects_.size()),
                  static_cast<std::uint32_t>(made.size())};
  effects_.insert(effects_.end(), made.begin(), made.end());
  computed_.insert(key, static_cast<std::uint32_t>(spans_.size()));
  spans_.push_back(span);
  return span;
}

// --- Events of the whole

const std::vector<ExploreStep>& ExploreModel::next(const ExploreState& state) {
  using Kind = ExploreEvent::Kind;
  steps_.clear();
  std::uint32_t highest = 0;
  for (std::uint16_t voter : state.voters)
    highest = std::max(highest, voter_facts_[voter].promised / 4);
  for (std::uint8_t i = 0; i < 2; ++i) {
    if (state.ballots[i] == 0) continue;
    const std::uint32_t own = voter_facts_[state.voters[i]].promised / 4;
    for (std::uint32_t round = own + 1; round <= highest + 1; ++round)
      take(state, {Kind::Lead, i, static_cast<std::uint16_t>(round), 0});
  }
  for (std::size_t m = 0; m < state.messages; ++m) {
    const std::uint16_t message = state.network[m];
    const std::uint8_t to = messages_[message].to;
    take(state, {Kind::Deliver, to, message, 0});
    if (state.repeats > 0) take(state, {Kind::DeliverTwice, to, message, 0});
    if (state.crashes > 0) take(state, {Kind::DeliverAndCrash, to, message, 0});
  }
  if (state.crashes > 0)
    for (std::uint8_t i = 0; i < 3; ++i) take(state, {Kind::Crash, i, 0, 0});
  return steps_;
}

void ExploreModel::take(const ExploreState& state, ExploreEvent event) {
  const Span span = effects(state, event);
  for (std::uint32_t i = 0; i < span.count; ++i) {
    event.variant = static_cast<std::uint16_t>(i);
    take_effect(state, event, effects_[span.first + i]);
  }
}

void ExploreModel::take_effect(const ExploreState& state, const ExploreEvent& event,
                               const Effect& effect) {
  using Kind = ExploreEvent::Kind;
  const std::size_t replica = event.replica;
  // A crash that changes nothing only costs the crash.
  if (event.kind == Kind::Crash && effect.voter == state.voters[replica] &&
      effect.writer == writer_of(state, replica))
    return;

  ExploreStep& step = steps_.emplace_back();
  step.event = event;
  step.state = state;
  ExploreState& after = step.state;
  after.voters[replica] = effect.voter;
  if (replica < 2) after.writers[replica] = effect.writer;
  if (event.kind == Kind::Lead) --after.ballots[replica];
  if (event.kind == Kind::DeliverTwice) --after.repeats;
  if (event.kind == Kind::Crash || event.kind == Kind::DeliverAndCrash) --after.crashes;
  if (event.kind == Kind::Deliver || event.kind == Kind::DeliverAndCrash) {
    const auto end = after.network.begin() + after.messages;
    std::copy(std::lower_bound(after.network.begin(), end, event.subject) + 1, end,
              std::lower_bound(after.network.begin(), end, event.subject));
    after.network[--after.messages] = 0;
  }
  for (std::uint32_t i = 0; i < effect.sent_count; ++i)
    add_message(after, sent_[effect.sent_first + i]);
  drop_useless(after);
  step.broken = effect.broken != 0 ? effect.broken : judge(after, effect.chosen);
}

void ExploreModel::add_message(ExploreState& state, std::uint16_t message) const {
  if (useless(state, messages_[message])) return;
  const auto end = state.network.begin() + state.messages;
  const auto at = std::lower_bound(state.network.begin(), end, message);
  if (at != end && *at == message) return;
  CHECK(state.messages < ExploreState::kMessagesMax);
  std::copy_backward(at, end, end + 1);
  *at = message;
  ++state.messages;
}

// Whether it changes nothing and is answered by nothing that counts, now and for ever.
bool ExploreModel::useless(const ExploreState& state, const Message& message) const {
  const VoterFacts& receiver = voter_facts_[state.voters[message.to]];
  const WriterFacts& to = writer_facts_[writer_of(state, message.to)];
  const WriterFacts& from = writer_facts_[writer_of(state, message.from)];
  const paxos::Message& what = message.sent.message;
  if (std::holds_alternative<paxos::Promise>(what))
    return !to.preparing || to.ballot != message.ballot;
  if (std::holds_alternative<paxos::Accepted>(what))
    return !to.leading || to.ballot != message.ballot;
  if (std::holds_alternative<paxos::Rejected>(what) || std::holds_alternative<paxos::Missing>(what))
    return to.ballot != message.ballot;
  // Refused, and nobody is there to hear it.
  if (std::holds_alternative<paxos::Prepare>(what) || std::holds_alternative<paxos::Accept>(what))
    return receiver.promised > message.ballot && from.ballot != message.ballot;
  // Teaches one who knows, and cannot forget it in a crash.
  if (std::holds_alternative<paxos::Learned>(what) || std::holds_alternative<paxos::Fetched>(what))
    return receiver.learned && state.crashes == 0;
  if (std::holds_alternative<paxos::Fetch>(what))
    return voter_facts_[state.voters[message.from]].learned && state.crashes == 0;
  return false;
}

void ExploreModel::drop_useless(ExploreState& state) const {
  const auto end = state.network.begin() + state.messages;
  const auto kept = std::remove_if(state.network.begin(), end, [&](std::uint16_t message) {
    return useless(state, messages_[message]);
  });
  std::fill(kept, end, std::uint16_t{0});
  state.messages = static_cast<std::uint8_t>(kept - state.network.begin());
}

// Agreement, and that a quorum holds what anybody learned.
std::uint16_t ExploreModel::judge(ExploreState& state, std::uint8_t chosen) {
  for (std::uint16_t voter : state.voters) {
    const VoterFacts& facts = voter_facts_[voter];
    if (!facts.learned) continue;
    if (chosen == 0) chosen = facts.value;
    if (facts.value != chosen) return number("two values were learned at position 1");
  }
  if (state.chosen == 0) state.chosen = chosen;
  if (chosen != 0 && chosen != state.chosen)
    return number("two values were learned or counted as chosen at position 1");
  if (state.chosen == 0) return 0;

  const auto holds =
      std::count_if(state.voters.begin(), state.voters.end(),
                    [&](std::uint16_t voter) { return voter_facts_[voter].value == state.chosen; });
  if (holds >= kQuorum) return 0;
  return number("the value that was learned or counted as chosen is not held by a quorum");
}

// --- For people

std::string ExploreModel::to_text(const ExploreEvent& event) const {
  using Kind = ExploreEvent::Kind;
  const unsigned replica = event.replica + 1u;
  switch (event.kind) {
    case Kind::Lead: return fmt::format("{} begins ballot {}.{}", replica, event.subject, replica);
    case Kind::Deliver: return message_text(messages_[event.subject].sent);
    case Kind::DeliverTwice: return message_text(messages_[event.subject].sent) + ", to come again";
    case Kind::Crash:
      return fmt::format("{} crashes{}", replica,
                         event.variant == 0 ? "" : ", and forgets that it learned");
    case Kind::DeliverAndCrash:
      return fmt::format("{}, and {} crashes before all of it is synced (case {})",
                         message_text(messages_[event.subject].sent), replica, event.variant + 1);
  }
  return {};
}

std::string ExploreModel::parts() const {
  return fmt::format("{} states of acceptors, {} of proposers, {} messages, {} events computed",
                     voters_.size(), writers_.size(), messages_.size(), computed_.size());
}

}  // namespace quorate::sim
