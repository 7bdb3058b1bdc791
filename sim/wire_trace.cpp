#include "sim/wire_trace.h"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "master/paxos/codec.h"

namespace quorate::sim {
namespace {

constexpr std::size_t kFrameHeader = 8;
constexpr std::string_view kUpgrade = "GET /quorate/peer ";
constexpr std::size_t kBodyShown = 120;

using paxos::Position;
using Kind = TraceMessageKind;

std::string text(Position position) { return std::to_string(position.value); }

std::string entries(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " entry" : " entries");
}

// The kind, ballot, positions and words of each message of the protocol.
struct Describer {
  TraceMessage out;

  void span(Position first, Position last) {
    out.first = first;
    out.last = last;
  }
  void slots(const std::vector<paxos::Slot>& slots, Position otherwise) {
    if (slots.empty()) return span(otherwise, otherwise);
    span(slots.front().position, slots.back().position);
  }

  void operator()(const paxos::Prepare& m) {
    out.kind = Kind::Prepare;
    out.ballot = m.ballot;
    span(m.from, m.from);
    out.text = "from position " + text(m.from);
  }
  void operator()(const paxos::Promise& m) {
    out.kind = Kind::Promise;
    out.ballot = m.ballot;
    slots(m.slots, m.learned);
    out.text = "learned " + text(m.learned) + ", holds " + entries(m.slots.size()) + " above";
  }
  void operator()(const paxos::Accept& m) {
    out.kind = Kind::Accept;
    out.ballot = m.ballot;
    std::uint64_t more = m.entries.empty() ? 0 : m.entries.size() - 1;
    span(m.position, Position(m.position.value + more));
    std::string first = m.entries.empty() ? "" : ": " + describe(m.entries.front());
    out.text = entries(m.entries.size()) + first + "; chosen up to " + text(m.chosen);
  }
  void operator()(const paxos::Accepted& m) {
    out.kind = Kind::Accepted;
    out.ballot = m.ballot;
    span(m.up_to, m.up_to);
    out.text = "up to " + text(m.up_to);
  }
  void operator()(const paxos::Rejected& m) {
    out.kind = Kind::Rejected;
    out.ballot = m.ballot;
    out.text = "promised round " + std::to_string(m.promised.round);
  }
  void operator()(const paxos::Missing& m) {
    out.kind = Kind::Missing;
    out.ballot = m.ballot;
    span(m.have, m.have);
    out.text = "have up to " + text(m.have);
  }
  void operator()(const paxos::Learned& m) {
    out.kind = Kind::Learned;
    out.ballot = m.ballot;
    span(m.chosen, m.chosen);
    out.text = "chosen up to " + text(m.chosen);
  }
  void operator()(const paxos::Fetch& m) {
    out.kind = Kind::Fetch;
    span(m.from, m.to);
  }
  void operator()(const paxos::Fetched& m) {
    out.kind = Kind::Fetched;
    slots(m.slots, m.from);
    out.text = entries(m.slots.size()) + ", learned up to " + text(m.learned);
  }
  void operator()(const paxos::Confirm& m) {
    out.kind = Kind::Confirm;
    out.ballot = m.ballot;
  }
  void operator()(const paxos::Confirmed& m) {
    out.kind = Kind::Confirmed;
    out.ballot = m.ballot;
  }
  void operator()(const paxos::Inquire&) { out.kind = Kind::Inquire; }
  void operator()(const paxos::Standing& m) {
    out.kind = Kind::Standing;
    out.ballot = m.promised;
    span(m.learned, m.learned);
    out.text = std::string(to_text(m.status)) + ", learned " + text(m.learned) + ", holds up to " +
               text(m.end) + (m.leading.none() ? "" : ", leads");
  }
  void operator()(const paxos::Truncated& m) {
    out.kind = Kind::Truncated;
    out.ballot = m.ballot;
    span(m.snapshot, m.snapshot);
  }
  void operator()(const paxos::Superseded& m) {
    out.kind = Kind::Superseded;
    out.ballot = m.ballot;
    out.text = "epoch " + std::to_string(m.epoch) + " is chosen";
  }
  void operator()(const paxos::FetchState& m) {
    out.kind = Kind::FetchState;
    span(m.position, m.position);
    out.text = "from byte " + std::to_string(m.offset);
  }
  void operator()(const paxos::State& m) {
    out.kind = Kind::State;
    span(m.info.position, m.info.position);
    out.text = std::to_string(m.bytes.size()) + " bytes of " + std::to_string(m.info.state_bytes);
  }
};

std::string one_line(std::string_view bytes) {
  std::string out;
  for (char c : bytes) out.push_back(static_cast<unsigned char>(c) < ' ' ? ' ' : c);
  return out;
}

// "POST /x {body}" of a request, "200 OK {body}" or "307 ... -> //m1:5050" of an answer.
std::string summary(std::string_view head_and_body) {
  std::size_t line_end = std::min(head_and_body.find("\r\n"), head_and_body.size());
  std::string line = one_line(head_and_body.substr(0, line_end));
  if (line.starts_with("HTTP/1.1 ")) line.erase(0, 9);
  if (line.ends_with(" HTTP/1.1")) line.resize(line.size() - 9);
  std::size_t head_end = head_and_body.find("\r\n\r\n");
  std::string_view head = head_and_body.substr(0, head_end);
  std::size_t location = head.find("\r\nLocation: ");
  if (location != std::string_view::npos) {
    std::string_view to = head.substr(location + 12);
    line += " -> " + one_line(to.substr(0, to.find("\r\n")));
  }
  if (head_end != std::string_view::npos)
    if (std::string_view body = head_and_body.substr(head_end + 4); !body.empty())
      line += " " + one_line(body.substr(0, kBodyShown));
  return line;
}

}  // namespace

