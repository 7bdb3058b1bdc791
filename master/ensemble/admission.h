#pragma once

#include <optional>
#include <string>
#include <variant>

#include "master/ensemble/refusal.h"
#include "master/ensemble/requests.h"
#include "master/ensemble/view.h"

// What becomes of a master that stands at the door of a recorded ensemble (protocol.md 28).

namespace quorate::ensemble {

// It is a member: it votes as the log says.
struct IsMember {};
// It may fetch the log, and is made a voter by a change when it has caught up (wishes.h).
struct MayLearn {
  std::string why;
};
// No place for it now, but there may be one: it stays outside, does not vote, and asks again.
// `command` is the one that would admit it; empty: none would.
struct StaysOutside {
  std::string why;
  std::string command;
};
// Refusal: it ends. 77: the ensemble is full, or it is retired, a clone, of a foreign ensemble, or
// not in --masters. 78: its flags cannot be.
using Admission = std::variant<IsMember, MayLearn, StaysOutside, Refusal>;

// `who` is among the view's nodes, or a copy of one. The request is the one that is being decided.
Admission admit(const EnsembleView& view, const Node& who,
                const std::optional<Request>& request = {});

}  // namespace quorate::ensemble
