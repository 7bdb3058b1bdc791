#include "sim/disk_image.h"

#include <algorithm>
#include <utility>

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
    if (auto forgotten = forgotten_.extract(number)) {
      synced_.insert(std::move(forgotten));
    } else if (!synced_.contains(number)) {
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
    forgotten_.erase(forgotten_.lower_bound(keep), forgotten_.end());
  }
  size_ = size;
}

void FileImage::sync() {
  synced_.clear();
  synced_size_ = size_;
}

void FileImage::fail_sync() {
  forgotten_.merge(synced_);
  synced_.clear();
}

void FileImage::revert(Bytes& bytes, const Bytes& old) {
  if (old.empty()) {
    bytes.assign(kPage, '\0');
  } else {
    bytes = old;
  }
}

void FileImage::write_through(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::uint64_t number = offset / kPage;
    const std::uint64_t at = offset % kPage;
    const std::size_t count = std::min<std::size_t>(bytes.size(), kPage - at);
    for (Pages* beside : {&synced_, &forgotten_}) {
      auto found = beside->find(number);
      if (found == beside->end()) continue;
      if (found->second.empty()) found->second.assign(kPage, '\0');
      found->second.replace(at, count, bytes.substr(0, count));
    }
    page(number).replace(at, count, bytes.substr(0, count));
    bytes.remove_prefix(count);
    offset += count;
  }
}

FileImage FileImage::on_disk() const {
  FileImage copy = *this;
  for (const Pages* beside : {&synced_, &forgotten_})
    for (const auto& [number, old] : *beside) revert(copy.page(number), old);
  copy.synced_.clear();
  copy.forgotten_.clear();
  if (copy.size_ > copy.synced_size_) copy.resize(copy.synced_size_);
  copy.sync();
  return copy;
}

void FileImage::lose_power(RandomStream& random) {
  for (auto& [number, old] : forgotten_) revert(page(number), old);
  forgotten_.clear();
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

DiskImage DiskImage::on_disk() const {
  DiskImage copy;
  for (const auto& [name, file] : files_) copy.files_.emplace(name, file.on_disk());
  return copy;
}

}  // namespace quorate::sim
