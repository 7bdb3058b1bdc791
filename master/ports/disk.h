#pragma once

#include <cstdint>
#include <string>

#include "master/base/bytes.h"
#include "master/ports/ids.h"

namespace quorate {

// One flat directory of files of the master's own (<work_dir>/replicated_log). Calls are carried
// out in the order in which they were asked, each on what the calls before it left; answers come in
// the same order. File names are plain (no '/').
//
// Written is not durable: bytes are on disk only when the sync of their file, asked after the
// write, is answered Synced without an error. After any failed write or sync nobody knows what is
// on disk: the caller must end (protocol.md 13); the port carries out nothing more and answers
// every later call with the same error.
class Disk {
 public:
  virtual ~Disk() = default;

  // Makes the directory if it is missing, locks it against other processes, and lists it. Answered
  // by Listed. Asked once, first. A directory locked by another process is the error `locked` of
  // Listed.
  virtual void open(DiskTicket ticket) = 0;
  // Answered by ReadDone with at most `size` bytes, fewer at the end of the file.
  virtual void read(DiskTicket ticket, const std::string& file, std::uint64_t offset,
                    std::uint64_t size) = 0;
  // Makes a file of `size` zero bytes, really written, under a temporary name, syncs it, renames it
  // and syncs the directory (protocol.md 13, "segment birth"). Carried out in steps between other
  // calls, so that it does not hold up what is asked after it; so its answer alone may come out of
  // order. Answered by Synced. An error here (disk full) leaves no file and breaks nothing else.
  virtual void create(DiskTicket ticket, const std::string& file, std::uint64_t size) = 0;
  // Overwrites bytes of a file; it grows if need be. Not answered; a failure shows at the next
  // sync.
  virtual void write(const std::string& file, std::uint64_t offset, Bytes bytes) = 0;
  // Makes all earlier writes to `file` durable. Answered by Synced.
  virtual void sync(DiskTicket ticket, const std::string& file) = 0;
  // Puts `bytes` in place of a whole file, or makes it: temporary name, sync, rename, directory
  // sync. After a crash the file is the old one or the new one, never a mixture. Answered by
  // Synced.
  virtual void replace(DiskTicket ticket, const std::string& file, Bytes bytes) = 0;
  // Shortens a file and syncs it. Answered by Synced.
  virtual void truncate(DiskTicket ticket, const std::string& file, std::uint64_t size) = 0;
  // Removes a file and syncs the directory. Answered by Synced; a missing file is no error.
  virtual void remove(DiskTicket ticket, const std::string& file) = 0;
};

}  // namespace quorate
