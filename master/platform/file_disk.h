#pragma once

#include <memory>
#include <string>

#include "master/platform/event_loop.h"
#include "master/ports/disk.h"

namespace quorate::platform {

// The Disk over a real directory: one thread carries out the calls in their order, a second one
// writes the zeros of new files beside them.
//
// * A sync of a file that was not written since its last sync by this process costs no system call.
// * `create` writes real zeros, at most 256 KiB at a time.
// * Whole blocks of 4 KiB go past the page cache where the file system can do that; the rest, and
//   all on other file systems, goes through it.
// * The file `lock` in the directory holds the lock (flock) and the pid of its holder; it is not
//   listed. Files that end in ".tmp" are leftovers of a crash; they are removed by open.
// * A write to a file that does not exist fails (Missing): files are born by create or replace.
// * After a failed write, sync, replace, truncate or remove every later call has the same error.
class FileDisk final : public Disk {
 public:
  // The loop outlives the disk. `sync_delay` is slept before each sync of a file's data, for
  // benchmarks.
  FileDisk(EventLoop& loop, std::string directory, Duration sync_delay = Duration{});
  // Finishes the call that is under way and drops the rest.
  ~FileDisk() override;
  FileDisk(const FileDisk&) = delete;
  FileDisk& operator=(const FileDisk&) = delete;

  void open(DiskTicket ticket) override;
  void read(DiskTicket ticket, const std::string& file, std::uint64_t offset,
            std::uint64_t size) override;
  void create(DiskTicket ticket, const std::string& file, std::uint64_t size) override;
  void write(const std::string& file, std::uint64_t offset, Bytes bytes) override;
  void sync(DiskTicket ticket, const std::string& file) override;
  void replace(DiskTicket ticket, const std::string& file, Bytes bytes) override;
  void truncate(DiskTicket ticket, const std::string& file, std::uint64_t size) override;
  void remove(DiskTicket ticket, const std::string& file) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorate::platform
