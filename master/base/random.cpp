#include "master/base/random.h"

#include "master/base/check.h"
#include "master/base/checksum.h"

namespace quorate {
namespace {

__extension__ using Wide = unsigned __int128;

// The finaliser of SplitMix64: a bijection whose every output bit depends on every input bit.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, std::string_view stream)
    : key_(xxh3_64(stream, seed)) {}

std::uint64_t RandomStream::next() {
  ++counter_;
  return mix(key_ + counter_ * 0x9e3779b97f4a7c15ull);
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
  CHECK(bound > 0);
  // Multiply-shift; its bias of at most bound / 2^64 is of no consequence here.
  return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
}

std::int64_t RandomStream::between(std::int64_t from, std::int64_t to) {
  CHECK(from <= to);
  auto span = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from) + 1;
  std::uint64_t offset = span == 0 ? next() : below(span);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) + offset);
}

}  // namespace quorate
