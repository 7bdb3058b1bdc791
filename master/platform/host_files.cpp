#include "master/platform/host_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstring>
#include <map>
#include <tuple>

#include "master/platform/worker_thread.h"

namespace quorate::platform {

namespace {

// Two looks at a file whose content is the same give the same stamp; zeros: there is no file.
using Stamp = std::tuple<ino_t, off_t, std::int64_t, std::int64_t>;

Stamp look(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return {};
  return {found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

std::string failed(const char* call, const std::string& path) {
  return std::string("cannot ") + call + " " + path + ": " + std::strerror(errno);
}

void read_range(int fd, std::uint64_t offset, std::uint64_t size, FileRead& answer,
                const std::string& path) {
  struct stat found{};
  if (::fstat(fd, &found) != 0) {
    answer.error = failed("read", path);
    return;
  }
  if (S_ISDIR(found.st_mode)) {
    answer.error = "cannot read " + path + ": it is a directory";
    return;
  }
  answer.file_size_bytes = static_cast<std::uint64_t>(found.st_size);
  // Files of /proc have no size, so what can be read decides.
  constexpr std::uint64_t kStep = 64 * 1024;
  while (answer.bytes.size() < size) {
    std::size_t had = answer.bytes.size();
    answer.bytes.resize(had + std::min(kStep, size - had));
    ssize_t got = ::pread(fd, answer.bytes.data() + had, answer.bytes.size() - had,
                          static_cast<off_t>(offset + had));
    answer.bytes.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      answer.error = failed("read", path);
      answer.bytes.clear();
    }
    if (got <= 0) return;
  }
}

FileRead read_now(FileTicket ticket, const std::string& path, std::uint64_t offset,
                  std::uint64_t size) {
  FileRead answer{.ticket = ticket, .bytes = {}, .file_size_bytes = 0, .error = {}};
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // never waits for a pipe
  if (fd < 0) {
    answer.error = failed("open", path);
    return answer;
  }
  read_range(fd, offset, size, answer, path);
  ::close(fd);
  return answer;
}

}  // namespace

struct HostFiles::Impl : std::enable_shared_from_this<HostFiles::Impl> {
  explicit Impl(EventLoop& to) : loop(to), timer(to.io()) {}

  EventLoop& loop;
  boost::asio::steady_timer timer;
  std::map<std::string, Stamp> watched;  // the worker's own
  bool ticking = false;
  WorkerThread worker;

  void tick() {
    timer.expires_after(std::chrono::seconds(1));
    timer.async_wait([self = weak_from_this()](boost::system::error_code error) {
      auto alive = self.lock();
      if (error || !alive) return;
      alive->worker.run([impl = alive.get()] { impl->look_at_all(); });
      alive->tick();
    });
  }

  void look_at_all() {
    for (auto& [path, known] : watched) {
      Stamp found = look(path);
      if (found == known) continue;
      known = found;
      loop.post(FileChanged{path});
    }
  }
};

HostFiles::HostFiles(EventLoop& loop) : impl_(std::make_shared<Impl>(loop)) {}
HostFiles::~HostFiles() = default;

void HostFiles::read(FileTicket ticket, const std::string& path, std::uint64_t offset,
                     std::uint64_t size) {
  impl_->worker.run([impl = impl_.get(), ticket, path, offset, size] {
    impl->loop.post(read_now(ticket, path, offset, size));
  });
}

void HostFiles::watch(const std::string& path) {
  impl_->worker.run([impl = impl_.get(), path] { impl->watched.emplace(path, look(path)); });
  if (std::exchange(impl_->ticking, true)) return;
  impl_->tick();
}

}  // namespace quorate::platform
