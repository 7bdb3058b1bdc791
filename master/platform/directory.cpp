#include "master/platform/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "master/base/check.h"
#include "master/base/text.h"

namespace quorate::platform {

namespace {

constexpr std::uint64_t kStepBytes = 256 * 1024;
constexpr std::size_t kOpenFilesMax = 64;
constexpr std::string_view kTemporaryEnding = ".tmp";

DiskErrorKind kind_of(int error) {
  switch (error) {
    case EIO: return DiskErrorKind::Io;
    case ENOSPC:
    case EDQUOT: return DiskErrorKind::Full;
    case ENOENT: return DiskErrorKind::Missing;
    default: return DiskErrorKind::Other;
  }
}

DiskError error_of(const char* call, const std::string& path) {
  int error = errno;
  return {kind_of(error), std::string("cannot ") + call + " " + path + ": " + std::strerror(error)};
}

// The call again for as long as signals interrupt it.
template <typename Call>
auto again(Call call) {
  decltype(call()) result;
  do { result = call(); } while (result == -1 && errno == EINTR);
  return result;
}

// mkdir -p; each new name is made durable in its parent.
std::optional<DiskError> make_directories(const std::string& path) {
  for (std::size_t at = 1; at <= path.size(); ++at) {
    if (at < path.size() && path[at] != '/') continue;
    std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), 0755) != 0) {
      // A parent that cannot be written may be there all the same.
      struct stat found{};
      int error = errno;
      if (::stat(part.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) continue;
      errno = error;
      return error_of("make the directory", part);
    }
    std::size_t slash = part.rfind('/');
    std::string parent = slash == std::string::npos ? "." : part.substr(0, slash + 1);
    int fd = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return error_of("open the directory", parent);
    int result = ::fsync(fd);
    int error = errno;
    ::close(fd);
    errno = error;
    if (result != 0) return error_of("sync the directory", parent);
  }
  return {};
}

std::string holder_of(int lock_fd) {
  std::array<char, 32> text{};
  ssize_t size = ::pread(lock_fd, text.data(), text.size(), 0);
  auto pid = parse_u64(trim({text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))}));
  return pid ? "the process " + std::to_string(*pid) : "another process";
}

void sleep_for(Duration time) {
  if (time.ns <= 0) return;
  timespec wait{time.ns / 1'000'000'000, time.ns % 1'000'000'000};
  while (::nanosleep(&wait, &wait) != 0 && errno == EINTR) continue;
}

}  // namespace

std::string temporary_name(const std::string& file) { return file + std::string(kTemporaryEnding); }

Directory::Directory(std::string path, Duration sync_delay)
    : path_(std::move(path)), sync_delay_(sync_delay) {}

Directory::~Directory() {
  for (auto& [file, open] : open_files_) close_file(open);
  if (lock_fd_ >= 0) ::close(lock_fd_);
  if (directory_fd_ >= 0) ::close(directory_fd_);
}

Directory::Outcome Directory::failed(const char* call, const std::string& file) const {
  return error_of(call, path_ + "/" + file);
}

Directory::Outcome Directory::open(std::vector<DiskFile>& files) {
  if (auto error = make_directories(path_)) return error;
  directory_fd_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory_fd_ < 0) return error_of("open the directory", path_);
  if (auto error = lock()) return error;
  return list(files);
}

Directory::Outcome Directory::lock() {
  lock_fd_ = ::openat(directory_fd_, kLockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_fd_ < 0) return failed("open", kLockFile);
  if (again([this] { return ::flock(lock_fd_, LOCK_EX | LOCK_NB); }) != 0) {
    if (errno != EWOULDBLOCK) return failed("lock", kLockFile);
    return DiskError{DiskErrorKind::Locked, "cannot lock " + path_ + "/" + kLockFile +
                                                ": it is held by " + holder_of(lock_fd_) +
                                                "; each master needs a directory of its own"};
  }
  if (::ftruncate(lock_fd_, 0) != 0) return failed("truncate", kLockFile);
  return write_all(lock_fd_, kLockFile, 0, std::to_string(::getpid()) + "\n");
}

