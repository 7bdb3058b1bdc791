#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "master/paxos/configuration.h"

// How much an ensemble can lose, and who may be stopped: the answers for operators.

namespace quorate::ensemble {

// What the leader knows of a member of the configuration in force, or of an open change.
struct MemberState {
  ReplicaId replica;
  bool answering = false;    // recently
  bool caught_up = false;    // holds all that is chosen, but for what is in flight
  bool chain_agrees = true;  // no difference was found between its log and a quorum's
  bool operator==(const MemberState&) const = default;

  // Counts for a quorum right now.
  bool sound() const { return answering && caught_up && chain_agrees; }
};

struct EnsembleState {
  paxos::Configuration configuration;
  // While a change is open, both need a majority (protocol.md 24).
  std::optional<paxos::Configuration> change;
  std::vector<MemberState> members;  // who is not in it never answered
  std::optional<ReplicaId> leader;
};

// How many more sound members can go, whichever they are, so that writes go on. Nothing: no write
// can be acknowledged now.
std::optional<std::uint32_t> losses_survivable(const EnsembleState& state);

struct StopAnswer {
  bool safe = false;
  std::string why;  // a sentence, for both answers
};
// Whether this replica may be stopped now so that writes go on.
StopAnswer safe_to_stop(const EnsembleState& state, ReplicaId replica);

// "3 of 3 members are sound; the quorum is 2; 1 more can be lost."
std::string state_sentence(const EnsembleState& state);

// What every start logs: how many masters survive the loss of how many, with the row of this
// ensemble marked, and a word about sizes that buy nothing. Lines end with \n.
std::string tolerance_table(const paxos::Configuration& configuration);

}  // namespace quorate::ensemble
