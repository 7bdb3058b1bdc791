#include "master/base/checksum.h"

#include <algorithm>
#include <array>
#include <cstring>

#define XXH_INLINE_ALL
#include <xxhash.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace quorate {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    table[i] = crc;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kTable = make_table();

std::uint32_t crc_by_table(std::string_view bytes, std::uint32_t crc) {
  for (char c : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return crc;
}

#if defined(__x86_64__)

// What becomes of a checksum when zeros follow: a linear map, by the images of its 32 bits.
using Map = std::array<std::uint32_t, 32>;

constexpr std::uint32_t image(const Map& map, std::uint32_t crc) {
  std::uint32_t sum = 0;
  for (std::size_t bit = 0; bit < 32; ++bit)
    if ((crc >> bit & 1) != 0) sum ^= map[bit];
  return sum;
}

constexpr Map after(const Map& second, const Map& first) {
  Map map{};
  for (std::size_t bit = 0; bit < 32; ++bit) map[bit] = image(second, first[bit]);
  return map;
}

// The map of `count` zero bytes, as four tables, one for each byte of the checksum.
using Tables = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr Tables zeros_of(std::size_t count) {
  Map power{};  // of 1, 2, 4 ... zero bits
  Map total{};
  for (std::size_t bit = 0; bit < 32; ++bit) {
    total[bit] = 1u << bit;
    power[bit] = bit == 0 ? 0x82f63b78u : 1u << (bit - 1);
  }
  for (std::size_t bits = count * 8; bits != 0; bits /= 2) {
    if (bits % 2 != 0) total = after(power, total);
    power = after(power, power);
  }
  Tables tables{};
  for (std::size_t byte = 0; byte < 4; ++byte)
    for (std::uint32_t value = 0; value < 256; ++value)
      tables[byte][value] = image(total, value << (8 * byte));
  return tables;
}

// The instruction takes three cycles, and one can start in each: three lanes side by side are three
// times as fast. Long lanes for long texts; three short ones and a word are a sector of 512 bytes.
constexpr std::size_t kLongLane = 1024;
constexpr std::size_t kShortLane = 168;
constexpr Tables kLongZeros = zeros_of(kLongLane);
constexpr Tables kShortZeros = zeros_of(kShortLane);

std::uint32_t add_zeros(const Tables& tables, std::uint64_t crc) {
  return tables[0][crc & 0xff] ^ tables[1][crc >> 8 & 0xff] ^ tables[2][crc >> 16 & 0xff] ^
         tables[3][crc >> 24 & 0xff];
}

std::uint64_t word_at(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

template <std::size_t kLane>
__attribute__((target("sse4.2"))) std::uint64_t crc_in_lanes(std::string_view& bytes,
                                                             std::uint64_t first,
                                                             const Tables& zeros) {
  while (bytes.size() >= 3 * kLane) {
    std::uint64_t second = 0, third = 0;
    for (std::size_t at = 0; at < kLane; at += 8) {
      first = _mm_crc32_u64(first, word_at(bytes.data() + at));
      second = _mm_crc32_u64(second, word_at(bytes.data() + kLane + at));
      third = _mm_crc32_u64(third, word_at(bytes.data() + 2 * kLane + at));
    }
    first = add_zeros(zeros, add_zeros(zeros, first) ^ second) ^ third;
    bytes.remove_prefix(3 * kLane);
  }
  return first;
}

__attribute__((target("sse4.2"))) std::uint32_t crc_by_hardware(std::string_view bytes,
                                                                std::uint32_t crc) {
  std::uint64_t wide = crc_in_lanes<kLongLane>(bytes, crc, kLongZeros);
  wide = crc_in_lanes<kShortLane>(bytes, wide, kShortZeros);
  while (bytes.size() >= 8) {
    wide = _mm_crc32_u64(wide, word_at(bytes.data()));
    bytes.remove_prefix(8);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (char c : bytes) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(c));
  return narrow;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2") != 0) return ~crc_by_hardware(bytes, ~seed);
#endif
  return ~crc_by_table(bytes, ~seed);
}

Digest xxh3_128(std::string_view bytes) {
  XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

Digest xxh3_128(std::string_view head, std::string_view body) {
  // Setting up a state costs more than copying so few bytes.
  std::array<char, 1024> both;
  if (head.size() + body.size() <= both.size()) {
    std::copy(head.begin(), head.end(), both.begin());
    std::copy(body.begin(), body.end(), both.begin() + static_cast<std::ptrdiff_t>(head.size()));
    return xxh3_128(std::string_view(both.data(), head.size() + body.size()));
  }
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  XXH3_128bits_update(&state, head.data(), head.size());
  XXH3_128bits_update(&state, body.data(), body.size());
  XXH128_hash_t hash = XXH3_128bits_digest(&state);
  return {hash.high64, hash.low64};
}

std::uint64_t xxh3_64(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace quorate
