#include "bench/disk_probe.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "bench/histogram.h"
#include "master/platform/event_loop.h"

namespace quorate::bench {
namespace {

constexpr std::uint64_t kBlockBytes = 4096;
constexpr std::uint64_t kPieceBytes = 4 << 20;
constexpr std::uint64_t kProbeBytes = 64 << 20;  // written over from the start when it is full

MonoTime clock_now() { return platform::EventLoop::now().mono; }

// A file of zeros that is removed at the end.
class ProbeFile {
 public:
  ProbeFile(const std::string& directory, std::uint64_t bytes) : path_(directory + "/probe") {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    const Bytes zeros(kPieceBytes, '\0');
    for (std::uint64_t at = 0; at < bytes; at += zeros.size())
      if (!write(at, zeros)) return;
    if (good() && ::fsync(fd_) != 0) fail();
  }
  ~ProbeFile() {
    if (fd_ >= 0) ::close(fd_);
    ::unlink(path_.c_str());
  }
  ProbeFile(const ProbeFile&) = delete;
  ProbeFile& operator=(const ProbeFile&) = delete;

  bool good() const { return fd_ >= 0 && error_ == 0; }
  tl::unexpected<Error> why() const {
    return failure("the disk probe " + path_ + ": " + std::strerror(error_ != 0 ? error_ : ENOENT));
  }
  bool write(std::uint64_t at, const Bytes& bytes) {
    if (good() && ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at)) !=
                      static_cast<ssize_t>(bytes.size()))
      fail();
    return good();
  }
  bool sync() {
    if (good() && ::fdatasync(fd_) != 0) fail();
    return good();
  }

 private:
  void fail() { error_ = errno != 0 ? errno : EIO; }

  std::string path_;
  int fd_ = -1;
  int error_ = 0;
};

double microseconds(Duration duration) { return static_cast<double>(duration.ns) / 1e3; }

}  // namespace

Result<DiskSpeed> probe_syncs(const std::string& directory, Duration time) {
  ProbeFile file(directory, kProbeBytes);
  const Bytes block(kBlockBytes, 'q');
  Histogram times;
  const MonoTime begin = clock_now();
  MonoTime now = begin;
  for (std::uint64_t at = 0; now - begin < time; at = (at + kBlockBytes) % kProbeBytes) {
    if (!file.write(at, block) || !file.sync()) return file.why();
    const MonoTime end = clock_now();
    times.add(end - now);
    now = end;
  }
  return DiskSpeed{.sync_p50_us = microseconds(times.percentile(50)),
                   .sync_p99_us = microseconds(times.percentile(99)),
                   .syncs_per_s = static_cast<double>(times.count()) / (now - begin).in_seconds()};
}

Result<double> probe_sequential(const std::string& directory, std::uint64_t bytes) {
  ProbeFile file(directory, bytes);
  const Bytes piece(kPieceBytes, 'q');
  const MonoTime begin = clock_now();
  for (std::uint64_t at = 0; at < bytes; at += kPieceBytes)
    if (!file.write(at, piece) || !file.sync()) return file.why();
  return static_cast<double>(bytes) / (clock_now() - begin).in_seconds();
}

}  // namespace quorate::bench
