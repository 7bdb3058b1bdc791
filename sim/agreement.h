#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/paxos/types.h"
#include "sim/cluster.h"
#include "sim/fabric.h"

namespace quorate::sim {

// No position of the log is learned with two values. Seen from outside: every message between
// masters that tells a learned position with its chain value H(p), and the logs on the disks. Two
// different H(p) for one p mean two different values at p or below.
class AgreementOracle final : public WireTap {
 public:
  explicit AgreementOracle(Cluster& cluster);
  ~AgreementOracle() override;

  void on_wire(std::uint64_t wire, Place from, Place to, std::string_view bytes) override;
  // Reads the logs on all disks as they are now.
  void look_at_disks();

  // The first violation, as a sentence.
  const std::optional<std::string>& violation() const { return violation_; }
  // How many learned positions were seen, so that an oracle that sees nothing is noticed.
  std::uint64_t seen_on_wires() const { return seen_on_wires_; }
  std::uint64_t seen_on_disks() const { return seen_on_disks_; }

  // `who` learned that the chain value at `position` is `chain`.
  void learned(paxos::Position position, const Digest& chain, const std::string& who);

 private:
  struct Sighting {
    Digest chain;
    std::string who;
    SimTime at;
  };
  // The dialler's way of a connection between masters: an HTTP request for an upgrade, then frames
  // of u32 length, u32 CRC-32C and payload.
  struct Stream {
    bool upgraded = false;
    bool ignored = false;  // HTTP of another kind
    Bytes pending;
  };
  void upgrade(Stream& stream) const;
  void frames(Stream& stream, const std::string& from);
  void message(std::string_view bytes, const std::string& from);
  void look_at_disk(const Host& host);

  Cluster& cluster_;
  std::map<paxos::Position, Sighting> sightings_;
  std::map<std::pair<std::uint64_t, Place>, Stream> streams_;
  std::optional<std::string> violation_;
  std::uint64_t seen_on_wires_ = 0;
  std::uint64_t seen_on_disks_ = 0;
};

}  // namespace quorate::sim
