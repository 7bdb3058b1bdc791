#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "master/base/bytes.h"
#include "master/base/strong.h"
#include "master/registry/decoded.h"
#include "master/registry/entry.h"
#include "master/registry/fold.h"
#include "master/registry/operation.h"
#include "master/registry/registry.h"

namespace quorate::registry {

// A position of the log, as the log counts them.
using Position = Strong<struct PositionTag>;
// One submitted operation in this incarnation; counted from 1, never reused.
using RequestNumber = Strong<struct RequestNumberTag>;

// A valid operation on its way: `entry` is to be appended to the log by the caller.
struct Submitted {
  RequestNumber request;
  Bytes entry;
};

// Why an operation was not submitted. Nothing has changed.
struct Refusal {
  enum class Kind {
    Invalid,   // breaks a rule of the registry: the operator's 400
    Busy,      // the window is full, or this very operation is in flight: later
    Repeated,  // this very operation is applied already: a success
  };

  Kind kind = Kind::Invalid;
  std::string text;
};

// A chosen entry was folded into the registry. `request` is set if it was submitted here.
struct Folded {
  Effect effect = Effect::Applied;
  std::optional<RequestNumber> request;
};

using ApplyOutcome = Decoded<Folded>;

// The registry of one master: the applied state, which is the same on every replica at the same
// position, and the speculative state, which a leader validates against: applied plus its own
// entries in flight, in order. Pure: it appends nothing itself.
//
// On a leader: submit() -> append the entry to the log -> the log chooses and releases it ->
// apply()
// -> answer the request. When leadership is lost: abandon(). On a standby: apply() only. With
// --registry=in_memory the caller passes each submitted entry to apply() at once, under the next
// position.
//
// The caller guarantees that a new leader submits only after the log released all that earlier
// leaders may have got chosen; otherwise it would validate against the past. (fold.h says why an
// entry that arrives meets the state that it was validated against.)
class Registrar {
 public:
  // How many operations may be in flight.
  static constexpr std::size_t kDefaultWindow = 256;

  // `entry_bytes_max`: what the log takes as one entry; a larger operation is refused as invalid.
  explicit Registrar(std::size_t window = kDefaultWindow, std::size_t entry_bytes_max = SIZE_MAX)
      : window_(window), entry_bytes_max_(entry_bytes_max) {}

  // Validates against the speculative state, which then includes the operation.
  tl::expected<Submitted, Refusal> submit(const Operation& operation);

  // Folds an entry that the log released at `position`, whoever proposed it. The caller guarantees
  // that positions rise; gaps are fine (no-ops, configurations, withheld entries). After Newer and
  // Malformed nothing has changed and nothing more may be applied.
  ApplyOutcome apply(Position position, std::string_view entry);

  // Leadership is lost. The outcome of what was in flight is unknown: the requests are returned,
  // oldest first, and forgotten; should the log still release their entries, they are applied as
  // others' are.
  std::vector<RequestNumber> abandon();

  // The applied state, and a replica's start from it. The caller guarantees that nothing is in
  // flight and that `position` is not below what is applied. If it fails, nothing has changed.
  Bytes snapshot() const;
  Decoded<std::monostate> restore(Position position, std::string_view snapshot);

  const Registry& applied() const { return applied_; }
  const Registry& speculative() const { return speculative_; }
  // The newest position whose entry is in the applied state; none before the first.
  std::optional<Position> applied_position() const { return applied_position_; }

  // For metrics: operations in flight, and the bytes of a snapshot (the first call after a change
  // costs a pass over the state).
  std::size_t queued_operations() const { return in_flight_.size(); }
  std::size_t state_size_bytes();

 private:
  struct InFlight {
    RequestNumber request;
    Entry entry;
  };

  std::optional<Refusal> refusal(const OperationId& id) const;
  std::optional<RequestNumber> settle(const Entry& entry, std::string_view bytes);
  void respeculate();

  std::size_t window_;
  std::size_t entry_bytes_max_;
  Registry applied_;
  Registry speculative_;
  std::optional<Position> applied_position_;
  std::deque<InFlight> in_flight_;
  RequestNumber last_request_;
  std::optional<std::size_t> state_size_bytes_;
};

}  // namespace quorate::registry
