#include "sim/silent_ports.h"

#include "sim/node.h"

namespace quorate::sim {
namespace {

struct SilentClock final : Clock {
  void wake_at(MonoTime) override {}
};
struct SilentNetwork final : Network {
  void listen(SocketAddress) override {}
  void connect(ConnectionId, SocketAddress) override {}
  void write(ConnectionId, Bytes) override {}
  void close(ConnectionId, bool) override {}
  void receive(ConnectionId, bool) override {}
};
struct SilentResolver final : Resolver {
  void resolve(ResolveTicket, const std::string&) override {}
  void reverse(ResolveTicket, Ipv4) override {}
  void own_name(ResolveTicket) override {}
};
struct SilentDisk final : Disk {
  void open(DiskTicket) override {}
  void read(DiskTicket, const std::string&, std::uint64_t, std::uint64_t) override {}
  void create(DiskTicket, const std::string&, std::uint64_t) override {}
  void write(const std::string&, std::uint64_t, Bytes) override {}
  void sync(DiskTicket, const std::string&) override {}
  void replace(DiskTicket, const std::string&, Bytes) override {}
  void truncate(DiskTicket, const std::string&, std::uint64_t) override {}
  void remove(DiskTicket, const std::string&) override {}
};
struct SilentFiles final : Files {
  void read(FileTicket, const std::string&, std::uint64_t, std::uint64_t) override {}
  void watch(const std::string&) override {}
};
struct SilentCoordination final : Coordination {
  void open(SessionHandle, Duration) override {}
  void add_auth(SessionHandle, CoordinationTicket) override {}
  void close(SessionHandle) override {}
  void create(SessionHandle, CoordinationTicket, const std::string&, const Bytes&,
              CreateMode) override {}
  void get(SessionHandle, CoordinationTicket, const std::string&, bool) override {}
  void exists(SessionHandle, CoordinationTicket, const std::string&, bool) override {}
  void children(SessionHandle, CoordinationTicket, const std::string&, bool) override {}
  void set(SessionHandle, CoordinationTicket, const std::string&, const Bytes&,
           std::int32_t) override {}
  void remove(SessionHandle, CoordinationTicket, const std::string&, std::int32_t) override {}
};
struct SilentProcess final : Process {
  [[noreturn]] void fail_fast(Exit exit, const std::string& why) override {
    throw ProcessEnded{exit, why};
  }
  [[noreturn]] void exit(Exit exit) override { throw ProcessEnded{exit, {}}; }
  void ready() override {}
  void status(const std::string&) override {}
  void log(LogLevel, std::string_view) override {}
  void set_log_level(LogLevel) override {}
  void measure_host() override {}
  void verify(VerifyTicket, const std::string&, const Bytes&) override {}
};

}  // namespace

struct SilentPorts::All {
  SilentClock clock;
  SilentNetwork network;
  SilentResolver resolver;
  SilentDisk disk;
  SilentFiles files;
  SilentCoordination coordination;
  SilentProcess process;
};

SilentPorts::SilentPorts() : all_(std::make_unique<All>()) {}
SilentPorts::~SilentPorts() = default;

Ports SilentPorts::ports() {
  return {all_->clock, all_->network,      all_->resolver, all_->disk,
          all_->files, all_->coordination, all_->process};
}

}  // namespace quorate::sim
