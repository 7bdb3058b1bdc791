#include "master/http_front.h"

#include "master/base/check.h"
#include "master/base/probe.h"

namespace quorate {

void HttpFront::on(Now now, const Opened& opened) {
  const bool full = clients_.size() >= limits_.connections_max ||
                    per_address_[opened.peer.ip] >= limits_.connections_per_address_max;
  if (full) {
    ++gauges_.refused_connections;
    if (per_address_[opened.peer.ip] == 0) per_address_.erase(opened.peer.ip);
    http::ResponseForm form;
    form.close = true;
    network_.write(
        opened.connection,
        render(http::text(503, "Too many connections; try again later.\n"), form, now.wall));
    network_.close(opened.connection, true);
    return;
  }
  auto [at, fresh] = clients_.emplace(
      opened.connection,
      Client{http::Connection(limits_.http, now), opened.peer, MonoTime::never(), true});
  CHECK(fresh);
  ++per_address_[opened.peer.ip];
  deadlines_.insert({MonoTime::never(), opened.connection});
  advance(at);
}

void HttpFront::on(Now now, const Received& received) {
  auto at = clients_.find(received.connection);
  if (at == clients_.end()) return;
  at->second.http.receive(now, received.bytes);
  advance(at);
}

void HttpFront::on(const Closed& closed) {
  auto at = clients_.find(closed.connection);
  if (at != clients_.end()) forget(at);
}

void HttpFront::on_time(Now now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now.mono) {
    auto at = clients_.find(deadlines_.begin()->second);
    CHECK(at != clients_.end());
    at->second.http.on_time(now);
    advance(at);
  }
}

MonoTime HttpFront::next_deadline() const {
  return deadlines_.empty() ? MonoTime::never() : deadlines_.begin()->first;
}

void HttpFront::respond(Now now, const RequestKey& key, const http::Response& response) {
  auto at = clients_.find(key.connection);
  if (at == clients_.end()) return probe(Probe::AnswerWithoutClient);
  at->second.http.respond(now, key.number, response);
  advance(at);
}

void HttpFront::advance(Clients::iterator at) {
  Client& client = at->second;
  for (http::NumberedRequest& numbered : client.http.take_requests()) {
    ++gauges_.requests;
    if (!client.http.upgraded()) {
      requests_.push_back(
          {{at->first, numbered.number}, client.address, std::move(numbered.request)});
      continue;
    }
    // The link's own protocol from here on, the answer included.
    upgrades_.push_back(
        {at->first, std::move(numbered.request), client.http.take_upgraded_bytes()});
    return forget(at);
  }
  if (Bytes output = client.http.take_output(); !output.empty())
    network_.write(at->first, std::move(output));
  if (client.http.wants_close()) {
    network_.close(at->first, true);
    return forget(at);
  }
  if (client.receiving != client.http.wants_bytes()) {
    client.receiving = !client.receiving;
    network_.receive(at->first, client.receiving);
  }
  const MonoTime deadline = client.http.next_deadline();
  if (deadline == client.deadline) return;
  deadlines_.erase({client.deadline, at->first});
  client.deadline = deadline;
  deadlines_.insert({deadline, at->first});
}

void HttpFront::forget(Clients::iterator at) {
  deadlines_.erase({at->second.deadline, at->first});
  auto counted = per_address_.find(at->second.address.ip);
  CHECK(counted != per_address_.end());
  if (--counted->second == 0) per_address_.erase(counted);
  clients_.erase(at);
}

std::vector<FrontRequest> HttpFront::take_requests() { return std::exchange(requests_, {}); }
std::vector<FrontUpgrade> HttpFront::take_upgrades() { return std::exchange(upgrades_, {}); }

FrontGauges HttpFront::gauges() const {
  FrontGauges gauges = gauges_;
  gauges.connections = clients_.size();
  return gauges;
}

}  // namespace quorate
