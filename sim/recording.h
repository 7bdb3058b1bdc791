#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/bytes.h"
#include "master/ports/event.h"
#include "sim/node.h"

namespace quorate::sim {

// The port calls, as they are recorded: the first byte of every effect.
enum class EffectKind : std::uint8_t {
  WakeAt = 1,
  Listen,
  Connect,
  Write,
  Close,
  Receive,
  Resolve,
  Reverse,
  OwnName,
  DiskOpen,
  DiskRead,
  DiskCreate,
  DiskWrite,
  DiskSync,
  DiskReplace,
  DiskTruncate,
  DiskRemove,
  FileRead,
  FileWatch,
  ZkOpen,
  ZkAuth,
  ZkClose,
  ZkCreate,
  ZkGet,
  ZkExists,
  ZkChildren,
  ZkSet,
  ZkRemove,
  FailFast,
  Exit,
  Ready,
  Status,
  Log,
  LogLevel,
  MeasureHost,
  Verify,
};
std::string_view effect_name(EffectKind kind);
// "Write 7, 120 bytes: HTTP/1.1 200 OK..." for reports.
std::string describe_effect(std::string_view effect);

// Takes each port call, as bytes, before it is carried out.
class EffectSink {
 public:
  virtual ~EffectSink() = default;
  virtual void on_effect(const Bytes& effect) = 0;
};

// All seven ports: each call is encoded, told to the sink and passed on to `inner`. Without `inner`
// nothing happens beyond the telling (a replay).
class RecordingPorts {
 public:
  RecordingPorts(EffectSink& sink, const Ports* inner);
  ~RecordingPorts();
  RecordingPorts(const RecordingPorts&) = delete;
  RecordingPorts& operator=(const RecordingPorts&) = delete;

  Ports ports();

 private:
  struct All;
  std::unique_ptr<All> all_;
};

// All that one incarnation was given, and all that it did.
class Recording {
 public:
  explicit Recording(std::uint64_t seed) : seed_(seed) {}

  void started(Now now);
  // Appends and gives the bytes that were appended, for the hash.
  std::string_view event(Now now, const Event& event);
  void effect(const Bytes& effect);
  // Drops what is held: for runs that are not replayed.
  void forget() { out_ = ByteWriter(); }

  std::uint64_t seed() const { return seed_; }
  const Bytes& bytes() const { return out_.bytes(); }
  std::size_t size() const { return out_.size(); }

 private:
  std::uint64_t seed_;
  ByteWriter out_;
};

// Feeds the recording to a fresh node and compares what it does. Nothing: the same. Otherwise the
// first difference, as a sentence.
std::optional<std::string> replay_difference(const Recording& recording, NodeFactory& factory,
                                             const HostSpec& spec);

}  // namespace quorate::sim
