#include "sim/trace_json.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "master/base/json.h"
#include "master/base/text.h"
#include "sim/build_id.h"

namespace quorate::sim {
namespace {

constexpr std::size_t kTextsMax = 500'000;  // bytes of JSON, all texts together

std::int64_t whole(SimTime time) { return time == SimTime::never() ? -1 : time.ns; }
std::int64_t whole(Place lane) { return lane == kNoLane ? -1 : std::int64_t{lane.value}; }
std::int64_t whole(paxos::Position position) { return static_cast<std::int64_t>(position.value); }

// How many bytes the UTF-8 sequence at the front has; 0: it is none.
std::size_t sequence_size(std::string_view bytes) {
  auto first = static_cast<unsigned char>(bytes.front());
  std::size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (first > 0xf4 || size > bytes.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((static_cast<unsigned char>(bytes[i]) & 0xc0) != 0x80) return 0;
  return size;
}

// Bodies and log lines may hold anything: what is no UTF-8 becomes '?', so that the JSON is valid.
std::string valid_utf8(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    std::size_t size = sequence_size(bytes);
    size > 0 ? out.append(bytes.substr(0, size)) : out.append("?");
    bytes.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

// Values that are named by their number.
template <typename Value>
class Table {
 public:
  std::int64_t number(const Value& value) {
    auto [known, fresh] = numbers_.try_emplace(value, static_cast<std::int64_t>(values_.size()));
    if (fresh) values_.push_back(value);
    return known->second;
  }
  const std::vector<Value>& values() const { return values_; }

 private:
  std::map<Value, std::int64_t> numbers_;
  std::vector<Value> values_;
};

class Writer {
 public:
  explicit Writer(const Tracing& tracing) : tracing_(tracing) {}

  std::string write(const RunId& id, const RunResult& result) {
    out_.begin_object();
    out_.member("format", "quorate-sim-trace").member_integer("version", kTraceVersion);
    run(id, result);
    verdict(result);
    lanes();
    names("message_kinds", kTraceMessageKinds,
          [](std::size_t i) { return message_name(static_cast<TraceMessageKind>(i)); });
    names("mark_kinds", kTraceMarkKinds,
          [](std::size_t i) { return mark_name(static_cast<TraceMarkKind>(i)); });
    messages();
    marks();
    dropped();
    logs();
    tables();  // last: the others fill them
    out_.end_object();
    return out_.take() + "\n";
  }

 private:
  std::int64_t ballot(const paxos::Ballot& ballot) {
    return ballot.none() ? -1 : ballots_.number(ballot);
  }

  // Texts beyond the bound are left out.
  std::int64_t text(const std::string& text) {
    if (text.empty()) return -1;
    std::size_t before = texts_.values().size();
    if (text_bytes_ > kTextsMax) return texts_.number("(left out: too much text)");
    std::int64_t number = texts_.number(text);
    if (texts_.values().size() > before)
      for (char c : text) text_bytes_ += c < ' ' || c == '<' || c == '"' || c == '\\' ? 6 : 1;
    return number;
  }

  void run(const RunId& id, const RunResult& result) {
    out_.key("run").begin_object();
    out_.member("scenario", id.scenario).member("section", id.section).member("file", id.file);
    out_.member_integer("seed", static_cast<std::int64_t>(id.seed));
    out_.member("replay", replay_command(id));
    out_.member("build", build_id()).member("release", QUORATE_VERSION);
    out_.member("hash", hex(result.hash));
    out_.member_integer("simulated_ns", result.time.ns);
    out_.member_integer("events", static_cast<std::int64_t>(result.events));
    out_.member_integer("writes", static_cast<std::int64_t>(result.acknowledged_writes));
    out_.end_object();
  }

  void verdict(const RunResult& result) {
    out_.key("verdict").begin_object();
    out_.member_integer("code", static_cast<std::int64_t>(result.verdict));
    out_.member("name", to_text(result.verdict));
    out_.member_integer("line", static_cast<std::int64_t>(result.line));
    out_.member("step", valid_utf8(result.step));
    out_.member("text", valid_utf8(result.text));
    out_.key("moments_ns").begin_array();
    for (SimTime moment : moments_in(result.text)) out_.integer(moment.ns);
    out_.end_array();
    out_.key("notes").begin_array();
    for (const std::string& note : result.notes) out_.string(valid_utf8(note));
    out_.end_array();
    conflict();
    out_.end_object();
  }

  void conflict() {
    out_.key("conflict");
    if (!tracing_.conflict) {
      out_.null();
      return;
    }
    out_.begin_object().member_integer("position", whole(tracing_.conflict->position));
    out_.key("proposals").begin_array();
    for (const Votes::Proposal& proposal : tracing_.conflict->proposals) {
      out_.begin_object().member_integer("ballot", ballot(proposal.ballot));
      out_.member("entry", proposal.shown).member("digest", hex(proposal.entry.high));
      out_.member_integer("proposer", whole(proposal.proposer.value_or(kNoLane)));
      out_.member_integer("at_ns", proposal.at.ns).key("votes").begin_array();
      for (const Votes::Vote& vote : proposal.votes) {
        out_.begin_array().integer(whole(vote.lane)).integer(vote.at.ns);
        out_.string(vote.on_disk ? "disk" : "wire").end_array();
      }
      out_.end_array().end_object();
    }
    out_.end_array().end_object();
  }

  void lanes() {
    out_.key("lanes").begin_array();
    for (const TraceLane& lane : tracing_.lanes) {
      out_.begin_object().member("name", lane.name);
      out_.member("kind", lane.kind == LaneKind::Master   ? "master"
                          : lane.kind == LaneKind::Client ? "client"
                                                          : "zookeeper");
      out_.end_object();
    }
    out_.end_array();
  }

  template <typename Name>
  void names(std::string_view key, std::size_t count, Name name) {
    out_.key(key).begin_array();
    for (std::size_t i = 0; i < count; ++i) out_.string(name(i));
    out_.end_array();
  }

  void columns(std::string_view key, std::initializer_list<std::string_view> columns) {
    out_.key(key).begin_object().key("columns").begin_array();
    for (std::string_view column : columns) out_.string(column);
    out_.end_array().key("rows").begin_array();
  }

  void messages() {
    columns("messages",
            {"sent_ns", "received_ns", "from", "to", "kind", "text", "ballot", "first", "last"});
    for (const TraceMessage& m : tracing_.run.messages()) {
      out_.begin_array().integer(m.sent.ns).integer(whole(m.received));
      out_.integer(whole(m.from)).integer(whole(m.to)).integer(static_cast<int>(m.kind));
      out_.integer(text(m.text)).integer(ballot(m.ballot));
      out_.integer(whole(m.first)).integer(whole(m.last)).end_array();
    }
    out_.end_array().end_object();
  }

  void marks() {
    std::vector<TraceMark> marks;
    std::merge(tracing_.run.landmarks().begin(), tracing_.run.landmarks().end(),
               tracing_.run.small_marks().begin(), tracing_.run.small_marks().end(),
               std::back_inserter(marks),
               [](const TraceMark& a, const TraceMark& b) { return a.at < b.at; });
    columns("marks", {"at_ns", "until_ns", "lane", "other", "kind", "text", "ballot", "position"});
    for (const TraceMark& m : marks) {
      out_.begin_array().integer(m.at.ns).integer(whole(m.until));
      out_.integer(whole(m.lane)).integer(whole(m.other)).integer(static_cast<int>(m.kind));
      out_.integer(text(m.text)).integer(ballot(m.ballot)).integer(whole(m.position));
      out_.end_array();
    }
    out_.end_array().end_object();
  }

  void dropped() {
    const RunTrace& run = tracing_.run;
    out_.key("dropped").begin_object();
    out_.member_integer("events", static_cast<std::int64_t>(run.dropped()));
    out_.member_integer("complete_from_ns", run.complete_from().value_or(SimTime{}).ns);
    out_.end_object();
  }

  void logs() {
    out_.key("logs").begin_array();
    for (const TraceLog& log : tracing_.logs) {
      out_.begin_object().member_integer("lane", whole(log.lane));
      out_.member_integer("learned", whole(log.learned)).key("slots").begin_array();
      for (const TraceSlot& slot : log.slots) {
        out_.begin_array().integer(whole(slot.position)).integer(ballot(slot.ballot));
        out_.integer(text(slot.entry)).string(hex(slot.digest.high).substr(0, 8)).end_array();
      }
      out_.end_array().end_object();
    }
    out_.end_array();
  }

  void tables() {
    out_.key("ballots").begin_array();
    for (const paxos::Ballot& ballot : ballots_.values()) {
      auto lane = tracing_.replicas.find(ballot.replica);
      out_.begin_array().integer(static_cast<std::int64_t>(ballot.round));
      out_.integer(lane == tracing_.replicas.end() ? -1 : whole(lane->second));
      out_.string(to_text(ballot.replica)).end_array();
    }
    out_.end_array().key("texts").begin_array();
    for (const std::string& text : texts_.values()) out_.string(valid_utf8(text));
    out_.end_array();
  }

  const Tracing& tracing_;
  JsonWriter out_;
  Table<paxos::Ballot> ballots_;
  Table<std::string> texts_;
  std::size_t text_bytes_ = 0;
};

bool digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string trace_json(const RunId& id, const RunResult& result, const Tracing& tracing) {
  return Writer(tracing).write(id, result);
}

std::vector<SimTime> moments_in(std::string_view text) {
  std::vector<SimTime> out;
  for (std::size_t dot = text.find('.'); dot != std::string_view::npos;
       dot = text.find('.', dot + 1)) {
    std::size_t begin = dot;
    while (begin > 0 && digit(text[begin - 1])) --begin;
    std::string_view micro = text.substr(dot + 1, 6);
    bool time = begin < dot && micro.size() == 6 &&
                std::all_of(micro.begin(), micro.end(), digit) && text.substr(dot + 7, 1) == "s";
    if (!time) continue;
    auto seconds = parse_u64(text.substr(begin, dot - begin));
    auto rest = parse_u64(micro);
    if (!seconds || !rest || *seconds > 1'000'000'000) continue;
    SimTime moment{static_cast<std::int64_t>(*seconds * 1'000'000'000 + *rest * 1000)};
    if (std::find(out.begin(), out.end(), moment) == out.end()) out.push_back(moment);
  }
  return out;
}

}  // namespace quorate::sim
