#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "master/base/time.h"
#include "master/platform/direct_writer.h"
#include "master/ports/event.h"

namespace quorate::platform {

// The system calls of FileDisk, one blocking function for each call of ports/disk.h; of the disk
// thread alone. Every function returns an error that names the call, the file and the errno, or
// nothing.
class Directory {
 public:
  using Outcome = std::optional<DiskError>;

  Directory(std::string path, Duration sync_delay);
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  // Makes, locks and lists the directory, and removes the leftovers of a crash.
  Outcome open(std::vector<DiskFile>& files);
  Outcome read(const std::string& file, std::uint64_t offset, std::uint64_t size, Bytes& bytes);
  Outcome write(const std::string& file, std::uint64_t offset, const Bytes& bytes);
  Outcome sync(const std::string& file);
  Outcome replace(const std::string& file, const Bytes& bytes);
  Outcome truncate(const std::string& file, std::uint64_t size);
  Outcome remove(const std::string& file);

 private:
  friend class FileBirth;

  struct OpenFile {
    int fd = -1;
    int direct_fd = -1;  // past the page cache; -1: not possible here
    // Written since the last sync. True at first: an earlier process may have written.
    bool dirty = true;
  };

  Outcome failed(const char* call, const std::string& file) const;
  Outcome lock();
  Outcome list(std::vector<DiskFile>& files);
  // Opens a file that exists, or finds it open.
  Outcome find(const std::string& file, OpenFile*& found);
  void forget(const std::string& file);
  void forget_clean_ones();
  static void close_file(const OpenFile& open);
  Outcome write_all(int fd, const std::string& file, std::uint64_t offset, std::string_view bytes);
  // Past the page cache where that is possible, else through it. `file` is for error texts.
  struct Place {
    const std::string& file;
    std::uint64_t offset;
  };
  Outcome write_blocks(OpenFile& open, DirectWriter& writer, Place place, std::string_view bytes);
  Outcome sync_data(int fd, const std::string& file);
  // Makes the content of the temporary file, whose descriptor is `fd`, durable; closes `fd`.
  Outcome sync_temporary(int fd, const std::string& file);
  // Puts the temporary file, which is durable, in the place of `file`, durably.
  Outcome publish(const std::string& file);
  Outcome sync_names();

  std::string path_;
  Duration sync_delay_;
  int directory_fd_ = -1;
  int lock_fd_ = -1;
  std::map<std::string, OpenFile> open_files_;
  DirectWriter direct_;
};

// A file of zeros that is being made, step by step. The steps may be taken on another thread than
// the directory's own; finish() and the end of an unfinished birth belong to one thread at a time.
class FileBirth {
 public:
  // The directory is open, and outlives this.
  FileBirth(Directory& directory, std::string file, std::uint64_t size);
  ~FileBirth() { abandon(); }
  FileBirth(const FileBirth&) = delete;
  FileBirth& operator=(const FileBirth&) = delete;

  // Writes at most 256 KiB, or syncs what was written. After an error nothing is left.
  Directory::Outcome step();
  // Only the name is missing.
  bool written() const { return stage_ == Stage::Written; }
  // On the directory's thread: gives the file its name.
  Directory::Outcome finish();
  // Leaves nothing behind, unless it is finished.
  void abandon();

 private:
  enum class Stage : std::uint8_t { Unborn, Writing, Written, Over };

  Directory::Outcome begin();
  Directory::Outcome write_some();
  Directory::Outcome write_out(const std::string& temporary, std::uint64_t size);
  Directory::Outcome one_step();

  Directory& directory_;
  DirectWriter writer_;
  std::string file_;
  std::uint64_t size_;
  std::uint64_t written_ = 0;
  Directory::OpenFile open_;
  Stage stage_ = Stage::Unborn;
};

// The name under which a file is written before it gets its own.
std::string temporary_name(const std::string& file);
inline constexpr const char* kLockFile = "lock";

}  // namespace quorate::platform
