#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "master/base/identity.h"
#include "master/paxos/messages.h"
#include "sim/fabric.h"
#include "sim/http_client.h"
#include "sim/run_trace.h"
#include "sim/votes.h"

namespace quorate::sim {

// Turns the bytes on wires into messages of a RunTrace: the Paxos messages between masters, the
// requests and answers of clients. A message is received when its last byte is read.
class WireTrace final : public WireTap {
 public:
  WireTrace(RunTrace& trace, Votes& votes, Cluster& cluster, const HttpClients& clients);
  ~WireTrace() override;

  void on_wire(std::uint64_t wire, Place from, Place to, std::string_view bytes) override;
  void on_read(std::uint64_t wire, Place from, std::size_t bytes) override;

  // Which master a replica id is, as its messages say.
  const std::map<ReplicaId, Place>& replicas() const { return replicas_; }

 private:
  enum class Mode : std::uint8_t { Fresh, Upgrading, Frames, Ignored, Http };
  // One direction of a connection.
  struct Stream {
    Mode mode = Mode::Fresh;
    std::uint64_t written_bytes = 0;
    std::uint64_t read_bytes = 0;
    Bytes pending;  // of Upgrading and Frames: not yet a whole message
    // Messages under way: where each ends in the stream.
    std::deque<std::pair<std::uint64_t, RunTrace::Id>> flying;
  };

  void begin(Stream& stream, Place from, Place to, std::string_view bytes);
  void upgrade(Stream& stream, Place from, Place to);
  void frames(Stream& stream, Place from, Place to);
  void message(Stream& stream, std::uint64_t end, std::pair<Place, Place> way,
               std::string_view payload);
  void http(Stream& stream, Place from, Place to, std::string_view bytes);
  void send(Stream& stream, std::uint64_t end, TraceMessage message);
  void count_votes(Place from, const paxos::Message& message);
  void learned(Place lane, paxos::Position position);

  RunTrace& trace_;
  Votes& votes_;
  Cluster& cluster_;
  const HttpClients& clients_;
  std::map<std::pair<std::uint64_t, Place>, Stream> streams_;
  std::map<std::uint64_t, bool> looks_;  // wires of clients: an observer's
  std::map<ReplicaId, Place> replicas_;
  std::map<Place, paxos::Position> learned_;
};

// Kind, ballot, positions and words of a Paxos message; from, to and times are left to the caller.
TraceMessage describe(const paxos::Message& message);

}  // namespace quorate::sim