Directory::Outcome Directory::list(std::vector<DiskFile>& files) {
  int fd = ::openat(directory_fd_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* names = fd < 0 ? nullptr : ::fdopendir(fd);
  if (names == nullptr) return failed("list", ".");
  std::vector<std::string> leftovers;
  errno = 0;
  while (const dirent* entry = ::readdir(names)) {
    std::string name = entry->d_name;
    struct stat found{};
    bool regular = ::fstatat(directory_fd_, name.c_str(), &found, 0) == 0 && S_ISREG(found.st_mode);
    errno = 0;
    if (!regular || name == kLockFile) continue;
    if (name.ends_with(kTemporaryEnding)) {
      leftovers.push_back(name);
    } else {
      files.push_back({name, static_cast<std::uint64_t>(found.st_size)});
    }
  }
  Outcome error = errno == 0 ? Outcome{} : failed("list", ".");
  ::closedir(names);
  for (const std::string& name : leftovers) {
    if (error) return error;
    if (::unlinkat(directory_fd_, name.c_str(), 0) != 0) error = failed("remove", name);
  }
  std::sort(files.begin(), files.end(),
            [](const DiskFile& a, const DiskFile& b) { return a.name < b.name; });
  // Names that a process made just before it was killed are durable from here on.
  return error ? error : sync_names();
}

Directory::Outcome Directory::find(const std::string& file, OpenFile*& found) {
  auto known = open_files_.find(file);
  if (known == open_files_.end()) {
    int fd = ::openat(directory_fd_, file.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return failed("open", file);
    if (open_files_.size() >= kOpenFilesMax) forget_clean_ones();
    known = open_files_.emplace(file, OpenFile{fd, DirectWriter::open(directory_fd_, file), true})
                .first;
  }
  found = &known->second;
  return {};
}

void Directory::forget(const std::string& file) {
  auto known = open_files_.find(file);
  if (known == open_files_.end()) return;
  close_file(known->second);
  open_files_.erase(known);
}

void Directory::close_file(const OpenFile& open) {
  if (open.fd >= 0) ::close(open.fd);
  if (open.direct_fd >= 0) ::close(open.direct_fd);
}

// A file that was written stays open until its sync: the kernel reports a failed write-back to the
// descriptors that were open at the time.
void Directory::forget_clean_ones() {
  std::erase_if(open_files_, [](const auto& entry) {
    if (entry.second.dirty) return false;
    close_file(entry.second);
    return true;
  });
}

Directory::Outcome Directory::read(const std::string& file, std::uint64_t offset,
                                   std::uint64_t size, Bytes& bytes) {
  OpenFile* open = nullptr;
  if (auto error = find(file, open)) return error;
  struct stat found{};
  if (::fstat(open->fd, &found) != 0) return failed("look at", file);
  auto end = static_cast<std::uint64_t>(found.st_size);
  if (offset >= end) return {};
  bytes.resize(std::min(size, end - offset));
  std::size_t had = 0;
  while (had < bytes.size()) {
    ssize_t got = again([&] {
      return ::pread(open->fd, bytes.data() + had, bytes.size() - had,
                     static_cast<off_t>(offset + had));
    });
    if (got < 0) {
      bytes.clear();
      return failed("read", file);
    }
    if (got == 0) break;
    had += static_cast<std::size_t>(got);
  }
  bytes.resize(had);
  return {};
}

Directory::Outcome Directory::write_all(int fd, const std::string& file, std::uint64_t offset,
                                        std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    ssize_t put = again([&] {
      return ::pwrite(fd, bytes.data() + done, bytes.size() - done,
                      static_cast<off_t>(offset + done));
    });
    if (put < 0) return failed("write", file);
    done += static_cast<std::size_t>(put);
  }
  return {};
}

Directory::Outcome Directory::write(const std::string& file, std::uint64_t offset,
                                    const Bytes& bytes) {
  OpenFile* open = nullptr;
  if (auto error = find(file, open)) return error;
  open->dirty = true;
  return write_blocks(*open, direct_, {file, offset}, bytes);
}

Directory::Outcome Directory::write_blocks(OpenFile& open, DirectWriter& writer, Place place,
                                           std::string_view bytes) {
  if (open.direct_fd < 0 || !DirectWriter::suits(place.offset, bytes.size()))
    return write_all(open.fd, place.file, place.offset, bytes);
  switch (writer.write(open.direct_fd, place.offset, bytes)) {
    case DirectWriter::Written::All: return {};
    case DirectWriter::Written::Failed: return failed("write", place.file);
    case DirectWriter::Written::Unsupported: break;
  }
  ::close(std::exchange(open.direct_fd, -1));
  return write_all(open.fd, place.file, place.offset, bytes);
}

Directory::Outcome Directory::sync_data(int fd, const std::string& file) {
  sleep_for(sync_delay_);
  // Not repeated when interrupted or failed: a second call may succeed though data was dropped.
  if (::fdatasync(fd) != 0) return failed("sync", file);
  return {};
}

Directory::Outcome Directory::sync(const std::string& file) {
  OpenFile* open = nullptr;
  if (auto error = find(file, open)) return error;
  if (!open->dirty) return {};
  if (auto error = sync_data(open->fd, file)) return error;
  open->dirty = false;
  return {};
}

Directory::Outcome Directory::replace(const std::string& file, const Bytes& bytes) {
  std::string temporary = temporary_name(file);
  int flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC;
  int fd = ::openat(directory_fd_, temporary.c_str(), flags, 0644);
  if (fd < 0) return failed("make", temporary);
  Outcome error = write_all(fd, temporary, 0, bytes);
  if (!error) {
    error = sync_temporary(fd, file);
  } else {
    ::close(fd);
  }
  if (!error) return publish(file);
  ::unlinkat(directory_fd_, temporary.c_str(), 0);
  return error;
}

Directory::Outcome Directory::sync_temporary(int fd, const std::string& file) {
  sleep_for(sync_delay_);
  Outcome error = ::fsync(fd) == 0 ? Outcome{} : failed("sync", temporary_name(file));
  ::close(fd);
  return error;
}

Directory::Outcome Directory::publish(const std::string& file) {
  const std::string temporary = temporary_name(file);
  if (::renameat(directory_fd_, temporary.c_str(), directory_fd_, file.c_str()) != 0) {
    Outcome error = failed("rename to", file);
    ::unlinkat(directory_fd_, temporary.c_str(), 0);
    return error;
  }
  forget(file);
  return sync_names();
}

Directory::Outcome Directory::truncate(const std::string& file, std::uint64_t size) {
  OpenFile* open = nullptr;
  if (auto error = find(file, open)) return error;
  open->dirty = true;
  int result = again([&] { return ::ftruncate(open->fd, static_cast<off_t>(size)); });
  return result == 0 ? sync(file) : failed("truncate", file);
}

Directory::Outcome Directory::remove(const std::string& file) {
  forget(file);
  if (::unlinkat(directory_fd_, file.c_str(), 0) != 0 && errno != ENOENT) {
    return failed("remove", file);
  }
  return sync_names();
}

Directory::Outcome Directory::sync_names() {
  if (::fsync(directory_fd_) != 0) return error_of("sync the directory", path_);
  return {};
}

FileBirth::FileBirth(Directory& directory, std::string file, std::uint64_t size)
    : directory_(directory), file_(std::move(file)), size_(size) {}

Directory::Outcome FileBirth::step() {
  Directory::Outcome error = one_step();
  if (error) abandon();
  return error;
}

Directory::Outcome FileBirth::one_step() {
  CHECK(stage_ == Stage::Unborn || stage_ == Stage::Writing);
  if (stage_ == Stage::Unborn) return begin();
  if (written_ < size_) return write_some();
  if (open_.direct_fd >= 0) ::close(std::exchange(open_.direct_fd, -1));
  stage_ = Stage::Written;
  return directory_.sync_temporary(std::exchange(open_.fd, -1), file_);
}

Directory::Outcome FileBirth::finish() {
  CHECK(stage_ == Stage::Written);
  stage_ = Stage::Over;
  return directory_.publish(file_);
}

Directory::Outcome FileBirth::begin() {
  std::string temporary = temporary_name(file_);
  int flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC;
  open_.fd = ::openat(directory_.directory_fd_, temporary.c_str(), flags, 0644);
  if (open_.fd < 0) return directory_.failed("make", temporary);
  stage_ = Stage::Writing;
  open_.direct_fd = DirectWriter::open(directory_.directory_fd_, temporary);
  // A full disk shows before the first byte is written. Not every file system can do it, and then
  // glibc's posix_fallocate would write in one go what we write in steps.
  bool able = size_ == 0 || ::fallocate(open_.fd, 0, 0, static_cast<off_t>(size_)) == 0;
  if (!able && errno != EOPNOTSUPP && errno != ENOSYS && errno != EINTR) {
    return directory_.failed("reserve", temporary);
  }
  return {};
}

Directory::Outcome FileBirth::write_some() {
  static const Bytes kZeros(kStepBytes, '\0');
  const std::uint64_t size = std::min(kStepBytes, size_ - written_);
  const std::string temporary = temporary_name(file_);
  auto error = directory_.write_blocks(open_, writer_, {temporary, written_},
                                       std::string_view(kZeros).substr(0, size));
  if (error) return error;
  if (open_.direct_fd < 0) error = write_out(temporary, size);
  written_ += size;
  return error;
}

// Hands what lies in the page cache to the device now, so that the sync at the end has little left
// to wait for.
Directory::Outcome FileBirth::write_out(const std::string& temporary, std::uint64_t size) {
  constexpr unsigned kWriteOut =
      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  const int result = ::sync_file_range(open_.fd, static_cast<off64_t>(written_),
                                       static_cast<off64_t>(size), kWriteOut);
  if (result != 0 && (errno == EIO || errno == ENOSPC)) {
    return directory_.failed("write out", temporary);
  }
  return {};
}

void FileBirth::abandon() {
  if (stage_ != Stage::Writing && stage_ != Stage::Written) return;
  stage_ = Stage::Over;
  Directory::close_file(std::exchange(open_, {}));
  ::unlinkat(directory_.directory_fd_, temporary_name(file_).c_str(), 0);
}

}  // namespace quorate::platform
