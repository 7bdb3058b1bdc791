#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "master/paxos/types.h"
#include "sim/links.h"
#include "sim/time.h"

namespace quorate::sim {

// Who accepted what at which ballot, put together from what the wires and the disks show: the
// evidence behind a verdict on agreement. It judges nothing.
class Votes {
 public:
  struct Vote {
    Place lane;
    SimTime at;
    bool on_disk = false;  // read from the disk at the end; otherwise from an Accepted

    bool operator==(const Vote&) const = default;
  };
  // One entry proposed for a position at a ballot.
  struct Proposal {
    paxos::Ballot ballot;
    Digest entry;
    std::string shown;  // "data, 120 bytes"
    std::optional<Place> proposer;
    SimTime at;
    std::vector<Vote> votes;  // in the order in which they were seen
  };

  void proposed(Place proposer, SimTime at, const paxos::Ballot& ballot, paxos::Position position,
                const paxos::Entry& entry);
  // Everything of this ballot up to `up_to`.
  void accepted(Place by, SimTime at, const paxos::Ballot& ballot, paxos::Position up_to);
  void on_disk(Place disk, SimTime at, const paxos::Ballot& ballot, paxos::Position position,
               const paxos::Entry& entry);

  // By ballot; empty if nothing is known of the position.
  std::vector<Proposal> at(paxos::Position position) const;
  // The highest ballot at which something was proposed for it; none: not known.
  paxos::Ballot newest(paxos::Position position) const;
  // The lowest position where different entries were each accepted by `quorum` replicas or more.
  std::optional<paxos::Position> conflict(std::size_t quorum) const;

 private:
  static constexpr std::size_t kPositionsMax = 10'000;
  static constexpr std::size_t kReportsMax = 20'000;  // of one replica at one ballot

  struct Report {
    paxos::Position up_to;
    SimTime at;
  };
  Proposal& proposal(const paxos::Ballot& ballot, paxos::Position position,
                     const paxos::Entry& entry, SimTime at);

  // A ballot has one entry for a position, unless the product is broken.
  using Key = std::pair<paxos::Ballot, Digest>;
  std::map<paxos::Position, std::map<Key, Proposal>> proposals_;
  std::map<paxos::Ballot, std::map<Place, std::deque<Report>>> reports_;  // rising
};

// "data, 120 bytes".
std::string describe(const paxos::Entry& entry);
// Of its whole encoding.
Digest digest_of(const paxos::Entry& entry);

}  // namespace quorate::sim
