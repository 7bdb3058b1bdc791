#pragma once

#include <cstdint>
#include <string>

#include "master/ports/ids.h"

namespace quorate {

// Named files of the host, read-only: whitelists, the log file that /files shows, static pages.
class Files {
 public:
  virtual ~Files() = default;

  // Answered by FileRead with at most `size` bytes from `offset`.
  virtual void read(FileTicket ticket, const std::string& path, std::uint64_t offset,
                    std::uint64_t size) = 0;
  // Delivers FileChanged whenever the file's content may have changed, until the end.
  virtual void watch(const std::string& path) = 0;
};

}  // namespace quorate
