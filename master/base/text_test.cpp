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

}  // namespace
}  // namespace quorate
