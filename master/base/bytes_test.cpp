#include "master/base/bytes.h"

#include <gtest/gtest.h>

namespace quorate {
namespace {

TEST(ByteWriter, WritesNumbersLittleEndian) {
  ByteWriter out;
  out.u8(0x01);
  out.u16(0x0203);
  out.u32(0x04050607);
  out.u64(0x08090a0b0c0d0e0f);
  out.i64(-2);
  out.boolean(true);
  out.boolean(false);

  EXPECT_EQ(hex(out.bytes()),
            "01"
            "0302"
            "07060504"
            "0f0e0d0c0b0a0908"
            "feffffffffffffff"
            "01"
            "00");
  EXPECT_EQ(out.size(), 25u);
}

TEST(ByteWriter, WritesTheLengthBeforeSizedBytesOnly) {
  ByteWriter out;
  out.sized("ab");
  out.raw("cd");
  out.sized("");

  EXPECT_EQ(hex(out.take()),
            "02000000"
            "6162"
            "6364"
            "00000000");
}

TEST(ByteReader, ReadsWhatTheWriterWrote) {
  ByteWriter out;
  out.u8(200);
  out.u16(65535);
  out.u32(4'000'000'000);
  out.u64(UINT64_MAX);
  out.i64(INT64_MIN);
  out.boolean(true);
  out.sized(std::string("a\0b", 3));
  out.raw("xyz");

  ByteReader in(out.bytes());
  EXPECT_EQ(in.u8(), 200);
  EXPECT_EQ(in.u16(), 65535);
  EXPECT_EQ(in.u32(), 4'000'000'000);
  EXPECT_EQ(in.u64(), UINT64_MAX);
  EXPECT_EQ(in.i64(), INT64_MIN);
  EXPECT_TRUE(in.boolean());
  EXPECT_EQ(in.sized(), std::string_view("a\0b", 3));
  EXPECT_EQ(in.remaining(), 3u);
  EXPECT_FALSE(in.done());
  EXPECT_EQ(in.raw(3), "xyz");
  EXPECT_TRUE(in.done());
}

TEST(ByteReader, FailsForGoodAtTheFirstReadPastTheEnd) {
  ByteReader in("\x01\x02\x03");
  EXPECT_EQ(in.u32(), 0u);

  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.u8(), 0);
  EXPECT_EQ(in.raw(1), "");
  EXPECT_EQ(in.sized(), "");
  EXPECT_FALSE(in.boolean());
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_FALSE(in.done());
}

TEST(ByteReader, IsNotDoneWhileBytesAreLeft) {
  ByteReader in("ab");
  in.u8();

  EXPECT_FALSE(in.failed());
  EXPECT_FALSE(in.done());
}

TEST(ByteReader, IsDoneAtOnceWithNothingToRead) {
  EXPECT_TRUE(ByteReader("").done());
  ByteReader in("");
  EXPECT_EQ(in.raw(0), "");
  EXPECT_TRUE(in.done());
}

TEST(ByteReader, TakesNoLengthBeyondItsBytes) {
  ByteReader in(
      std::string_view("\xff\xff\xff\xff"
                       "abc",
                       7));

  EXPECT_EQ(in.sized(), "");
  EXPECT_TRUE(in.failed());
}

TEST(ByteReader, TakesABooleanOfZeroOrOneOnly) {
  for (int value = 0; value < 256; ++value) {
    Bytes byte(1, static_cast<char>(value));
    ByteReader in(byte);
    EXPECT_EQ(in.boolean(), value == 1);
    EXPECT_EQ(in.failed(), value > 1);
  }
}

TEST(Hex, HasTwoLowerCaseDigitsAByte) {
  EXPECT_EQ(hex(std::string_view("\x00\x0f\xa0\xff", 4)), "000fa0ff");
  EXPECT_EQ(hex(std::string_view("")), "");
}

TEST(Hex, PadsANumberTo16Digits) {
  EXPECT_EQ(hex(std::uint64_t{0}), "0000000000000000");
  EXPECT_EQ(hex(std::uint64_t{0xabcdef}), "0000000000abcdef");
  EXPECT_EQ(hex(UINT64_MAX), "ffffffffffffffff");
}

}  // namespace
}  // namespace quorate
