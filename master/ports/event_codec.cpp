#include "master/ports/event_codec.h"

#include <array>
#include <bit>
#include <concepts>
#include <type_traits>
#include <utility>

namespace quorate {
namespace {

template <typename T, typename U>
concept Like = std::same_as<std::remove_const_t<T>, U>;

// The fields of each value, once for both directions. An archive is called with every field.
template <typename A>
void fields(A&, Like<Woken> auto&) {}
template <typename A>
void fields(A& a, Like<SocketAddress> auto& v) {
  a(v.ip.number, v.port);
}
template <typename A>
void fields(A& a, Like<Ipv4> auto& v) {
  a(v.number);
}
template <typename A>
void fields(A& a, Like<Duration> auto& v) {
  a(v.ns);
}
template <typename A>
void fields(A& a, Like<Listening> auto& v) {
  a(v.bound, v.error);
}
template <typename A>
void fields(A& a, Like<Opened> auto& v) {
  a(v.connection, v.peer);
}
template <typename A>
void fields(A& a, Like<Refused> auto& v) {
  a(v.connection, v.why);
}
template <typename A>
void fields(A& a, Like<Received> auto& v) {
  a(v.connection, v.bytes);
}
template <typename A>
void fields(A& a, Like<Writable> auto& v) {
  a(v.connection);
}
template <typename A>
void fields(A& a, Like<Closed> auto& v) {
  a(v.connection, v.why);
}
template <typename A>
void fields(A& a, Like<Resolved> auto& v) {
  a(v.ticket, v.addresses, v.name, v.error);
}
template <typename A>
void fields(A& a, Like<DiskError> auto& v) {
  a(v.kind, v.text);
}
template <typename A>
void fields(A& a, Like<DiskFile> auto& v) {
  a(v.name, v.size_bytes);
}
template <typename A>
void fields(A& a, Like<Listed> auto& v) {
  a(v.ticket, v.files, v.error);
}
template <typename A>
void fields(A& a, Like<ReadDone> auto& v) {
  a(v.ticket, v.bytes, v.error);
}
template <typename A>
void fields(A& a, Like<Synced> auto& v) {
  a(v.ticket, v.error);
}
template <typename A>
void fields(A& a, Like<FileRead> auto& v) {
  a(v.ticket, v.bytes, v.file_size_bytes, v.error);
}
template <typename A>
void fields(A& a, Like<FileChanged> auto& v) {
  a(v.path);
}
template <typename A>
void fields(A& a, Like<CoordinationReply> auto& v) {
  a(v.handle, v.ticket, v.code, v.path, v.data, v.version, v.ephemeral_owner, v.children);
}
template <typename A>
void fields(A& a, Like<WatchFired> auto& v) {
  a(v.handle, v.kind, v.path);
}
template <typename A>
void fields(A& a, Like<SessionState> auto& v) {
  a(v.handle, v.phase, v.session_id, v.negotiated_timeout);
}
template <typename A>
void fields(A&, Like<StopRequested> auto&) {}
template <typename A>
void fields(A&, Like<Reload> auto&) {}
template <typename A>
void fields(A& a, Like<HostStats> auto& v) {
  a(v.load_1min, v.load_5min, v.load_15min, v.cpus, v.memory_total_bytes, v.memory_free_bytes);
}
template <typename A>
void fields(A& a, Like<Verified> auto& v) {
  a(v.ticket, v.ok);
}

// The largest valid number of each enumeration.
constexpr std::uint8_t last(DiskErrorKind) {
  return static_cast<std::uint8_t>(DiskErrorKind::Other);
}
constexpr std::uint8_t last(CoordinationCode) {
  return static_cast<std::uint8_t>(CoordinationCode::Other);
}
constexpr std::uint8_t last(WatchKind) {
  return static_cast<std::uint8_t>(WatchKind::ChildrenChanged);
}
constexpr std::uint8_t last(SessionPhase) {
  return static_cast<std::uint8_t>(SessionPhase::Closed);
}

class Writing {
 public:
  explicit Writing(ByteWriter& out) : out_(out) {}

  template <typename... T>
  void operator()(const T&... v) {
    (put(v), ...);
  }

