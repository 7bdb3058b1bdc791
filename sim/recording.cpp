#include "sim/recording.h"

#include <array>
#include <utility>

#include "master/base/check.h"
#include "master/ports/event_codec.h"

namespace quorate::sim {
namespace {

constexpr std::uint8_t kStart = 0;
constexpr std::uint8_t kEvent = 1;
constexpr std::uint8_t kEffect = 2;
// An event whose bytes were followed by so many zeros: reads of fresh segments are almost only
// zeros.
constexpr std::uint8_t kZeroTailed = 3;
constexpr std::size_t kBlock = 4096;

constexpr std::array<std::string_view, 37> kEffectNames = {
    "?",           "wake at",    "listen",      "connect",      "write",         "close",
    "receive",     "resolve",    "reverse",     "own name",     "disk open",     "disk read",
    "disk create", "disk write", "disk sync",   "disk replace", "disk truncate", "disk remove",
    "file read",   "file watch", "zk open",     "zk auth",      "zk close",      "zk create",
    "zk get",      "zk exists",  "zk children", "zk set",       "zk remove",     "fail fast",
    "exit",        "ready",      "status",      "log",          "log level",     "measure host",
    "verify"};

// How many whole blocks of zeros a read ends with, in bytes.
std::size_t zero_tail(const Event& event) {
  const auto* read = std::get_if<ReadDone>(&event);
  if (read == nullptr) return 0;
  static const Bytes kZeros(kBlock, '\0');
  std::size_t end = read->bytes.size();
  while (end >= kBlock && read->bytes.compare(end - kBlock, kBlock, kZeros) == 0) end -= kBlock;
  return read->bytes.size() - end;
}

std::string printable(std::string_view bytes, std::size_t most) {
  std::string out;
  for (char c : bytes.substr(0, most)) {
    bool plain = c >= ' ' && c < 127;
    out.push_back(plain ? c : '.');
  }
  if (bytes.size() > most) out += "...";
  return out;
}

// Walks through a recording and compares the effects of a fresh node with those recorded.
class Replay final : public EffectSink {
 public:
  Replay(const Recording& recording, NodeFactory& factory, const HostSpec& spec)
      : rest_(recording.bytes()), seed_(recording.seed()), factory_(factory), spec_(spec) {}

  std::optional<std::string> run() {
    RecordingPorts ports(*this, nullptr);
    std::unique_ptr<Node> node;
    try {
      node = factory_.make(spec_, ports.ports(), seed_);
      while (!difference_ && rest_.remaining() > 0) step(*node);
    } catch (const ProcessEnded&) {
      if (rest_.remaining() > 0)
        differ("the process ends",
               "it went on for " + std::to_string(rest_.remaining()) + " bytes");
    }
    return difference_;
  }

  void on_effect(const Bytes& effect) override {
    if (difference_) return;
    std::string_view recorded;
    ByteReader ahead = rest_;
    if (ahead.remaining() > 0 && ahead.u8() == kEffect) recorded = ahead.sized();
    if (recorded.empty()) return differ(describe_effect(effect), "nothing more in this event");
    if (recorded != effect) return differ(describe_effect(effect), describe_effect(recorded));
    rest_ = ahead;
  }

 private:
  void step(Node& node) {
    std::uint8_t tag = rest_.u8();
    if (tag == kEffect) {
      std::string recorded = describe_effect(rest_.sized());
      return differ("nothing more in this event", recorded);
    }
    Now now;
    now.mono.ns = rest_.i64();
    now.wall.ns = rest_.i64();
    ++number_;
    if (tag == kStart) {
      what_ = "start";
      return node.start(now);
    }
    CHECK(tag == kEvent || tag == kZeroTailed);
    std::uint64_t zeros = tag == kZeroTailed ? rest_.u64() : 0;
    Result<Event> event = decode_event(rest_.sized());
    CHECK(event.has_value());
    if (zeros > 0) std::get<ReadDone>(*event).bytes.append(zeros, '\0');
    what_ = event_name(*event);
    node.handle(now, *event);
  }

  void differ(const std::string& replayed, const std::string& recorded) {
    difference_ = spec_.name + ", event " + std::to_string(number_) + " (" + std::string(what_) +
                  "): replayed: " + replayed + "; recorded: " + recorded;
  }

  ByteReader rest_;
  std::uint64_t seed_;
  NodeFactory& factory_;
  const HostSpec& spec_;
  std::uint64_t number_ = 0;
  std::string_view what_ = "boot";
  std::optional<std::string> difference_;
};

}  // namespace

std::string_view effect_name(EffectKind kind) {
  auto number = static_cast<std::size_t>(kind);
  return number < kEffectNames.size() ? kEffectNames[number] : kEffectNames[0];
}

std::string describe_effect(std::string_view effect) {
  if (effect.empty()) return "nothing";
  auto kind = static_cast<EffectKind>(effect.front());
  return std::string(effect_name(kind)) + " [" + std::to_string(effect.size() - 1) +
         " bytes: " + printable(effect.substr(1), 160) + "]";
}

void Recording::started(Now now) {
  out_.u8(kStart);
  out_.i64(now.mono.ns);
  out_.i64(now.wall.ns);
}

std::string_view Recording::event(Now now, const Event& event) {
  std::size_t before = out_.size();
  std::size_t zeros = zero_tail(event);
  out_.u8(zeros > 0 ? kZeroTailed : kEvent);
  out_.i64(now.mono.ns);
  out_.i64(now.wall.ns);
  ByteWriter encoded;
  if (zeros > 0) {
    out_.u64(zeros);
    const auto& read = std::get<ReadDone>(event);
    std::size_t kept = read.bytes.size() - zeros;
    encode_event(encoded, ReadDone{read.ticket, read.bytes.substr(0, kept), read.error});
  } else {
    encode_event(encoded, event);
  }
  out_.sized(encoded.bytes());
  return std::string_view(out_.bytes()).substr(before);
}

void Recording::effect(const Bytes& effect) {
  out_.u8(kEffect);
  out_.sized(effect);
}

std::optional<std::string> replay_difference(const Recording& recording, NodeFactory& factory,
                                             const HostSpec& spec) {
  return Replay(recording, factory, spec).run();
}

}  // namespace quorate::sim
