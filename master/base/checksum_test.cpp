#include "master/base/checksum.h"

#include <gtest/gtest.h>

#include <string>

#include "master/base/random.h"

namespace quorate {
namespace {

// The dumb twin: one bit at a time, as the polynomial says.
std::uint32_t crc_bit_by_bit(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
  }
  return ~crc;
}

std::string some_bytes(std::uint64_t seed, std::size_t size) {
  RandomStream random(seed, "bytes");
  std::string bytes;
  while (bytes.size() < size) bytes.push_back(static_cast<char>(random.below(256)));
  return bytes;
}

// "123456789" is the check value of the CRC catalogues; the 32-byte ones are in RFC 3720, B.4.
TEST(Crc32c, GivesThePublishedValues) {
  std::string ascending, descending;
  for (char c = 0; c < 32; ++c) {
    ascending.push_back(c);
    descending.push_back(static_cast<char>(31 - c));
  }

  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c(ascending), 0x46dd794eu);
  EXPECT_EQ(crc32c(descending), 0x113fdb5cu);
}

TEST(Crc32c, AgreesWithItsDumbTwinAtEveryLengthAndAlignment) {
  std::string bytes = some_bytes(1, 100);
  for (std::size_t from = 0; from < 9; ++from)
    for (std::size_t size = 0; size <= 80; ++size) {
      std::string_view part = std::string_view(bytes).substr(from, size);
      ASSERT_EQ(crc32c(part), crc_bit_by_bit(part)) << from << "+" << size;
    }
}

// 504 and 3072 bytes are where it starts to work in lanes.
TEST(Crc32c, AgreesWithItsDumbTwinAroundItsLanes) {
  const std::string bytes = some_bytes(5, 8 * 1024);
  for (std::size_t edge : {504u, 2 * 504u, 3072u, 3072u + 504u, 2 * 3072u})
    for (std::size_t size = edge - 9; size <= edge + 9; ++size) {
      std::string_view part = std::string_view(bytes).substr(3, size);
      ASSERT_EQ(crc32c(part), crc_bit_by_bit(part)) << size;
      ASSERT_EQ(crc32c(part.substr(100), crc32c(part.substr(0, 100))), crc_bit_by_bit(part))
          << size;
    }
}

TEST(Crc32c, GoesOnFromAnEarlierResult) {
  std::string bytes = some_bytes(2, 60);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    std::string_view all = bytes;
    EXPECT_EQ(crc32c(all.substr(cut), crc32c(all.substr(0, cut))), crc32c(all)) << cut;
  }
}

TEST(Crc32c, SeesEveryChangeOfOneBit) {
  const std::string bytes = some_bytes(3, 64);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(crc32c(changed), crc32c(bytes)) << bit;
  }
}

// The empty ones are in the documentation of xxHash; "quorate" pins what our own formats stand on.
TEST(Xxh3, GivesTheKnownValues) {
  EXPECT_EQ(xxh3_128(""), (Digest{0x99aa06d3014798d8, 0x6001c324468d497f}));
  EXPECT_EQ(xxh3_64(""), 0x2d06800538d394c2u);
  EXPECT_EQ(xxh3_128("quorate"), (Digest{0xc382196cb0a4e426, 0x3457166711d796b5}));
  EXPECT_EQ(xxh3_64("quorate"), 6493256589461145599u);
  EXPECT_EQ(xxh3_64("quorate", 1), 3992139166005601993u);
}

TEST(Xxh3, OfTwoPiecesIsThatOfBothTogether) {
  const std::string bytes = some_bytes(6, 3000);
  for (std::size_t size : {0u, 1u, 300u, 1023u, 1024u, 1025u, 3000u})
    for (std::size_t cut : {0u, 1u, 49u, 299u, 1024u}) {
      if (cut > size) continue;
      const std::string_view all = std::string_view(bytes).substr(0, size);
      EXPECT_EQ(xxh3_128(all.substr(0, cut), all.substr(cut)), xxh3_128(all)) << cut << "/" << size;
    }
}

TEST(Xxh3, DiffersForEveryPrefix) {
  std::string bytes = some_bytes(4, 300);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::string_view all = bytes;
    EXPECT_NE(xxh3_128(all.substr(0, size)), xxh3_128(all.substr(0, size + 1))) << size;
  }
}

TEST(Digest, IsOrderedByItsHighHalfFirst) {
  EXPECT_LT((Digest{1, 9}), (Digest{2, 0}));
  EXPECT_LT((Digest{1, 1}), (Digest{1, 2}));
  EXPECT_EQ((Digest{1, 2}), (Digest{1, 2}));
}

}  // namespace
}  // namespace quorate
