#include "master/base/shared_bytes.h"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "master/base/check.h"

namespace quorate {

SharedBytes::SharedBytes(std::string_view bytes) {
  if (bytes.empty()) return;
  CHECK(bytes.size() <= std::numeric_limits<std::uint32_t>::max());

  void* memory = ::operator new(sizeof(Block) + bytes.size());
  block_ = new (memory) Block{1, static_cast<std::uint32_t>(bytes.size())};
  std::memcpy(block_ + 1, bytes.data(), bytes.size());
}

void SharedBytes::release() {
  if (block_ == nullptr || --block_->holders > 0) return;
  ::operator delete(block_);
}

}  // namespace quorate
