#include "master/base/text.h"

#include <gtest/gtest.h>

namespace quorate {
namespace {

TEST(DurationText, UsesTheLargestUnitThatIsWhole) {
  EXPECT_EQ(duration_text(Duration::seconds(60)), "1mins");
  EXPECT_EQ(duration_text(Duration::seconds(90)), "90secs");
  EXPECT_EQ(duration_text(Duration::milliseconds(1500)), "1500ms");
  EXPECT_EQ(duration_text(Duration::seconds(14 * 86400)), "2weeks");
  EXPECT_EQ(duration_text(Duration::seconds(10 * 86400)), "10days");
  EXPECT_EQ(duration_text(Duration::seconds(600)), "10mins");
}

TEST(ParseDuration, TakesMesosUnitsOnly) {
  EXPECT_EQ(parse_duration("10secs")->ns, Duration::seconds(10).ns);
  EXPECT_EQ(parse_duration("1.5secs")->ns, Duration::milliseconds(1500).ns);
  for (const char* bad : {"", "10", "10s", "1sec", "-1secs", "1e3secs", "1 secs", "secs", ".secs",
                          "1.2.3secs", "99999999999weeks"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(ParseByteCount, RefusesFractionsAndBareNumbers) {
  EXPECT_EQ(*parse_byte_count("4KB"), 4096u);
  EXPECT_EQ(*parse_byte_count("1gb"), 1u << 30);
  for (const char* bad : {"", "4", "1.5KB", "KB", "-1KB", "99999999999999TB"})
    EXPECT_FALSE(parse_byte_count(bad)) << bad;
  EXPECT_EQ(byte_count_text(4096), "4KB");
  EXPECT_EQ(byte_count_text(0), "0B");
  EXPECT_EQ(byte_count_text(4097), "4097B");
}

TEST(Split, KeepsEmptyPieces) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
}

TEST(Trim, TakesWhiteSpaceOffBothEnds) {
  EXPECT_EQ(trim(" \t\r\n\v\fa b\n "), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Lower, ChangesAsciiLettersOnly) {
  EXPECT_EQ(lower("AbZ-09[\xc3\x89"), "abz-09[\xc3\x89");
  EXPECT_TRUE(equals_ignoring_case("Keep-Alive", "keep-alive"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

TEST(ParseNumber, TakesTheWholeTextInRangeOrNothing) {
  EXPECT_EQ(parse_u64("0"), 0u);
  EXPECT_EQ(parse_u64("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(parse_i64("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parse_i64("9223372036854775807"), INT64_MAX);
  for (const char* bad : {"", " 1", "1 ", "+1", "1x", "0x1", "1.0", "18446744073709551616", "-"}) {
    EXPECT_EQ(parse_u64(bad), std::nullopt) << bad;
    EXPECT_EQ(parse_i64(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_u64("-1"), std::nullopt);
  EXPECT_EQ(parse_i64("9223372036854775808"), std::nullopt);
}

TEST(DurationText, ReadsBackWhenItIsWhole) {
  for (std::int64_t ns :
       {std::int64_t{1}, std::int64_t{999}, std::int64_t{1'001}, std::int64_t{60'000'000'000},
        std::int64_t{86'400'000'000'000}, std::int64_t{604'800'000'000'000}})
    EXPECT_EQ(parse_duration(duration_text(Duration{ns})), Duration{ns}) << ns;
  EXPECT_EQ(duration_text(Duration{0}), "0ns");
  EXPECT_EQ(duration_text(Duration::seconds(-90)), "-90secs");
  EXPECT_FALSE(duration_text(Duration{INT64_MIN}).empty());
}

TEST(ParseDuration, ReachesToTheEndOfItsRangeAndSaysWhatIsWrong) {
  EXPECT_EQ(parse_duration("9223372036854775807ns")->ns, INT64_MAX);
  EXPECT_FALSE(parse_duration("9223372036854775808ns"));
  EXPECT_EQ(parse_duration("0.000000001secs")->ns, 1);
  EXPECT_EQ(parse_duration(".5ms")->ns, 500'000);
  EXPECT_NE(parse_duration("10s").error().text.find("unknown unit 's'"), std::string::npos);
  EXPECT_NE(parse_duration("10").error().text.find("'10'"), std::string::npos);
}

TEST(ByteCountText, ReadsBack) {
  for (std::uint64_t count : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1023},
                              std::uint64_t{1} << 40, (std::uint64_t{1} << 40) + 1, UINT64_MAX})
    EXPECT_EQ(parse_byte_count(byte_count_text(count)), count) << count;
}

}  // namespace
}  // namespace quorate
