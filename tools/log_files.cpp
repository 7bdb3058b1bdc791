#include "tools/log_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "master/base/json.h"
#include "master/ports/exit.h"

namespace quorate::tools {
namespace {

using replicated_log::FileKind;

constexpr std::size_t kPieceBytes = 1 << 20;
constexpr std::size_t kAlignment = 4096;

Error errno_error(const char* call, const std::string& path) {
  return {fmt::format("cannot {} {}: {}", call, path, std::strerror(errno))};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

struct Free {
  void operator()(char* memory) const { std::free(memory); }
};

std::optional<Error> sync_directory(const std::string& directory) {
  const Descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.ok() || ::fsync(fd.get()) != 0) return errno_error("sync", directory);
  return {};
}

std::optional<Error> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno_error("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

}  // namespace

Result<Bytes> read_file(const std::string& path, Freshness freshness) {
  const int flags = O_RDONLY | O_CLOEXEC;
  int opened = -1;
  if (freshness == Freshness::OnDisk) opened = ::open(path.c_str(), flags | O_DIRECT);
  const bool direct = opened >= 0;
  if (!direct) opened = ::open(path.c_str(), flags);
  const Descriptor fd(opened);
  if (!fd.ok()) return tl::unexpected(errno_error("open", path));
  if (freshness == Freshness::OnDisk && !direct) {
    ::fdatasync(fd.get());  // only clean pages can be dropped
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  }
  const std::unique_ptr<char, Free> piece(
      static_cast<char*>(std::aligned_alloc(kAlignment, kPieceBytes)));
  Bytes bytes;
  while (true) {
    const ssize_t got =
        ::pread(fd.get(), piece.get(), kPieceBytes, static_cast<off_t>(bytes.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(errno_error("read", path));
    bytes.append(piece.get(), static_cast<std::size_t>(got));
    // A short read ends at the end of the file; its place is not aligned for another one.
    if (static_cast<std::size_t>(got) < kPieceBytes) return bytes;
  }
}

Result<Files> read_directory(const std::string& directory, Freshness freshness) {
  std::error_code code;
  std::filesystem::directory_iterator entries(directory, code);
  if (code) return failure(fmt::format("cannot list {}: {}", directory, code.message()));
  Files files;
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    const FileKind kind = replicated_log::kind_of(name);
    if (name == "lock") continue;
    if (kind == FileKind::Passing || kind == FileKind::Foreign || kind == FileKind::Report) {
      files[name] = {};
      continue;
    }
    Result<Bytes> bytes = read_file(entry.path().string(), freshness);
    if (!bytes && !std::filesystem::exists(entry.path(), code)) continue;
    if (!bytes) return tl::unexpected(bytes.error());
    files[name] = std::move(*bytes);
  }
  return files;
}

Result<Loaded> load(const std::string& directory, Freshness freshness) {
  constexpr int kTries = 5;
  Loaded loaded;
  for (int i = 0; i < kTries; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    Result<Files> files = read_directory(directory, freshness);
    if (!files) return tl::unexpected(files.error());
    loaded.files = std::move(*files);
    loaded.log = replicated_log::read_log(loaded.files);
    if (!loaded.log.refusal || loaded.log.refusal->exit != Exit::LogCorrupt) break;
  }
  return loaded;
}

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
  const std::string path = directory + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return tl::unexpected(errno_error("open", path));
  DirectoryLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
  char holder[32] = {};
  const ssize_t got = ::pread(fd, holder, sizeof holder - 1, 0);
  const std::string pid(holder, got > 0 ? std::strcspn(holder, "\n") : 0);
  return failure(fmt::format("{} is in use: process {} holds its lock; stop that master first",
                             directory, pid.empty() ? "?" : pid));
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<Error> replace_file(const std::string& directory, const std::string& name,
                                  std::string_view bytes) {
  const std::string path = directory + "/" + name;
  const std::string temporary = path + ".tmp";
  {
    const Descriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd.ok()) return errno_error("make", temporary);
    if (auto error = write_all(fd.get(), bytes, temporary)) return error;
    if (::fsync(fd.get()) != 0) return errno_error("sync", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return errno_error("rename", temporary);
  return sync_directory(directory);
}

std::optional<Error> remove_file(const std::string& directory, const std::string& name) {
  const std::string path = directory + "/" + name;
  if (::unlink(path.c_str()) != 0) return errno_error("remove", path);
  return sync_directory(directory);
}

std::optional<Bytes> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return {};
  Bytes bytes;
  bytes.reserve(digits.size() / 2);
  int high = -1;
  for (char c : digits) {
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (digit < 0) return {};
    if (high >= 0) bytes.push_back(static_cast<char>(high * 16 + digit));
    high = high >= 0 ? -1 : digit;
  }
  return bytes;
}

std::string digest_text(const Digest& digest) { return hex(digest.high) + hex(digest.low); }

std::optional<Digest> parse_digest(std::string_view digits) {
  const std::optional<Bytes> bytes = from_hex(digits);
  if (!bytes || bytes->size() != 16) return {};
  Digest digest;
  for (std::size_t i = 0; i < 16; ++i) {
    std::uint64_t& half = i < 8 ? digest.high : digest.low;
    half = half << 8 | static_cast<unsigned char>((*bytes)[i]);
  }
  return digest;
}

std::string_view kind_text(paxos::EntryKind kind) {
  switch (kind) {
    case paxos::EntryKind::NoOp: return "no-op";
    case paxos::EntryKind::Genesis: return "genesis";
    case paxos::EntryKind::Data: return "data";
    case paxos::EntryKind::Cut: return "cut";
    case paxos::EntryKind::Checkpoint: return "checkpoint";
    case paxos::EntryKind::Configuration: return "configuration";
  }
  return "unknown";
}

}  // namespace quorate::tools
