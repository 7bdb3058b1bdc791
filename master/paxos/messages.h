#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "master/paxos/types.h"

// What replicas say to each other. Every type is a copyable, comparable value; codec.h turns them
// into bytes. A request is answered to the replica that sent it, with the request's number.

namespace quorate::paxos {

using RequestNumber = Strong<struct RequestNumberTag>;

// Phase 1: "promise to take nothing below `ballot`, and tell me what you hold from `from` on."
struct Prepare {
  Ballot ballot;
  Position from;            // the proposer has learned everything below
  std::uint64_t epoch = 0;  // of the configuration whose quorum is asked; on the wire: the header's
  bool operator==(const Prepare&) const = default;
};
// The promise is on disk. `slots` is everything held at `from` and above, in order of position.
struct Promise {
  Ballot ballot;
  Position learned;  // the replica's own learned prefix
  Digest chain;      // H(learned)
  std::vector<Slot> slots;
  bool operator==(const Promise&) const = default;
};
// The answer to a Prepare or a Fetch from below what can still be read: everything up to
// `snapshot` is in the sender's snapshot, whose chain value this is. Nothing was promised; the
// state must be installed first (protocol.md 16).
struct Truncated {
  Ballot ballot;  // of the Prepare; none: a Fetch
  Position snapshot;
  Digest chain;
  bool operator==(const Truncated&) const = default;
};

// Phase 2: entries for the positions position, position + 1, ... `chain_before` is the sender's own
// H(position - 1), not the one assumed in a re-proposed entry (protocol.md 6). `chosen` and
// `chosen_chain` are the proposer's watermark and teach as Learned does.
struct Accept {
  Ballot ballot;
  Position position;
  Digest chain_before;
  std::vector<Entry> entries;
  Position chosen;
  Digest chosen_chain;
  std::vector<MemberWatermark> watermarks =
      {};                   // the sender's latest of every member (protocol.md 12)
  std::uint64_t epoch = 0;  // as in Prepare
  bool operator==(const Accept&) const = default;
};
// Everything up to `up_to` is held: at `ballot`, or learned with the sender's chain. It is on disk.
struct Accepted {
  Ballot ballot;
  Position up_to;
  Watermark watermark = {};  // of the sender's disk
  bool operator==(const Accepted&) const = default;
};
// The ballot is below a promise. The sender is deposed (protocol.md 3).
struct Rejected {
  Ballot ballot;    // of the refused request
  Ballot promised;  // what stands against it
  bool operator==(const Rejected&) const = default;
};
// An Accept came out of order (or does not fit what is learned below it): nothing was stored.
// `have` is the position up to which this replica could go on at that ballot.
struct Missing {
  Ballot ballot;
  Position have;
  bool operator==(const Missing&) const = default;
};

// "Everything up to `chosen` is chosen; its chain value is this." Needs no sync and no answer;
// repeated as a heartbeat.
struct Learned {
  Ballot ballot;
  Position chosen;
  Digest chain;
  std::vector<MemberWatermark> watermarks = {};
  bool operator==(const Learned&) const = default;
};

// Learned entries in bulk. Answered with those in [from, to] that are learned, as many as fit; the
// answer may be empty.
struct Fetch {
  Position from;
  Position to;
  bool operator==(const Fetch&) const = default;
};
struct Fetched {
  Position from;            // of the first slot; slots are contiguous
  Digest chain_before;      // H(from - 1)
  std::vector<Slot> slots;  // each learned at the sender
  Position learned;         // how far the sender has learned
  bool operator==(const Fetched&) const = default;
};

// A piece of the sender's newest snapshot, or of the one at `position` if that is not zero.
struct FetchState {
  Position position;
  std::uint64_t offset = 0;
  bool operator==(const FetchState&) const = default;
};
// Bytes of the snapshot from `offset` on. Without a position: there is no such snapshot (any more).
struct State {
  SnapshotInfo info;
  std::uint64_t offset = 0;
  SharedBytes bytes;
  bool operator==(const State&) const = default;
};

// The read barrier: "is my ballot still the highest that you promised?" Answered Confirmed or
// Rejected.
struct Confirm {
  Ballot ballot;
  std::uint64_t epoch = 0;  // as in Prepare
  bool operator==(const Confirm&) const = default;
};
struct Confirmed {
  Ballot ballot;
  bool operator==(const Confirmed&) const = default;
};

// "Who are you, and how far?" Asked at start, then now and then; answered by Standing, which is
// also the hello that a candidate is judged by (protocol.md 12).
struct Inquire {
  bool operator==(const Inquire&) const = default;
};
struct Standing {
  ReplicaStatus status = ReplicaStatus::Empty;
  Ballot promised;
  Position learned;
  Digest chain;              // H(learned)
  Position end;              // the highest position held, learned or not
  Ballot leading;            // set while this replica's proposer has won phase 1 with this ballot
  Position leading_end;      // the last position that it gave to an entry
  std::uint32_t quorum = 0;  // the sender's --quorum
  Watermark watermark;       // of the sender's disk
  Watermark seen;            // what the sender knows of the receiver's disk
  // The sender's newest copy of the state, and its digest; position 0: none.
  Checkpoint cut;
  std::uint64_t log_bytes = 0;  // on the sender's disk, its snapshot not counted
  bool operator==(const Standing&) const = default;
};

// The answer to a request of an older epoch: the configuration of `epoch` is chosen, at `position`
// or below, whose chain value is this. Never a vote; the asker fetches it first (protocol.md 5,
// step 20).
struct Superseded {
  Ballot ballot;  // of the request
  std::uint64_t epoch = 0;
  Position position;
  Digest chain;
  bool operator==(const Superseded&) const = default;
};

using Message =
    std::variant<Prepare, Promise, Accept, Accepted, Rejected, Missing, Learned, Fetch, Fetched,
                 Confirm, Confirmed, Inquire, Standing, Truncated, FetchState, State, Superseded>;

// Stands before each message on the wire.
struct Header {
  EnsembleId ensemble;  // zero while the sender's log has none
  std::uint64_t epoch = 0;
  ReplicaId sender;
  Incarnation incarnation;
  RequestNumber request;  // of the request, echoed in its answers
  bool operator==(const Header&) const = default;
};

// An outgoing message of the pure core: to whom, and, for answers, to which request.
struct Outgoing {
  ReplicaId to;
  RequestNumber request;
  Message message;
  bool operator==(const Outgoing&) const = default;
};

}  // namespace quorate::paxos
