#include "master/peers/peers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"

namespace quorate::peers {
namespace {

constexpr std::uint64_t kUnacknowledgedBytesMax = 16 << 20;
constexpr std::size_t kAnswerBytesMax = 4096;
constexpr Duration kBackOffMin = Duration::milliseconds(50);
constexpr Duration kBackOffMax = Duration::seconds(2);
constexpr Duration kGreetingMax = Duration::seconds(5);
constexpr std::size_t kAcknowledgementBytes = 8;
// An acknowledgement costs both sides a system call and a turn of the loop, so many frames share
// one: it leaves after so many bytes, or so long after the first of them.
constexpr std::uint64_t kAcknowledgedTogetherBytes = 256 << 10;
constexpr Duration kAcknowledgeAfter = Duration::milliseconds(100);
// A payload from here on is handed to the network without being copied behind its head.
constexpr std::size_t kSentApartBytesMin = 4096;

}  // namespace

Peers::Peers(Network& network, Duration silence_max, std::uint64_t seed)
    : network_(network), silence_max_(silence_max), random_(seed, "peers") {}

void Peers::introduce(ReplicaId self, Incarnation incarnation) {
  self_ = self;
  incarnation_ = incarnation;
}

void Peers::set_peers(Now now, const std::vector<PeerAddress>& peers) {
  for (auto& [id, link] : links_) {
    const bool stays = std::any_of(peers.begin(), peers.end(), [&link](const PeerAddress& peer) {
      return peer.replica == link.peer.replica && peer.address == link.peer.address;
    });
    if (!stays && link.state != LinkState::Waiting) network_.close(link.connection, false);
    if (!stays) link.peer.replica = ReplicaId();  // marked, removed below
  }
  std::erase_if(links_, [](const auto& item) { return item.second.peer.replica == ReplicaId(); });
  for (const PeerAddress& peer : peers) {
    if (peer.replica == self_) continue;
    auto [at, fresh] = links_.try_emplace(peer.replica);
    Link& link = at->second;
    // A new incarnation at the same address: what was connected belongs to the old one.
    if (!fresh && link.peer.incarnation != peer.incarnation && link.state != LinkState::Waiting) {
      probe(Probe::PeerRestarted);
      network_.close(link.connection, false);
      break_link(now, link, "the peer was restarted");
    }
    link.peer = peer;
    if (link.state != LinkState::Waiting) continue;
    link.back_off = kBackOffMin;
    dial(now, link);
  }
}

void Peers::dial(Now now, Link& link) {
  CHECK(self_ != ReplicaId());
  link.connection = next_connection_;
  next_connection_ = next_connection_.next();
  link.state = LinkState::Dialling;
  link.give_up_at = now.mono + kGreetingMax * 2;
  link.answer.clear();
  link.sent_bytes = 0;
  link.acknowledged_bytes = 0;
  network_.connect(link.connection, link.peer.address);
}

void Peers::break_link(Now now, Link& link, const std::string& why) {
  if (link.state == LinkState::Up)
    notes_.push_back(fmt::format("link to replica {} at {} is down: {}", to_text(link.peer.replica),
                                 to_text(link.peer.address), why));
  link.state = LinkState::Waiting;
  link.give_up_at = MonoTime::never();
  link.back_off = std::clamp(link.back_off * 2, kBackOffMin, kBackOffMax);
  link.retry_at =
      now.mono + link.back_off + Duration::nanoseconds(random_.between(0, link.back_off.ns / 4));
}

void Peers::send(Now now, ReplicaId to, Bytes message) {
  auto at = links_.find(to);
  const bool up = at != links_.end() && at->second.state == LinkState::Up;
  if (!up || at->second.sent_bytes - at->second.acknowledged_bytes > kUnacknowledgedBytesMax) {
    probe(up ? Probe::OverloadDropped : Probe::SentWithoutLink);
    ++gauges_.dropped;
    return;
  }
  Link& link = at->second;
  if (link.sent_bytes == link.acknowledged_bytes) link.give_up_at = now.mono + silence_max_;
  link.sent_bytes += kFrameHeadBytes + message.size();
  ++gauges_.sent;
  if (message.size() < kSentApartBytesMin) {
    network_.write(link.connection, frame(message));
  } else {
    network_.write(link.connection, frame_head(message));
    network_.write(link.connection, std::move(message));
  }
}

// --- Links that others dialled

void Peers::refuse(ConnectionId connection, std::string_view status, const std::string& text) {
  network_.write(connection,
                 fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain; charset=utf-8\r\n"
                             "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                             status, text.size(), text));
  network_.close(connection, true);
}

void Peers::accept(Now now, ConnectionId connection, const std::optional<Hello>& hello,
                   std::string_view rest) {
  if (self_ == ReplicaId()) {
    probe(Probe::HelloBeforeOpen);
    return refuse(connection, "503 Service Unavailable", "The log is not open yet.\n");
  }
  if (!hello)
    return refuse(connection, "400 Bad Request",
                  "Quorate-Replica, Quorate-Incarnation and Quorate-Expects are needed.\n");
  if (hello->expects != self_ || hello->replica == self_) {
    probe(Probe::HelloForAnother);
    return refuse(
        connection, "409 Conflict",
        fmt::format("This is replica {}, not {}.\n", to_text(self_), to_text(hello->expects)));
  }
  // The newest connection of a peer counts; an older one is a leftover.
  for (auto at = inbound_.begin(); at != inbound_.end();) {
    if (at->second.from != hello->replica) {
      ++at;
      continue;
    }
    probe(Probe::LinkReplaced);
    network_.close(at->first, false);
    at = inbound_.erase(at);
  }
  network_.write(connection,
                 fmt::format("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                             "Upgrade: {}\r\nQuorate-Replica: {}\r\n\r\n",
                             kUpgradeToken, to_text(self_)));
  Inbound& inbound = inbound_[connection];
  inbound.from = hello->replica;
  if (!rest.empty()) receive_frames(now, connection, inbound, rest);
}

void Peers::receive_frames(Now now, ConnectionId connection, Inbound& inbound,
                           std::string_view bytes) {
  inbound.frames.receive(bytes);
  while (std::optional<Bytes> payload = inbound.frames.next()) {
    ++gauges_.received;
    messages_.push_back({inbound.from, std::move(*payload)});
  }
  if (inbound.frames.broken()) {
    probe(Probe::DamagedFrame);
    notes_.push_back(
        fmt::format("replica {} sent a damaged frame; the link is closed", to_text(inbound.from)));
    network_.close(connection, false);
    inbound_.erase(connection);
    return;
  }
  if (inbound.frames.received_bytes() - inbound.acknowledged_bytes >= kAcknowledgedTogetherBytes)
    return acknowledge(connection, inbound);
  if (inbound.acknowledge_at == MonoTime::never())
    inbound.acknowledge_at = now.mono + std::min(kAcknowledgeAfter, silence_max_ / 10);
}

void Peers::acknowledge(ConnectionId connection, Inbound& inbound) {
  inbound.acknowledge_at = MonoTime::never();
  inbound.acknowledged_bytes = inbound.frames.received_bytes();
  ByteWriter acknowledgement;
  acknowledgement.u64(inbound.acknowledged_bytes);
  network_.write(connection, acknowledgement.take());
}

// --- Links that we dialled

Peers::Link* Peers::link_of(ConnectionId connection) {
  for (auto& [id, link] : links_)
    if (link.state != LinkState::Waiting && link.connection == connection) return &link;
  return nullptr;
}

bool Peers::owns(ConnectionId connection) const {
  return !is_accepted(connection) || inbound_.count(connection) != 0;
}

void Peers::on(Now now, const Opened& opened) {
  Link* link = link_of(opened.connection);
  if (link == nullptr) return;
  link->state = LinkState::Greeting;
  link->give_up_at = now.mono + kGreetingMax;
  network_.write(link->connection,
                 fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: {}\r\n"
                             "Quorate-Replica: {}\r\nQuorate-Incarnation: {}\r\nQuorate-Expects: {}"
                             "\r\n\r\n",
                             kUpgradePath, to_text(link->peer.address), kUpgradeToken,
                             to_text(self_), to_text(incarnation_), to_text(link->peer.replica)));
}

void Peers::on(Now now, const Refused& refused) {
  if (Link* link = link_of(refused.connection)) break_link(now, *link, refused.why);
}

void Peers::on(Now now, const Closed& closed) {
  if (auto at = inbound_.find(closed.connection); at != inbound_.end()) {
    if (at->second.frames.in_frame()) probe(Probe::LinkBrokenInFrame);
    inbound_.erase(at);
  }
  if (Link* link = link_of(closed.connection)) break_link(now, *link, closed.why);
}

void Peers::on(Now now, const Received& received) {
  if (auto at = inbound_.find(received.connection); at != inbound_.end())
    return receive_frames(now, received.connection, at->second, received.bytes);
  Link* link = link_of(received.connection);
  if (link == nullptr) return;
  if (link->state == LinkState::Greeting)
    receive_answer(now, *link, received.bytes);
  else
    receive_acknowledgements(now, *link, received.bytes);
}

void Peers::receive_answer(Now now, Link& link, std::string_view bytes) {
  link.answer.append(bytes);
  const std::size_t end = link.answer.find("\r\n\r\n");
  if (end == Bytes::npos && link.answer.size() <= kAnswerBytesMax) return;
  const bool accepted = end != Bytes::npos && link.answer.starts_with("HTTP/1.1 101 ");
  if (!accepted) {
    probe(Probe::UpgradeRefused);
    network_.close(link.connection, false);
    break_link(now, link, "the upgrade was refused");
    return;
  }
  link.state = LinkState::Up;
  link.back_off = kBackOffMin;
  link.give_up_at = MonoTime::never();
  notes_.push_back(fmt::format("link to replica {} at {} is up", to_text(link.peer.replica),
                               to_text(link.peer.address)));
  const Bytes rest = link.answer.substr(end + 4);
  link.answer.clear();
  if (!rest.empty()) receive_acknowledgements(now, link, rest);
}

void Peers::receive_acknowledgements(Now now, Link& link, std::string_view bytes) {
  link.answer.append(bytes);
  const std::size_t whole = link.answer.size() / kAcknowledgementBytes * kAcknowledgementBytes;
  if (whole != link.answer.size()) probe(Probe::AcknowledgementSplit);
  if (whole == 0) return;
  ByteReader last(
      std::string_view(link.answer).substr(whole - kAcknowledgementBytes, kAcknowledgementBytes));
  const std::uint64_t count = last.u64();
  link.answer.erase(0, whole);
  if (count > link.sent_bytes || count < link.acknowledged_bytes) {
    network_.close(link.connection, false);
    break_link(now, link, "it acknowledged what was not sent");
    return;
  }
  link.acknowledged_bytes = count;
  link.give_up_at = count == link.sent_bytes ? MonoTime::never() : now.mono + silence_max_;
}

void Peers::on_time(Now now) {
  for (auto& [connection, inbound] : inbound_)
    if (inbound.acknowledge_at <= now.mono) acknowledge(connection, inbound);
  for (auto& [id, link] : links_) {
    if (link.state == LinkState::Waiting) {
      if (link.retry_at <= now.mono) dial(now, link);
    } else if (link.give_up_at <= now.mono) {
      network_.close(link.connection, false);
      probe(Probe::LinkSilent);
      break_link(now, link, "no answer in time");
    }
  }
}

MonoTime Peers::next_deadline() const {
  MonoTime deadline = MonoTime::never();
  for (const auto& [id, link] : links_)
    deadline =
        std::min(deadline, link.state == LinkState::Waiting ? link.retry_at : link.give_up_at);
  for (const auto& [connection, inbound] : inbound_)
    deadline = std::min(deadline, inbound.acknowledge_at);
  return deadline;
}

std::vector<PeerMessage> Peers::take_messages() { return std::exchange(messages_, {}); }
std::vector<std::string> Peers::take_notes() { return std::exchange(notes_, {}); }

PeerGauges Peers::gauges() const {
  PeerGauges gauges = gauges_;
  for (const auto& [id, link] : links_)
    if (link.state == LinkState::Up) ++gauges.links_up;
  return gauges;
}

}  // namespace quorate::peers
