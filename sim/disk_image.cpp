#include "sim/disk_image.h"

#include <algorithm>

namespace quorate::sim {

std::uint64_t FileImage::written_end() const {
  return pages_.empty() ? 0 : (pages_.rbegin()->first + 1) * kPage;
}

Bytes FileImage::read(std::uint64_t offset, std::uint64_t size) const {
  if (offset >= size_) return {};
  size = std::min(size, size_ - offset);
  Bytes out(size, '\0');
  auto found = pages_.lower_bound(offset / kPage);
  for (; found != pages_.end() && found->first * kPage < offset + size; ++found) {
    std::uint64_t start = found->first * kPage;
    std::uint64_t from = std::max(start, offset);
    std::uint64_t to = std::min(start + kPage, offset + size);
    found->second.copy(out.data() + (from - offset), to - from, from - start);
  }
  return out;
}

Bytes& FileImage::page(std::uint64_t number) {
  auto [found, fresh] = pages_.try_emplace(number);
  if (fresh) found->second.assign(kPage, '\0');
  return found->second;
}

void FileImage::write(std::uint64_t offset, std::string_view bytes) {
  size_ = std::max(size_, offset + bytes.size());
  while (!bytes.empty()) {
    std::uint64_t number = offset / kPage;
    std::uint64_t at = offset % kPage;
    std::size_t count = std::min<std::size_t>(bytes.size(), kPage - at);
    if (!synced_.contains(number)) {
      auto before = pages_.find(number);
      synced_.emplace(number, before == pages_.end() ? Bytes() : before->second);
    }
    page(number).replace(at, count, bytes.substr(0, count));
    bytes.remove_prefix(count);
    offset += count;
  }
}

void FileImage::resize(std::uint64_t size) {
  if (size < size_) {
    std::uint64_t keep = size / kPage;
    if (size % kPage != 0) {
      auto last = pages_.find(keep);
      if (last != pages_.end())
        last->second.replace(size % kPage, kPage - size % kPage, kPage - size % kPage, '\0');
      ++keep;
    }
    pages_.erase(pages_.lower_bound(keep), pages_.end());
    synced_.erase(synced_.lower_bound(keep), synced_.end());
  }
  size_ = size;
}

void FileImage::sync() {
  synced_.clear();
  synced_size_ = size_;
}

void FileImage::lose_power(RandomStream& random) {
  for (auto& [number, old] : synced_) {
    Bytes& bytes = page(number);
    if (old.empty()) old.assign(kPage, '\0');
    for (std::uint64_t at = 0; at < kPage; at += kSector)
      if (random.chance_ppm(500'000)) bytes.replace(at, kSector, old, at, kSector);
  }
  if (size_ > synced_size_ && random.chance_ppm(500'000)) resize(synced_size_);
  sync();
}

FileImage* DiskImage::find(const std::string& name) {
  auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

const FileImage* DiskImage::find(const std::string& name) const {
  auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

FileImage& DiskImage::make(const std::string& name) { return files_[name]; }

void DiskImage::put(const std::string& name, FileImage file) { files_[name] = std::move(file); }

void DiskImage::wipe() { files_.clear(); }

void DiskImage::lose_power(RandomStream& random) {
  for (auto& [name, file] : files_) file.lose_power(random);
}

}  // namespace quorate::sim
