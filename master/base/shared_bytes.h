#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "master/base/bytes.h"

namespace quorate {

// Bytes that never change, held once however often they are copied: one block with a count of its
// holders. Compares by content. A pointer in size; empty bytes hold no block.
//
// The count is not atomic: all copies of one block belong to one thread.
class SharedBytes {
 public:
  SharedBytes() = default;
  explicit SharedBytes(std::string_view bytes);
  // Bytes and literals turn into shared ones where they are handed over, and back into views where
  // they are read. NOLINTBEGIN(google-explicit-constructor)
  SharedBytes(const Bytes& bytes) : SharedBytes(std::string_view(bytes)) {}
  SharedBytes(const char* text) : SharedBytes(std::string_view(text)) {}
  operator std::string_view() const { return view(); }
  // NOLINTEND(google-explicit-constructor)

  SharedBytes(const SharedBytes& other) : block_(other.block_) {
    if (block_ != nullptr) ++block_->holders;
  }
  SharedBytes(SharedBytes&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedBytes& operator=(SharedBytes other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedBytes() { release(); }

  std::size_t size() const { return block_ == nullptr ? 0 : block_->size; }
  bool empty() const { return size() == 0; }
  std::string_view view() const { return {data(), size()}; }

  bool operator==(const SharedBytes& other) const {
    return block_ == other.block_ || view() == other.view();
  }

 private:
  // The bytes follow it.
  struct Block {
    std::uint32_t holders;
    std::uint32_t size;
  };

  const char* data() const {
    return block_ == nullptr ? nullptr : reinterpret_cast<const char*>(block_ + 1);
  }
  void release();

  Block* block_ = nullptr;
};

}  // namespace quorate