TraceMessage describe(const paxos::Message& message) {
  Describer describer;
  std::visit(describer, message);
  return std::move(describer.out);
}

WireTrace::WireTrace(RunTrace& trace, Votes& votes, Cluster& cluster, const HttpClients& clients)
    : trace_(trace), votes_(votes), cluster_(cluster), clients_(clients) {
  cluster_.fabric().add_tap(*this);
}

WireTrace::~WireTrace() { cluster_.fabric().remove_tap(*this); }

void WireTrace::on_wire(std::uint64_t wire, Place from, Place to, std::string_view bytes) {
  Stream& stream = streams_[{wire, from}];
  stream.written_bytes += bytes.size();
  if (from == cluster_.client_place() && clients_.writing_look()) looks_[wire] = true;
  if (stream.mode == Mode::Fresh) begin(stream, from, to, bytes);
  switch (stream.mode) {
    case Mode::Fresh:
    case Mode::Ignored: return;
    case Mode::Upgrading:
    case Mode::Frames:
      stream.pending.append(bytes);
      if (stream.mode == Mode::Upgrading) upgrade(stream, from, to);
      if (stream.mode == Mode::Frames) frames(stream, from, to);
      return;
    case Mode::Http:
      http(stream, from, to, bytes);
      if (looks_.contains(wire) && !stream.flying.empty())
        trace_.reclassify(stream.flying.back().second, from == cluster_.client_place()
                                                           ? TraceMessageKind::Look
                                                           : TraceMessageKind::LookBack);
  }
}

void WireTrace::on_read(std::uint64_t wire, Place from, std::size_t bytes) {
  Stream& stream = streams_[{wire, from}];
  stream.read_bytes += bytes;
  while (!stream.flying.empty() && stream.flying.front().first <= stream.read_bytes) {
    trace_.received(stream.flying.front().second, cluster_.world().now());
    stream.flying.pop_front();
  }
}

void WireTrace::send(Stream& stream, std::uint64_t end, TraceMessage message) {
  message.sent = cluster_.world().now();
  stream.flying.emplace_back(end, trace_.sent(std::move(message)));
}