 private:
  void put(bool v) { out_.boolean(v); }
  void put(std::uint16_t v) { out_.u16(v); }
  void put(std::uint32_t v) { out_.u32(v); }
  void put(std::int32_t v) { out_.u32(static_cast<std::uint32_t>(v)); }
  void put(std::uint64_t v) { out_.u64(v); }
  void put(std::int64_t v) { out_.i64(v); }
  void put(double v) { out_.u64(std::bit_cast<std::uint64_t>(v)); }
  void put(const std::string& v) { out_.sized(v); }
  template <typename Tag, typename Rep>
  void put(const Strong<Tag, Rep>& v) {
    put(v.value);
  }
  template <typename T>
  void put(const std::optional<T>& v) {
    out_.boolean(v.has_value());
    if (v) put(*v);
  }
  template <typename T>
  void put(const std::vector<T>& v) {
    out_.u32(static_cast<std::uint32_t>(v.size()));
    for (const T& item : v) put(item);
  }
  template <typename T>
  void put(const T& v) {
    if constexpr (std::is_enum_v<T>) {
      out_.u8(static_cast<std::uint8_t>(v));
    } else {
      fields(*this, v);
    }
  }

  ByteWriter& out_;
};

class Reading {
 public:
  explicit Reading(ByteReader& in) : in_(in) {}

  template <typename... T>
  void operator()(T&... v) {
    (get(v), ...);
  }

 private:
  void get(bool& v) { v = in_.boolean(); }
  void get(std::uint16_t& v) { v = in_.u16(); }
  void get(std::uint32_t& v) { v = in_.u32(); }
  void get(std::int32_t& v) { v = static_cast<std::int32_t>(in_.u32()); }
  void get(std::uint64_t& v) { v = in_.u64(); }
  void get(std::int64_t& v) { v = in_.i64(); }
  void get(double& v) { v = std::bit_cast<double>(in_.u64()); }
  void get(std::string& v) { v = std::string(in_.sized()); }
  template <typename Tag, typename Rep>
  void get(Strong<Tag, Rep>& v) {
    get(v.value);
  }
  template <typename T>
  void get(std::optional<T>& v) {
    if (in_.boolean()) get(v.emplace());
  }
  template <typename T>
  void get(std::vector<T>& v) {
    std::uint32_t count = in_.u32();
    // Every item takes at least a byte, so a count beyond the rest is a lie; nothing is reserved
    // for it.
    if (count > in_.remaining()) in_.fail();
    for (std::uint32_t i = 0; i < count && !in_.failed(); ++i) get(v.emplace_back());
  }
  template <typename T>
  void get(T& v) {
    if constexpr (std::is_enum_v<T>) {
      std::uint8_t number = in_.u8();
      if (number > last(T{})) in_.fail();
      v = static_cast<T>(number);
    } else {
      fields(*this, v);
    }
  }

  ByteReader& in_;
};

constexpr std::size_t kKinds = std::variant_size_v<Event>;
constexpr std::array<std::string_view, kKinds> kNames = {
    "Woken",       "Listening",         "Opened",     "Refused",      "Received",      "Writable",
    "Closed",      "Resolved",          "Listed",     "ReadDone",     "Synced",        "FileRead",
    "FileChanged", "CoordinationReply", "WatchFired", "SessionState", "StopRequested", "Reload",
    "HostStats",   "Verified"};

template <std::size_t Kind>
Event read_kind(ByteReader& in) {
  std::variant_alternative_t<Kind, Event> value;
  Reading reading(in);
  fields(reading, value);
  return Event(std::in_place_index<Kind>, std::move(value));
}

template <std::size_t... Kind>
Event read_any(std::size_t kind, ByteReader& in, std::index_sequence<Kind...>) {
  using Read = Event (*)(ByteReader&);
  constexpr std::array<Read, sizeof...(Kind)> kReaders = {&read_kind<Kind>...};
  return kReaders[kind](in);
}

}  // namespace

void encode_event(ByteWriter& out, const Event& event) {
  out.u8(kEventCodecVersion);
  out.u8(static_cast<std::uint8_t>(event.index()));
  Writing writing(out);
  std::visit([&writing](const auto& value) { fields(writing, value); }, event);
}

Bytes encode_event(const Event& event) {
  ByteWriter out;
  encode_event(out, event);
  return out.take();
}

Result<Event> decode_event(std::string_view bytes) {
  ByteReader in(bytes);
  std::uint8_t version = in.u8();
  std::uint8_t kind = in.u8();
  if (in.failed()) return failure("an event of fewer than 2 bytes");
  if (version != kEventCodecVersion)
    return failure("an event in version " + std::to_string(version) +
                   "; this program reads version " + std::to_string(kEventCodecVersion));
  if (kind >= kKinds) return failure("an event of unknown kind " + std::to_string(kind));

  Event event = read_any(kind, in, std::make_index_sequence<kKinds>());
  if (!in.done())
    return failure("an event of kind " + std::string(kNames[kind]) + " in " +
                   std::to_string(bytes.size()) +
                   " bytes: a field is wrong, or too few or many bytes");
  return event;
}

std::string_view event_name(const Event& event) { return kNames[event.index()]; }

}  // namespace quorate
