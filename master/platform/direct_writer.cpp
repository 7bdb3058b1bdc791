#include "master/platform/direct_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "master/base/check.h"

namespace quorate::platform {

int DirectWriter::open(int directory_fd, const std::string& name) {
  return ::openat(directory_fd, name.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC);
}

DirectWriter::Written DirectWriter::write(int fd, std::uint64_t offset, std::string_view bytes) {
  CHECK(suits(offset, bytes.size()));
  if (!buffer_) {
    buffer_.reset(static_cast<char*>(std::aligned_alloc(kBlockBytes, kPieceBytes)));
    CHECK(buffer_ != nullptr);
  }
  while (!bytes.empty()) {
    const std::size_t size = std::min<std::size_t>(bytes.size(), kPieceBytes);
    std::memcpy(buffer_.get(), bytes.data(), size);
    const ssize_t put = ::pwrite(fd, buffer_.get(), size, static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno == EINVAL ? Written::Unsupported : Written::Failed;
    // After a part of a block the rest cannot go the same way.
    const auto done = static_cast<std::uint64_t>(put) / kBlockBytes * kBlockBytes;
    if (done == 0) return Written::Unsupported;
    offset += done;
    bytes.remove_prefix(done);
  }
  return Written::All;
}

}  // namespace quorate::platform