void WireTrace::begin(Stream& stream, Place from, Place to, std::string_view bytes) {
  bool client = from == cluster_.client_place() || to == cluster_.client_place();
  std::size_t known = std::min(bytes.size(), kUpgrade.size());
  if (client) {
    stream.mode = Mode::Http;
  } else if (bytes.substr(0, known) == kUpgrade.substr(0, known)) {
    stream.mode = Mode::Upgrading;
  } else {
    // The answer to an upgrade; what follows counts received bytes.
    stream.mode = Mode::Ignored;
    TraceMessage answer;
    answer.kind = TraceMessageKind::Upgrade;
    answer.from = from;
    answer.to = to;
    answer.text = summary(bytes);
    send(stream, stream.written_bytes, std::move(answer));
  }
}

void WireTrace::upgrade(Stream& stream, Place from, Place to) {
  std::size_t end = stream.pending.find("\r\n\r\n");
  if (end == Bytes::npos) return;
  TraceMessage asked;
  asked.kind = TraceMessageKind::Upgrade;
  asked.from = from;
  asked.to = to;
  asked.text = "GET /quorate/peer";
  send(stream, stream.written_bytes - (stream.pending.size() - end - 4), std::move(asked));
  stream.pending.erase(0, end + 4);
  stream.mode = Mode::Frames;
}

void WireTrace::frames(Stream& stream, Place from, Place to) {
  std::uint64_t start = stream.written_bytes - stream.pending.size();
  std::size_t at = 0;
  while (stream.pending.size() - at >= kFrameHeader) {
    ByteReader in(std::string_view(stream.pending).substr(at));
    std::uint32_t size = in.u32();
    in.u32();
    std::string_view payload = in.raw(size);
    if (in.failed()) break;
    at += kFrameHeader + size;
    message(stream, start + at, {from, to}, payload);
  }
  stream.pending.erase(0, at);
}

void WireTrace::message(Stream& stream, std::uint64_t end, std::pair<Place, Place> way,
                        std::string_view payload) {
  Result<paxos::Framed> framed = paxos::decode(payload);
  if (!framed) return;
  replicas_[framed->header.sender] = way.first;
  TraceMessage described = describe(framed->message);
  described.from = way.first;
  described.to = way.second;
  send(stream, end, std::move(described));
  count_votes(way.first, framed->message);
}

void WireTrace::count_votes(Place from, const paxos::Message& message) {
  SimTime now = cluster_.world().now();
  if (const auto* accept = std::get_if<paxos::Accept>(&message)) {
    Position position = accept->position;
    for (const paxos::Entry& entry : accept->entries) {
      votes_.proposed(from, now, accept->ballot, position, entry);
      position = position.next();
    }
    learned(from, accept->chosen);
  } else if (const auto* accepted = std::get_if<paxos::Accepted>(&message)) {
    votes_.accepted(from, now, accepted->ballot, accepted->up_to);
  } else if (const auto* told = std::get_if<paxos::Learned>(&message)) {
    learned(from, told->chosen);
  } else if (const auto* promise = std::get_if<paxos::Promise>(&message)) {
    learned(from, promise->learned);
  } else if (const auto* standing = std::get_if<paxos::Standing>(&message)) {
    learned(from, standing->learned);
  }
}

void WireTrace::learned(Place lane, Position position) {
  Position& known = learned_[lane];
  if (position <= known) return;
  known = position;
  TraceMark mark;
  mark.at = cluster_.world().now();
  mark.lane = lane;
  mark.kind = TraceMarkKind::Learn;
  mark.position = position;
  mark.ballot = votes_.newest(position);
  trace_.mark(std::move(mark));
}

void WireTrace::http(Stream& stream, Place from, Place to, std::string_view bytes) {
  if (stream.flying.empty() && stream.written_bytes == bytes.size()) {
    TraceMessage message;
    message.kind =
        from == cluster_.client_place() ? TraceMessageKind::Request : TraceMessageKind::Answer;
    message.from = from;
    message.to = to;
    message.text = summary(bytes);
    return send(stream, stream.written_bytes, std::move(message));
  }
  // More of the same.
  if (!stream.flying.empty()) stream.flying.back().first = stream.written_bytes;
}

}  // namespace quorate::sim
