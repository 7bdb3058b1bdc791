#include <filesystem>
#include <utility>

#include "master/platform/event_loop.h"
#include "master/platform/file_disk.h"
#include "master/platform/recording_sink_test.h"
#include "master/platform/tcp_network.h"
#include "master/platform/unix_process.h"
#include "tests/contract/port_world.h"

namespace quorate::contract {
namespace {

// Sockets on loopback, a directory of its own, the real clock.
class RealWorld final : public PortWorld, private platform::EventSink {
 public:
  RealWorld() { begin(); }

  Disk& disk() override { return *parts_->disk; }
  Clock& clock() override { return parts_->loop; }
  Network& network() override { return *parts_->network; }
  MonoTime now() override { return platform::EventLoop::now().mono; }
  SocketAddress own_address() override { return {Ipv4{0x7f000001}, 0}; }
  bool run_until(const std::function<bool()>& enough, Duration at_most) override {
    if (enough()) return true;
    enough_ = &enough;
    parts_->loop.run_for(*this, at_most);
    enough_ = nullptr;
    return enough();
  }
  void next_process() override {
    parts_.reset();
    begin();
  }

 private:
  struct Parts {
    platform::EventLoop loop;
    std::unique_ptr<platform::UnixProcess> process;
    std::unique_ptr<platform::TcpNetwork> network;
    std::unique_ptr<platform::FileDisk> disk;
  };

  void begin() {
    events.clear();
    times.clear();
    parts_ = std::make_unique<Parts>();
    platform::LogSettings quiet;
    quiet.quiet = true;
    parts_->process = *platform::UnixProcess::make(parts_->loop, quiet, "");
    parts_->network = std::make_unique<platform::TcpNetwork>(parts_->loop, *parts_->process);
    parts_->disk =
        std::make_unique<platform::FileDisk>(parts_->loop, directory_.path + "/log", Duration{});
  }
  void handle(const Now& now, const Event& event) override {
    events.push_back(event);
    times.push_back(now.mono);
    if (enough_ != nullptr && (*enough_)()) parts_->loop.stop();
  }

  platform::TemporaryDirectory directory_;
  std::unique_ptr<Parts> parts_;
  const std::function<bool()>* enough_ = nullptr;
};

}  // namespace

std::unique_ptr<PortWorld> real_ports() { return std::make_unique<RealWorld>(); }

}  // namespace quorate::contract
