#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

#include "master/base/bytes.h"
#include "master/base/result.h"
#include "master/base/time.h"
#include "master/ports/event.h"
#include "master/ports/recording_ports.h"

namespace quorate {

// What one incarnation of a master was given and what it did, as bytes: the format of recordings
// (docs/formats/recording.md). With the seed and the flags it is all that is needed to live through
// the incarnation again.
class RecordWriter {
 public:
  void started(Now now);
  // Gives the bytes that were appended, until the next call.
  std::string_view event(Now now, const Event& event);
  void effect(std::string_view effect);
  // Of an effect only its kind, its size and a digest: a recording of a production master would
  // otherwise hold everything twice that it writes.
  void effect_digest(std::string_view effect);
  // Nothing more was recorded, for this reason.
  void ended(std::string_view why);

  void append(const RecordWriter& other) { out_.raw(other.bytes()); }

  const Bytes& bytes() const { return out_.bytes(); }
  std::size_t size() const { return out_.size(); }
  Bytes take() { return std::exchange(out_, ByteWriter()).take(); }
  // Drops what was written and keeps its memory.
  void clear();

 private:
  ByteWriter out_;
  Bytes event_;  // memory for the next event
};

struct RecordedStart {
  Now now;
};
struct RecordedEvent {
  Now now;
  Event event;
};
struct RecordedEffect {
  std::string_view kind;   // its first byte
  std::string_view bytes;  // empty if only the digest is known
  std::uint64_t size_bytes = 0;
  std::uint64_t digest = 0;
};
struct RecordedEnd {
  std::string_view why;
};
using Recorded = std::variant<RecordedStart, RecordedEvent, RecordedEffect, RecordedEnd>;
// The same effect as these bytes say?
bool is_same(const RecordedEffect& recorded, std::string_view effect);
// "disk write [4096 bytes]".
std::string describe(const RecordedEffect& recorded);

// Reads what RecordWriter wrote. Bytes may be hostile or cut short: after the first mistake nothing
// more is read. A plain value, so that a copy can look ahead. The bytes outlive it.
class RecordReader {
 public:
  explicit RecordReader(std::string_view bytes) : rest_(bytes) {}

  bool done() const { return rest_.remaining() == 0; }
  std::size_t remaining() const { return rest_.remaining(); }
  // Only if not done().
  Result<Recorded> next();

 private:
  Result<Recorded> broken(std::string why);

  ByteReader rest_;
};

}  // namespace quorate
