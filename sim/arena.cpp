#include "sim/arena.h"

#include <sys/mman.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define QUORATE_ARENA 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#undef QUORATE_ARENA
#endif
#endif

#if defined(QUORATE_ARENA)

namespace quorate::sim {
namespace {

// Of addresses, not of memory. Cut into spans, each of pieces of one size.
constexpr std::size_t kRegion = std::size_t{1} << 34;
constexpr std::size_t kSpan = std::size_t{1} << 16;
// Sizes are multiples of 16 up to 1 KiB, then of 512.
constexpr std::size_t kFine = 16;
constexpr std::size_t kFineMost = 1024;
constexpr std::size_t kCoarse = 512;
constexpr std::size_t kMost = 16 * 1024;
constexpr std::size_t kSizes = kFineMost / kFine + (kMost - kFineMost) / kCoarse + 1;

struct Piece {
  Piece* next;
};

char* region = nullptr;  // not there: malloc is used
std::size_t spans_used = 0;
std::array<std::uint8_t, kRegion / kSpan> size_of_span;
std::array<Piece*, kSizes> free_pieces;
// What was not taken yet of the newest span of each size.
std::array<char*, kSizes> fresh;
std::array<char*, kSizes> fresh_end;

constexpr std::size_t size_number(std::size_t bytes) {
  if (bytes <= kFineMost) return (bytes + kFine - 1) / kFine;
  return kFineMost / kFine + (bytes - kFineMost + kCoarse - 1) / kCoarse;
}
constexpr std::size_t bytes_of(std::size_t number) {
  if (number <= kFineMost / kFine) return number * kFine;
  return kFineMost + (number - kFineMost / kFine) * kCoarse;
}

void* take_fresh(std::size_t number) {
  const std::size_t bytes = bytes_of(number);
  if (static_cast<std::size_t>(fresh_end[number] - fresh[number]) < bytes) {
    if (spans_used == size_of_span.size()) return nullptr;
    size_of_span[spans_used] = static_cast<std::uint8_t>(number);
    fresh[number] = region + spans_used * kSpan;
    fresh_end[number] = fresh[number] + kSpan;
    ++spans_used;
  }
  char* piece = fresh[number];
  fresh[number] += bytes;
  return piece;
}

void* take(std::size_t bytes) {
  if (region != nullptr && bytes <= kMost) {
    const std::size_t number = size_number(bytes == 0 ? 1 : bytes);
    if (Piece* piece = free_pieces[number]) {
      free_pieces[number] = piece->next;
      return piece;
    }
    if (void* piece = take_fresh(number)) return piece;
  }
  void* piece = std::malloc(bytes == 0 ? 1 : bytes);
  if (piece == nullptr) throw std::bad_alloc();
  return piece;
}

void give_back(void* address) {
  const std::size_t offset =
      reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(region);
  if (region == nullptr || offset >= kRegion) return std::free(address);
  auto* piece = static_cast<Piece*>(address);
  Piece*& first = free_pieces[size_of_span[offset / kSpan]];
  piece->next = first;
  first = piece;
}

}  // namespace

void use_arena() {
  if (region != nullptr || std::getenv("MALLOC_PERTURB_") != nullptr) return;
  void* found = ::mmap(nullptr, kRegion, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (found != MAP_FAILED) region = static_cast<char*>(found);
}

}  // namespace quorate::sim

// What the language calls; the forms for arrays and for std::nothrow call these. NOLINTBEGIN
void* operator new(std::size_t bytes) { return quorate::sim::take(bytes); }
void operator delete(void* address) noexcept { quorate::sim::give_back(address); }
void operator delete(void* address, std::size_t) noexcept { quorate::sim::give_back(address); }
// NOLINTEND

#else

namespace quorate::sim {

void use_arena() {}

}  // namespace quorate::sim

#endif
