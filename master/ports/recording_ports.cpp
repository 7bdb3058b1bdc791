#include "master/ports/recording_ports.h"

#include <array>
#include <utility>

#include "master/base/bytes.h"
#include "master/base/check.h"

namespace quorate {
namespace {

constexpr std::array<std::string_view, kEffectKinds + 1> kEffectNames = {
    "?",           "wake at",    "listen",      "connect",      "write",         "close",
    "receive",     "resolve",    "reverse",     "own name",     "disk open",     "disk read",
    "disk create", "disk write", "disk sync",   "disk replace", "disk truncate", "disk remove",
    "file read",   "file watch", "zk open",     "zk auth",      "zk close",      "zk create",
    "zk get",      "zk exists",  "zk children", "zk set",       "zk remove",     "fail fast",
    "exit",        "ready",      "status",      "log",          "log level",     "measure host",
    "verify"};

std::string printable(std::string_view bytes, std::size_t most) {
  std::string out;
  for (char c : bytes.substr(0, most)) {
    bool plain = c >= ' ' && c < 127;
    out.push_back(plain ? c : '.');
  }
  if (bytes.size() > most) out += "...";
  return out;
}

// One encoder for all ports: kind, then numbers and strings as they come.
class Teller {
 public:
  explicit Teller(EffectSink& sink) : sink_(sink) {}

  template <typename... T>
  void tell(EffectKind kind, const T&... fields) {
    ByteWriter out(std::move(told_));
    out.u8(static_cast<std::uint8_t>(kind));
    (put(out, fields), ...);
    sink_.on_effect(out.bytes());
    told_ = out.take();
    told_.clear();
  }

 private:
  static void put(ByteWriter& out, std::uint64_t v) { out.u64(v); }
  static void put(ByteWriter& out, std::string_view v) { out.sized(v); }
  static void put(ByteWriter& out, const std::string& v) { out.sized(v); }
  static void put(ByteWriter& out, bool v) { out.boolean(v); }
  static void put(ByteWriter& out, std::int32_t v) { out.u32(static_cast<std::uint32_t>(v)); }
  static void put(ByteWriter& out, std::int64_t v) { out.i64(v); }
  static void put(ByteWriter& out, SocketAddress v) {
    out.u32(v.ip.number);
    out.u16(v.port);
  }
  static void put(ByteWriter& out, Ipv4 v) { out.u32(v.number); }
  static void put(ByteWriter& out, CreateMode v) {
    out.boolean(v.ephemeral);
    out.boolean(v.sequential);
    out.u8(static_cast<std::uint8_t>(v.acl));
  }
  template <typename Tag, typename Rep>
  static void put(ByteWriter& out, Strong<Tag, Rep> v) {
    put(out, v.value);
  }

  EffectSink& sink_;
  Bytes told_;  // memory for the next effect
};

class ClockTap final : public Clock, private Teller {
 public:
  ClockTap(EffectSink& sink, Clock& inner) : Teller(sink), inner_(inner) {}
  void wake_at(MonoTime at) override {
    tell(EffectKind::WakeAt, at.ns);
    inner_.wake_at(at);
  }

 private:
  Clock& inner_;
};

class NetworkTap final : public Network, private Teller {
 public:
  NetworkTap(EffectSink& sink, Network& inner) : Teller(sink), inner_(inner) {}
  void listen(SocketAddress address) override {
    tell(EffectKind::Listen, address);
    inner_.listen(address);
  }
  void connect(ConnectionId id, SocketAddress address) override {
    tell(EffectKind::Connect, id, address);
    inner_.connect(id, address);
  }
  void write(ConnectionId id, Bytes bytes) override {
    tell(EffectKind::Write, id, bytes);
    inner_.write(id, std::move(bytes));
  }
  void close(ConnectionId id, bool flush) override {
    tell(EffectKind::Close, id, flush);
    inner_.close(id, flush);
  }
  void receive(ConnectionId id, bool on) override {
    tell(EffectKind::Receive, id, on);
    inner_.receive(id, on);
  }

 private:
  Network& inner_;
};

class ResolverTap final : public Resolver, private Teller {
 public:
  ResolverTap(EffectSink& sink, Resolver& inner) : Teller(sink), inner_(inner) {}
  void resolve(ResolveTicket ticket, const std::string& host_name) override {
    tell(EffectKind::Resolve, ticket, host_name);
    inner_.resolve(ticket, host_name);
  }
  void reverse(ResolveTicket ticket, Ipv4 ip) override {
    tell(EffectKind::Reverse, ticket, ip);
    inner_.reverse(ticket, ip);
  }
  void own_name(ResolveTicket ticket) override {
    tell(EffectKind::OwnName, ticket);
    inner_.own_name(ticket);
  }

 private:
  Resolver& inner_;
};

class DiskTap final : public Disk, private Teller {
 public:
  DiskTap(EffectSink& sink, Disk& inner) : Teller(sink), inner_(inner) {}
  void open(DiskTicket ticket) override {
    tell(EffectKind::DiskOpen, ticket);
    inner_.open(ticket);
  }
  void read(DiskTicket ticket, const std::string& file, std::uint64_t offset,
            std::uint64_t size) override {
    tell(EffectKind::DiskRead, ticket, file, offset, size);
    inner_.read(ticket, file, offset, size);
  }
  void create(DiskTicket ticket, const std::string& file, std::uint64_t size) override {
    tell(EffectKind::DiskCreate, ticket, file, size);
    inner_.create(ticket, file, size);
  }
  void write(const std::string& file, std::uint64_t offset, Bytes bytes) override {
    tell(EffectKind::DiskWrite, file, offset, bytes);
    inner_.write(file, offset, std::move(bytes));
  }
  void sync(DiskTicket ticket, const std::string& file) override {
    tell(EffectKind::DiskSync, ticket, file);
    inner_.sync(ticket, file);
  }
  void replace(DiskTicket ticket, const std::string& file, Bytes bytes) override {
    tell(EffectKind::DiskReplace, ticket, file, bytes);
    inner_.replace(ticket, file, std::move(bytes));
  }
  void truncate(DiskTicket ticket, const std::string& file, std::uint64_t size) override {
    tell(EffectKind::DiskTruncate, ticket, file, size);
    inner_.truncate(ticket, file, size);
  }
  void remove(DiskTicket ticket, const std::string& file) override {
    tell(EffectKind::DiskRemove, ticket, file);
    inner_.remove(ticket, file);
  }

