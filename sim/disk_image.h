#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/bytes.h"
#include "master/base/random.h"

namespace quorate::sim {

// The bytes of one file in 4 KiB pages; a page that is not held is zeros. What is read is the page
// cache. Of a page whose bytes on the disk are others, those are kept beside it: as dirty (the next
// sync writes it) or, after a failed sync, as forgotten (only a new write to the page makes it
// dirty again, as in Linux).
class FileImage {
 public:
  static constexpr std::uint64_t kPage = 4096;
  static constexpr std::uint64_t kSector = 512;

  std::uint64_t size() const { return size_; }
  // Behind the last page that was ever written; zeros from here on.
  std::uint64_t written_end() const;
  Bytes read(std::uint64_t offset, std::uint64_t size) const;
  void write(std::uint64_t offset, std::string_view bytes);
  void resize(std::uint64_t size);

  // All that was written is on the disk now.
  void sync();
  // None of it is, and the kernel takes it for written.
  void fail_sync();
  // Power is lost: every 512-byte sector written since the last sync is drawn to be new or old.
  void lose_power(RandomStream& random);
  // What lies on the disk itself, as a backup sees it.
  FileImage on_disk() const;

  // Faults of the medium: into the page cache and onto the disk, past every sync. `offset` and
  // the bytes lie within the file.
  void write_through(std::uint64_t offset, std::string_view bytes);

 private:
  using Pages = std::map<std::uint64_t, Bytes>;
  Bytes& page(std::uint64_t number);
  static void revert(Bytes& bytes, const Bytes& old);

  std::uint64_t size_ = 0;
  std::uint64_t synced_size_ = 0;
  Pages pages_;
  // What the disk holds of dirty pages and of forgotten ones; empty: zeros.
  Pages synced_;
  Pages forgotten_;
};

// The directory of one host. It outlives processes and power.
class DiskImage {
 public:
  FileImage* find(const std::string& name);
  const FileImage* find(const std::string& name) const;
  const std::map<std::string, FileImage>& files() const { return files_; }
  FileImage& make(const std::string& name);
  void put(const std::string& name, FileImage file);
  void remove(const std::string& name) { files_.erase(name); }
  void wipe();

  void lose_power(RandomStream& random);
  // A copy of what lies on the disk itself.
  DiskImage on_disk() const;

  bool locked = false;  // by the process that runs now

 private:
  std::map<std::string, FileImage> files_;
};

}  // namespace quorate::sim
