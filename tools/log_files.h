#pragma once

#include <map>
#include <optional>
#include <string>

#include "master/base/result.h"
#include "master/replicated_log/read_log.h"

// A log's directory as files, read or changed from outside of a master.

namespace quorate::tools {

// Content by name.
using Files = std::map<std::string, Bytes>;

enum class Freshness : std::uint8_t {
  Cached,  // as the kernel has it
  OnDisk,  // past the page cache (O_DIRECT; where the file system has none, after dropping it)
};

// The whole content of one file; an error names the call and the file.
Result<Bytes> read_file(const std::string& path, Freshness freshness);
// Every file of a log's directory but the lock. Files of other programs are named, not read; so are
// reports. What a running master removes meanwhile is left out.
Result<Files> read_directory(const std::string& directory, Freshness freshness);

// Reads it as an open would. A running master writes meanwhile, so that files may not fit together:
// what looks damaged is read again, a few times.
struct Loaded {
  Files files;
  replicated_log::LogRead log;
};
Result<Loaded> load(const std::string& directory, Freshness freshness);

// Holds the lock of a directory, as a master does, until it goes.
class DirectoryLock {
 public:
  // An error says who holds it.
  static Result<DirectoryLock> take(const std::string& directory);
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_;
};

// Puts the bytes in place of the whole file, durably; a crash leaves the old or the new one.
std::optional<Error> replace_file(const std::string& directory, const std::string& name,
                                  std::string_view bytes);
std::optional<Error> remove_file(const std::string& directory, const std::string& name);

// Lower-case or upper-case digits, two a byte; none for anything else.
std::optional<Bytes> from_hex(std::string_view digits);
std::string digest_text(const Digest& digest);
std::optional<Digest> parse_digest(std::string_view digits);
std::string_view kind_text(paxos::EntryKind kind);

}  // namespace quorate::tools
