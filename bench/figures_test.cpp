#include "bench/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/measurements.h"

namespace quorate::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Figure at_most(double value, double limit) {
  return {"time", value, "ms", Limit{Limit::Kind::AtMost, limit}, ""};
}
Figure at_least(double value, double limit) {
  return {"rate", value, "MB/s", Limit{Limit::Kind::AtLeast, limit}, "why"};
}

TEST(Figures, HoldUpToTheLimitItself) {
  EXPECT_TRUE(holds(at_most(20, 20)));
  EXPECT_FALSE(holds(at_most(20.01, 20)));
  EXPECT_TRUE(holds(at_least(50, 50)));
  EXPECT_FALSE(holds(at_least(49.9, 50)));
  EXPECT_TRUE(holds({"free", 1e9, "", {}, ""}));
}

TEST(Figures, HoldTogetherOnlyIfEachDoes) {
  EXPECT_TRUE(all_hold({"", {}, {at_most(1, 2), at_least(2, 1)}}));
  EXPECT_FALSE(all_hold({"", {}, {at_most(1, 2), at_least(1, 2)}}));
}

TEST(Figures, StandBesideTheirLimitInAlignedColumns) {
  const std::string table =
      figure_table({at_most(1.5, 20), at_least(12, 50), {"x", 3, "", {}, ""}});

  EXPECT_EQ(table,
            "figure  measured  unit    limit\n"
            "time        1.50    ms  <= 20.0        holds\n"
            "rate        12.0  MB/s  >= 50.0  NOT REACHED  why\n"
            "x           3.00\n");
}

TEST(Figures, ShowThreeDigitsThatCount) {
  EXPECT_EQ(number_text(40'000), "40000");
  EXPECT_EQ(number_text(99.94), "99.9");
  EXPECT_EQ(number_text(1.234), "1.23");
  EXPECT_EQ(number_text(0.0039), "0.0039");
  EXPECT_EQ(number_text(-250), "-250");
}

DepthRow row(std::uint64_t depth) {
  DepthRow row;
  row.depth = depth;
  row.appends_per_s = 50'000;
  row.p50_us = 400;
  row.cpu_us_per_append = 10;
  row.syncs_per_append = 0.004;
  row.before.sync_p50_us = 90;
  row.after.sync_p50_us = 110;
  return row;
}

TEST(DepthTable, HasALineForEachDepth) {
  const std::string table = depth_table({row(1), row(256)});

  EXPECT_THAT(table, StartsWith("depth"));
  EXPECT_THAT(table, HasSubstr("\n1 "));
  EXPECT_THAT(table, HasSubstr("\n256 "));
  EXPECT_THAT(table, HasSubstr("50000"));
}

TEST(Limits, AtDepthOneFollowTheDisk) {
  const Figures figures = judge_depths({row(1)});

  ASSERT_EQ(figures.size(), 1u);
  EXPECT_EQ(figures[0].limit->value, 2 * 100 + 250);  // the mean of before and after
  EXPECT_TRUE(holds(figures[0]));
}

TEST(Limits, OfTheRateAreForFastDisksOnly) {
  DepthRow slow = row(256);
  slow.appends_per_s = 30'000;
  EXPECT_FALSE(all_hold({"", {}, judge_depths({slow})}));

  slow.before.sync_p50_us = slow.after.sync_p50_us = 900;
  EXPECT_TRUE(all_hold({"", {}, judge_depths({slow})}));
}

TEST(Limits, OfOtherDepthsAreNone) { EXPECT_TRUE(judge_depths({row(16)}).empty()); }

TEST(JsonReport, CarriesRowsFiguresAndTheVerdict) {
  const std::string text = json_report({"2 x CPU", {row(1)}, {at_least(12, 50)}});
  const Result<Json> json = parse_json(text);

  ASSERT_TRUE(json) << json.error().text;
  EXPECT_EQ(*json->find("machine")->string(), "2 x CPU");
  const Json& depth = json->find("depths")->array()->front();
  EXPECT_EQ(*depth.find("depth")->integer(), 1);
  EXPECT_EQ(*depth.find("disk_before")->find("sync_p50_us")->real(), 90);
  const Json& figure = json->find("figures")->array()->front();
  EXPECT_EQ(*figure.find("at_least")->real(), 50);
  EXPECT_FALSE(*figure.find("holds")->boolean());
  EXPECT_FALSE(*json->find("all_hold")->boolean());
}

}  // namespace
}  // namespace quorate::bench
