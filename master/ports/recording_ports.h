#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "master/base/bytes.h"
#include "master/ports/ports.h"

namespace quorate {

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
inline constexpr std::size_t kEffectKinds = 36;
std::string_view effect_name(EffectKind kind);
// "write [120 bytes: HTTP/1.1 200 OK...]" for reports.
std::string describe_effect(std::string_view effect);

// Takes each port call, as bytes, before it is carried out.
class EffectSink {
 public:
  virtual ~EffectSink() = default;
  virtual void on_effect(const Bytes& effect) = 0;
};

// All seven ports: each call is encoded, told to the sink and passed on to `inner`. Sink and inner
// ports outlive this. The secret of a verify() is not told, only its length.
class RecordingPorts {
 public:
  RecordingPorts(EffectSink& sink, const Ports& inner);
  ~RecordingPorts();
  RecordingPorts(const RecordingPorts&) = delete;
  RecordingPorts& operator=(const RecordingPorts&) = delete;

  Ports ports();

 private:
  struct All;
  All* const all_;  // owned; <memory> stays out of the headers of ports
};

}  // namespace quorate
