#include "master/ports/recording.h"

#include <utility>

#include "master/base/checksum.h"
#include "master/ports/event_codec.h"

namespace quorate {
namespace {

// The first byte of every record.
constexpr std::uint8_t kStart = 0;
constexpr std::uint8_t kEvent = 1;
constexpr std::uint8_t kEffect = 2;
// An event whose bytes were followed by so many zeros: reads of fresh segments are almost only
// zeros.
constexpr std::uint8_t kZeroTailed = 3;
constexpr std::uint8_t kEffectDigest = 4;
constexpr std::uint8_t kEnd = 5;

constexpr std::size_t kBlock = 4096;
// More than any read of a disk gives.
constexpr std::uint64_t kZerosMax = std::uint64_t{64} << 20;

// How many whole blocks of zeros a read ends with, in bytes.
std::size_t zero_tail(const Event& event) {
  const auto* read = std::get_if<ReadDone>(&event);
  if (read == nullptr) return 0;
  static const Bytes kZeros(kBlock, '\0');
  std::size_t end = read->bytes.size();
  while (end >= kBlock && read->bytes.compare(end - kBlock, kBlock, kZeros) == 0) end -= kBlock;
  return read->bytes.size() - end;
}

void put(ByteWriter& out, std::uint8_t tag, Now now) {
  out.u8(tag);
  out.i64(now.mono.ns);
  out.i64(now.wall.ns);
}

}  // namespace

void RecordWriter::started(Now now) { put(out_, kStart, now); }

std::string_view RecordWriter::event(Now now, const Event& event) {
  const std::size_t before = out_.size();
  const std::size_t zeros = zero_tail(event);
  put(out_, zeros > 0 ? kZeroTailed : kEvent, now);
  ByteWriter encoded(std::move(event_));
  if (zeros > 0) {
    out_.u64(zeros);
    const auto& read = std::get<ReadDone>(event);
    const std::size_t kept = read.bytes.size() - zeros;
    encode_event(encoded, ReadDone{read.ticket, read.bytes.substr(0, kept), read.error});
  } else {
    encode_event(encoded, event);
  }
  out_.sized(encoded.bytes());
  event_ = encoded.take();
  event_.clear();
  return std::string_view(out_.bytes()).substr(before);
}

void RecordWriter::clear() {
  Bytes kept = out_.take();
  kept.clear();
  out_ = ByteWriter(std::move(kept));
}

void RecordWriter::effect(std::string_view effect) {
  out_.u8(kEffect);
  out_.sized(effect);
}

void RecordWriter::effect_digest(std::string_view effect) {
  out_.u8(kEffectDigest);
  out_.sized(effect.substr(0, 1));
  out_.u64(effect.size());
  out_.u64(xxh3_64(effect));
}

void RecordWriter::ended(std::string_view why) {
  out_.u8(kEnd);
  out_.sized(why);
}

bool is_same(const RecordedEffect& recorded, std::string_view effect) {
  if (!recorded.bytes.empty()) return recorded.bytes == effect;
  return recorded.kind == effect.substr(0, 1) && recorded.size_bytes == effect.size() &&
         recorded.digest == xxh3_64(effect);
}

std::string describe(const RecordedEffect& recorded) {
  if (!recorded.bytes.empty()) return describe_effect(recorded.bytes);
  if (recorded.kind.empty()) return "nothing";
  return std::string(effect_name(static_cast<EffectKind>(recorded.kind.front()))) + " [" +
         std::to_string(recorded.size_bytes - 1) + " bytes, of which only a digest is recorded]";
}

Result<Recorded> RecordReader::broken(std::string why) {
  rest_.fail();
  return failure(std::move(why));
}

Result<Recorded> RecordReader::next() {
  const std::uint8_t tag = rest_.u8();
  if (tag == kEffect) {
    const std::string_view bytes = rest_.sized();
    if (rest_.failed() || bytes.empty()) return broken("the recording ends inside of an effect");
    return RecordedEffect{bytes.substr(0, 1), bytes, bytes.size(), 0};
  }
  if (tag == kEffectDigest) {
    RecordedEffect effect;
    effect.kind = rest_.sized();
    effect.size_bytes = rest_.u64();
    effect.digest = rest_.u64();
    if (rest_.failed() || effect.kind.size() != 1 || effect.size_bytes == 0)
      return broken("the recording ends inside of an effect, or is damaged there");
    return effect;
  }
  if (tag == kEnd) {
    const std::string_view why = rest_.sized();
    if (rest_.failed()) return broken("the recording ends inside of its last record");
    return RecordedEnd{why};
  }
  if (tag != kStart && tag != kEvent && tag != kZeroTailed)
    return broken("the recording has a record of unknown kind " + std::to_string(tag));
  Now now;
  now.mono.ns = rest_.i64();
  now.wall.ns = rest_.i64();
  if (tag == kStart && !rest_.failed()) return RecordedStart{now};
  const std::uint64_t zeros = tag == kZeroTailed ? rest_.u64() : 0;
  const std::string_view encoded = rest_.sized();
  if (rest_.failed() || zeros > kZerosMax) return broken("the recording ends inside of an event");
  Result<Event> event = decode_event(encoded);
  if (!event) return broken("an event of the recording: " + event.error().text);
  auto* read = std::get_if<ReadDone>(&*event);
  if (zeros > 0 && read == nullptr) return broken("zeros follow an event that is no read");
  if (zeros > 0) read->bytes.append(zeros, '\0');
  return RecordedEvent{now, std::move(*event)};
}

}  // namespace quorate
