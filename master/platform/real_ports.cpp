#include "master/platform/real_ports.h"

#include <malloc.h>
#include <sys/resource.h>

#include "master/platform/file_disk.h"
#include "master/platform/host_files.h"
#include "master/platform/system_resolver.h"
#include "master/platform/tcp_network.h"

namespace quorate::platform {

namespace {

constexpr Duration kDrainTimeout = Duration::seconds(2);

// Each connection costs a descriptor, and the default of 1024 is soon reached.
void allow_all_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);  // without it we live with fewer
}

// Batches and messages are blocks of some 100 KB to a few MB that live for one event. By itself the
// allocator gives such blocks back to the kernel at once, and each new one costs a page fault for
// each 4 KiB, and their zeroing.
void keep_freed_memory() {
  constexpr int kMappedApartBytesMin = 32 << 20;  // the most that it takes
  constexpr int kKeptBytesMax = 64 << 20;
  (void)mallopt(M_MMAP_THRESHOLD, kMappedApartBytesMin);  // without them we are slower
  (void)mallopt(M_TRIM_THRESHOLD, kKeptBytesMax);
}

}  // namespace

// Members end in the opposite order of their declaration: the loop last, after all that post to it.
struct RealPorts::Impl {
  std::unique_ptr<EventLoop> loop;
  std::unique_ptr<UnixProcess> process;
  std::unique_ptr<TcpNetwork> network;
  std::unique_ptr<SystemResolver> resolver;
  std::unique_ptr<FileDisk> disk;
  std::unique_ptr<HostFiles> files;
  std::unique_ptr<ZookeeperCoordination> coordination;
};

Result<std::unique_ptr<RealPorts>> RealPorts::make(const RealSettings& settings) {
  allow_all_descriptors();
  keep_freed_memory();
  auto impl = std::make_unique<Impl>();
  impl->loop = std::make_unique<EventLoop>();
  impl->loop->catch_signals();
  auto process = UnixProcess::make(*impl->loop, settings.log, settings.credentials_text);
  if (!process) return tl::unexpected(process.error());
  impl->process = std::move(*process);
  EventLoop& loop = *impl->loop;
  impl->network = std::make_unique<TcpNetwork>(loop, *impl->process);
  impl->resolver = std::make_unique<SystemResolver>(loop);
  impl->disk = std::make_unique<FileDisk>(loop, settings.disk_directory, settings.disk_sync_delay);
  impl->files = std::make_unique<HostFiles>(loop);
  impl->coordination =
      std::make_unique<ZookeeperCoordination>(loop, *impl->process, settings.zookeeper);
  impl->process->before_exit([network = impl->network.get()] { network->drain(kDrainTimeout); });
  return std::unique_ptr<RealPorts>(new RealPorts(std::move(impl)));
}

RealPorts::RealPorts(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RealPorts::~RealPorts() = default;

Ports RealPorts::ports() {
  return {*impl_->loop,  *impl_->network,      *impl_->resolver, *impl_->disk,
          *impl_->files, *impl_->coordination, *impl_->process};
}

EventLoop& RealPorts::loop() { return *impl_->loop; }
UnixProcess& RealPorts::process() { return *impl_->process; }

}  // namespace quorate::platform
