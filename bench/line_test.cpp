#include "bench/line.h"

#include <gtest/gtest.h>

namespace quorate::bench {
namespace {

TEST(Line, ComesBackAsItWasSaid) {
  const Line line = Line{"load", {}}.with("depth", 256).with("list", "a/1-0b/127.0.0.1:80,c");

  EXPECT_EQ(to_text(line), "load depth=256 list=a/1-0b/127.0.0.1:80,c");
  EXPECT_EQ(parse_line(to_text(line)), line);
  EXPECT_EQ(line.number("depth"), 256);
  EXPECT_EQ(line.text("list"), "a/1-0b/127.0.0.1:80,c");
}

TEST(Line, MayBeAWordAlone) { EXPECT_EQ(parse_line("lead"), (Line{"lead", {}})); }

TEST(Line, HoldsEmptyValuesAndEqualsSigns) {
  EXPECT_EQ(parse_line("members list="), (Line{"members", {{"list", ""}}}));
  EXPECT_EQ(parse_line("a b=c=d"), (Line{"a", {{"b", "c=d"}}}));
}

TEST(Line, IsNotWhatAnotherProgramPrints) {
  for (const char* text : {"", " ", "two words", "a=b", "word =value", "a b=c d"})
    EXPECT_FALSE(parse_line(text)) << "'" << text << "'";
}

}  // namespace
}  // namespace quorate::bench