 private:
  Disk& inner_;
};

class FilesTap final : public Files, private Teller {
 public:
  FilesTap(EffectSink& sink, Files& inner) : Teller(sink), inner_(inner) {}
  void read(FileTicket ticket, const std::string& path, std::uint64_t offset,
            std::uint64_t size) override {
    tell(EffectKind::FileRead, ticket, path, offset, size);
    inner_.read(ticket, path, offset, size);
  }
  void watch(const std::string& path) override {
    tell(EffectKind::FileWatch, path);
    inner_.watch(path);
  }

 private:
  Files& inner_;
};

class CoordinationTap final : public Coordination, private Teller {
 public:
  CoordinationTap(EffectSink& sink, Coordination& inner) : Teller(sink), inner_(inner) {}
  void open(SessionHandle handle, Duration session_timeout) override {
    tell(EffectKind::ZkOpen, handle, session_timeout.ns);
    inner_.open(handle, session_timeout);
  }
  void add_auth(SessionHandle handle, CoordinationTicket ticket) override {
    tell(EffectKind::ZkAuth, handle, ticket);
    inner_.add_auth(handle, ticket);
  }
  void close(SessionHandle handle) override {
    tell(EffectKind::ZkClose, handle);
    inner_.close(handle);
  }
  void create(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
              const Bytes& data, CreateMode mode) override {
    tell(EffectKind::ZkCreate, handle, ticket, path, data, mode);
    inner_.create(handle, ticket, path, data, mode);
  }
  void get(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
           bool watch) override {
    tell(EffectKind::ZkGet, handle, ticket, path, watch);
    inner_.get(handle, ticket, path, watch);
  }
  void exists(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
              bool watch) override {
    tell(EffectKind::ZkExists, handle, ticket, path, watch);
    inner_.exists(handle, ticket, path, watch);
  }
  void children(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
                bool watch) override {
    tell(EffectKind::ZkChildren, handle, ticket, path, watch);
    inner_.children(handle, ticket, path, watch);
  }
  void set(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
           const Bytes& data, std::int32_t version) override {
    tell(EffectKind::ZkSet, handle, ticket, path, data, version);
    inner_.set(handle, ticket, path, data, version);
  }
  void remove(SessionHandle handle, CoordinationTicket ticket, const std::string& path,
              std::int32_t version) override {
    tell(EffectKind::ZkRemove, handle, ticket, path, version);
    inner_.remove(handle, ticket, path, version);
  }

 private:
  Coordination& inner_;
};

class ProcessTap final : public Process, private Teller {
 public:
  ProcessTap(EffectSink& sink, Process& inner) : Teller(sink), inner_(inner) {}
  [[noreturn]] void fail_fast(Exit exit, const std::string& why) override {
    tell(EffectKind::FailFast, static_cast<std::uint64_t>(code(exit)), why);
    inner_.fail_fast(exit, why);
    CHECK(false);
  }
  [[noreturn]] void exit(Exit exit) override {
    tell(EffectKind::Exit, static_cast<std::uint64_t>(code(exit)));
    inner_.exit(exit);
    CHECK(false);
  }
  void ready() override {
    tell(EffectKind::Ready);
    inner_.ready();
  }
  void status(const std::string& text) override {
    tell(EffectKind::Status, text);
    inner_.status(text);
  }
  void log(LogLevel level, std::string_view line) override {
    tell(EffectKind::Log, static_cast<std::uint64_t>(level), line);
    inner_.log(level, line);
  }
  void set_log_level(LogLevel least) override {
    tell(EffectKind::LogLevel, static_cast<std::uint64_t>(least));
    inner_.set_log_level(least);
  }
  void measure_host() override {
    tell(EffectKind::MeasureHost);
    inner_.measure_host();
  }
  void verify(VerifyTicket ticket, const std::string& principal, const Bytes& secret) override {
    // The secret itself stays out of recordings; its length is enough to compare.
    tell(EffectKind::Verify, ticket, principal, static_cast<std::uint64_t>(secret.size()));
    inner_.verify(ticket, principal, secret);
  }

 private:
  Process& inner_;
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

struct RecordingPorts::All {
  All(EffectSink& sink, const Ports& inner)
      : clock(sink, inner.clock),
        network(sink, inner.network),
        resolver(sink, inner.resolver),
        disk(sink, inner.disk),
        files(sink, inner.files),
        coordination(sink, inner.coordination),
        process(sink, inner.process) {}

  ClockTap clock;
  NetworkTap network;
  ResolverTap resolver;
  DiskTap disk;
  FilesTap files;
  CoordinationTap coordination;
  ProcessTap process;
};

RecordingPorts::RecordingPorts(EffectSink& sink, const Ports& inner) : all_(new All(sink, inner)) {}

RecordingPorts::~RecordingPorts() { delete all_; }

Ports RecordingPorts::ports() {
  return Ports{all_->clock, all_->network,      all_->resolver, all_->disk,
               all_->files, all_->coordination, all_->process};
}

}  // namespace quorate
