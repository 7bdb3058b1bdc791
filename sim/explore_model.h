#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "sim/explore_replica.h"
#include "sim/flat_hash.h"

// The state space that `quorate-sim explore` walks through: three replicas, of which two propose,
// and what lies in the network between them.
//
// A replica is a function of its state and one event, so each (state, event) is computed by the
// real code once, and a state of the whole is a row of small numbers that stand for the states of
// its parts. Sound reductions, each of which keeps every violation:
//   * The network is a set. A message that never arrives is lost; so any number may be lost, and
//     what is sent again is what has not arrived yet. Doubled ones are counted (`repeats`).
//   * What a replica is told is synced before the next event: an event of another replica commutes
//     with the sync, and a crash before it is a case of its own for every message and every
//     beginning of the records.
//   * Request numbers are left out: within a replica's run an answer is told apart by its ballot.
//   * A message that can have no effect any more is dropped (useless()).
//   * A proposer whose term ended, or whose entry is chosen, is replaced by an idle one.
// A new ballot may have any round above the own promise up to one above the highest of all, seen by
// this proposer or not: more than the product does.

namespace quorate::sim {

struct ExploreSettings {
  unsigned ballots_each = 2;
  unsigned crashes = 1;
  unsigned repeats = 0;      // messages that arrive twice
  bool learning = true;      // watermarks and fetched entries travel, too
  std::uint32_t quorum = 2;  // of the proposers: 1 plants an error
};

// What happened between two states.
struct ExploreEvent {
  enum class Kind : std::uint8_t { Lead, Deliver, DeliverTwice, Crash, DeliverAndCrash };
  Kind kind = Kind::Lead;
  std::uint8_t replica = 0;   // 0, 1, 2
  std::uint16_t subject = 0;  // a round or a message
  std::uint16_t variant = 0;  // of what a crash leaves
};

// 64 bytes without padding: it is hashed as it lies in memory.
struct ExploreState {
  static constexpr std::size_t kMessagesMax = 24;
  std::array<std::uint16_t, 3> voters{};
  std::array<std::uint16_t, 2> writers{};
  std::array<std::uint8_t, 2> ballots{};
  std::uint8_t crashes = 0;
  std::uint8_t repeats = 0;
  std::uint8_t chosen = 0;  // the value that anybody learned or counted as chosen, ever
  std::uint8_t messages = 0;
  std::array<std::uint16_t, kMessagesMax> network{};  // ascending
};
static_assert(sizeof(ExploreState) == 64);

struct ExploreStep {
  ExploreEvent event;
  ExploreState state;
  std::uint16_t broken = 0;  // 0: nothing; else for sentence()
};

class ExploreModel {
 public:
  explicit ExploreModel(const ExploreSettings& settings);

  ExploreState initial() const;
  // All that can happen next, in a fixed order. Valid until the next call.
  const std::vector<ExploreStep>& next(const ExploreState& state);

  const std::string& sentence(std::uint16_t broken) const { return sentences_[broken]; }
  std::string to_text(const ExploreEvent& event) const;
  // How many different states of acceptors, of proposers, messages, and computed events there are.
  std::string parts() const;

 private:
  struct Effect {
    std::uint16_t voter, writer, broken;
    std::uint8_t chosen;
    std::uint8_t sent_count;
    std::uint32_t sent_first;
  };
  struct Message {
    Sent sent;
    std::uint32_t ballot;  // as a number, so that ballots compare as they do
    std::uint8_t from, to;
  };
  struct VoterFacts {
    std::uint32_t promised;
    std::uint8_t value;  // 0: none held
    bool learned;
  };
  struct WriterFacts {
    std::uint32_t ballot;  // 0: idle
    bool preparing, leading;
  };
  struct Span {
    std::uint32_t first;
    std::uint32_t count;
  };

  std::uint16_t number(const Voter& voter);
  std::uint16_t number(const Writer& writer);
  std::uint16_t number(const Sent& sent);
  std::uint8_t number(const paxos::Entry& entry);
  std::uint16_t number(const std::string& broken);
  Effect effect_of(const Aftermath& after);
  Span effects(const ExploreState& state, const ExploreEvent& event);
  std::vector<Aftermath> compute(const ExploreState& state, const ExploreEvent& event) const;
  std::uint16_t writer_of(const ExploreState& state, std::size_t replica) const;
  void take(const ExploreState& state, ExploreEvent event);
  void take_effect(const ExploreState& state, const ExploreEvent& event, const Effect& effect);
  void add_message(ExploreState& state, std::uint16_t message) const;
  bool useless(const ExploreState& state, const Message& message) const;
  void drop_useless(ExploreState& state) const;
  std::uint16_t judge(ExploreState& state, std::uint8_t chosen);

  ExploreSettings settings_;
  std::array<ReplicaSettings, 3> replicas_;
  std::map<Bytes, std::uint16_t> voter_numbers_, message_numbers_, sentence_numbers_;
  std::map<Digest, std::uint16_t> writer_numbers_;
  std::map<Bytes, std::uint8_t> values_;
  std::vector<Voter> voters_;
  std::vector<VoterFacts> voter_facts_;
  std::vector<Writer> writers_;
  std::vector<WriterFacts> writer_facts_;
  std::vector<Message> messages_;
  std::vector<std::string> sentences_{""};
  FlatMap computed_;  // to an index of spans_
  std::vector<Span> spans_;
  std::vector<Effect> effects_;
  std::vector<std::uint16_t> sent_;
  std::uint16_t idle_three_ = 0;
  std::vector<ExploreStep> steps_;
};

}  // namespace quorate::sim
