#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace quorate::platform {

// Writes whole blocks past the page cache (O_DIRECT), out of one aligned buffer. What a log writes
// is read only when it is opened, so keeping it in memory would cost a page for each block and a
// second copy, and a sync would have to look for it. Of the disk thread alone.
class DirectWriter {
 public:
  static constexpr std::uint64_t kBlockBytes = 4096;
  static constexpr std::uint64_t kPieceBytes = 1 << 20;  // handed to the kernel at once

  // A second descriptor of the file `name` in a directory; -1 where the file system has none such.
  static int open(int directory_fd, const std::string& name);
  // Whether a write can be carried out by write().
  static bool suits(std::uint64_t offset, std::uint64_t size) {
    return offset % kBlockBytes == 0 && size % kBlockBytes == 0;
  }

  enum class Written : std::uint8_t {
    All,
    Unsupported,  // the disk wants larger blocks: write it through the cache
    Failed,       // errno says why
  };
  Written write(int fd, std::uint64_t offset, std::string_view bytes);

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  std::unique_ptr<char, Free> buffer_;
};

}  // namespace quorate::platform
