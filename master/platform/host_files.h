#pragma once

#include <memory>

#include "master/platform/event_loop.h"
#include "master/ports/files.h"

namespace quorate::platform {

// The Files of the host, read on a thread of their own. Watched files are looked at once a second
// (inode, size, time of change); appearing and vanishing are changes too.
class HostFiles final : public Files {
 public:
  // The loop outlives this.
  explicit HostFiles(EventLoop& loop);
  ~HostFiles() override;
  HostFiles(const HostFiles&) = delete;
  HostFiles& operator=(const HostFiles&) = delete;

  void read(FileTicket ticket, const std::string& path, std::uint64_t offset,
            std::uint64_t size) override;
  void watch(const std::string& path) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace quorate::platform
