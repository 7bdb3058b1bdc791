#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "master/base/random.h"
#include "master/peers/frames.h"
#include "master/peers/peer_address.h"
#include "master/ports/event.h"
#include "master/ports/network.h"

namespace quorate::peers {

// What a dialling master says of itself in the headers of its upgrade request.
struct Hello {
  ReplicaId replica;        // Quorate-Replica
  Incarnation incarnation;  // Quorate-Incarnation
  ReplicaId expects;        // Quorate-Expects: whom it wants to reach
};

inline constexpr std::string_view kUpgradeToken = "quorate-peer/1";
inline constexpr std::string_view kUpgradePath = "/quorate/peer";

struct PeerMessage {
  ReplicaId from;
  Bytes bytes;
};

struct PeerGauges {
  std::uint64_t links_up = 0;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t dropped = 0;  // not connected, or too much unacknowledged
};

// Links between masters. Each master dials every other one and sends on the connection that it
// dialled; what it receives comes on connections that others dialled. So a link has one direction,
// and a one-way cut is what it looks like. A link starts as an HTTP request with Upgrade, on the
// one port.
//
// Delivery is at most once, in order per link; messages for a peer that is not connected are
// dropped, because the protocol above repeats what matters. A link whose bytes are not acknowledged
// in time is closed and dialled anew (a half-open connection would otherwise swallow messages for
// ever).
class Peers {
 public:
  Peers(Network& network, Duration silence_max, std::uint64_t seed);

  // Who this replica is; nothing is dialled or accepted before.
  void introduce(ReplicaId self, Incarnation incarnation);
  // Whom to be linked with; self is left out, links to others that are gone are closed.
  void set_peers(Now now, const std::vector<PeerAddress>& peers);
  // Mints the ids of the connections to be dialled; the caller guarantees that nobody else uses
  // them.
  void send(Now now, ReplicaId to, Bytes message);

  // An accepted connection asked to become a link; `rest` is what it sent after the request.
  void accept(Now now, ConnectionId connection, const std::optional<Hello>& hello,
              std::string_view rest);
  bool owns(ConnectionId connection) const;
  void on(Now now, const Opened& opened);
  void on(Now now, const Refused& refused);
  void on(Now now, const Received& received);
  void on(Now now, const Closed& closed);
  void on_time(Now now);
  MonoTime next_deadline() const;

  std::vector<PeerMessage> take_messages();
  std::vector<std::string> take_notes();
  PeerGauges gauges() const;

 private:
  enum class LinkState : std::uint8_t { Waiting, Dialling, Greeting, Up };
  struct Link {  // to one peer
    PeerAddress peer;
    LinkState state = LinkState::Waiting;
    ConnectionId connection;
    MonoTime retry_at;                        // Waiting
    MonoTime give_up_at = MonoTime::never();  // Dialling, Greeting, or bytes unacknowledged
    Duration back_off;
    Bytes answer;  // Greeting: the response so far; Up: acknowledgements so far
    std::uint64_t sent_bytes = 0;
    std::uint64_t acknowledged_bytes = 0;
  };
  struct Inbound {  // from one peer
    ReplicaId from;
    FrameReader frames;
    std::uint64_t acknowledged_bytes = 0;
    MonoTime acknowledge_at = MonoTime::never();
  };

  Link* link_of(ConnectionId connection);
  void dial(Now now, Link& link);
  void break_link(Now now, Link& link, const std::string& why);
  void receive_answer(Now now, Link& link, std::string_view bytes);
  void receive_acknowledgements(Now now, Link& link, std::string_view bytes);
  void receive_frames(Now now, ConnectionId connection, Inbound& inbound, std::string_view bytes);
  void acknowledge(ConnectionId connection, Inbound& inbound);
  void refuse(ConnectionId connection, std::string_view status, const std::string& text);

  Network& network_;
  Duration silence_max_;
  RandomStream random_;
  ReplicaId self_;
  Incarnation incarnation_;
  ConnectionId next_connection_{1};
  std::map<ReplicaId, Link> links_;
  std::map<ConnectionId, Inbound> inbound_;
  std::vector<PeerMessage> messages_;
  std::vector<std::string> notes_;
  PeerGauges gauges_;
};

}  // namespace quorate::peers
