#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "master/http/connection.h"
#include "master/ports/event.h"
#include "master/ports/network.h"

namespace quorate {

// Which request of which connection; how a later answer finds its way back. Answers for connections
// that are gone by then are dropped.
struct RequestKey {
  ConnectionId connection;
  http::RequestNumber number;
  auto operator<=>(const RequestKey&) const = default;
};

struct FrontRequest {
  RequestKey key;
  SocketAddress client;
  http::Request request;
};

// A connection that asked to become a link between masters. It is the taker's from now on.
struct FrontUpgrade {
  ConnectionId connection;
  http::Request request;
  Bytes rest;
};

struct FrontLimits {
  http::Limits http;
  std::uint64_t connections_max = 10'000;
  std::uint64_t connections_per_address_max = 1'000;
};

struct FrontGauges {
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t refused_connections = 0;  // above a limit
};

// All HTTP connections of the one port: joins the network's byte streams with http::Connection,
// keeps the limits on their number, and their deadlines.
class HttpFront {
 public:
  HttpFront(FrontLimits limits, Network& network) : limits_(limits), network_(network) {}

  bool owns(ConnectionId connection) const { return clients_.count(connection) != 0; }
  void on(Now now, const Opened& opened);
  void on(Now now, const Received& received);
  void on(const Closed& closed);
  void on_time(Now now);
  MonoTime next_deadline() const;

  void respond(Now now, const RequestKey& key, const http::Response& response);
  std::vector<FrontRequest> take_requests();
  std::vector<FrontUpgrade> take_upgrades();
  FrontGauges gauges() const;

 private:
  struct Client {
    http::Connection http;
    SocketAddress address;
    MonoTime deadline;
    bool receiving = true;
  };
  using Clients = std::map<ConnectionId, Client>;

  // Moves everything on that the connection has ready; may end it.
  void advance(Clients::iterator at);
  void forget(Clients::iterator at);

  FrontLimits limits_;
  Network& network_;
  Clients clients_;
  std::map<Ipv4, std::uint64_t> per_address_;
  std::set<std::pair<MonoTime, ConnectionId>> deadlines_;
  std::vector<FrontRequest> requests_;
  std::vector<FrontUpgrade> upgrades_;
  FrontGauges gauges_;
};

}  // namespace quorate
