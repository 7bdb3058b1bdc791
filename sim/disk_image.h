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

// The bytes of one file in 4 KiB pages; a page that is not held is zeros.
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
  // Power is lost: every 512-byte sector written since the last sync is drawn to be new or old.
  void lose_power(RandomStream& random);

 private:
  Bytes& page(std::uint64_t number);

  std::uint64_t size_ = 0;
  std::uint64_t synced_size_ = 0;
  std::map<std::uint64_t, Bytes> pages_;
  // Of pages written since the last sync, what the disk holds; empty: zeros.
  std::map<std::uint64_t, Bytes> synced_;
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

  bool locked = false;  // by the process that runs now

 private:
  std::map<std::string, FileImage> files_;
};

}  // namespace quorate::sim
