#include "bench/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorate::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

LogOptions parsed(const std::vector<std::string>& arguments) {
  Result<ParsedLogOptions> result = parse_log_options(arguments);
  EXPECT_TRUE(result) << result.error().text;
  return result ? result->options : LogOptions{};
}

std::string refused(const std::vector<std::string>& arguments) {
  Result<ParsedLogOptions> result = parse_log_options(arguments);
  EXPECT_FALSE(result);
  return result ? "" : result.error().text;
}

TEST(LogOptions, AreThoseOfTheIssue) {
  const LogOptions options =
      parsed({"--replicas=5", "--size=1024", "--depth=1,16,256", "--seconds=2.5", "--dir=/tmp/x",
              "--sync_delay=2ms", "--json"});

  EXPECT_EQ(options.mode, Mode::Depths);
  EXPECT_EQ(options.replicas, 5u);
  EXPECT_EQ(options.size_bytes, 1024u);
  EXPECT_THAT(options.depths, ElementsAre(1, 16, 256));
  EXPECT_EQ(options.seconds, Duration::milliseconds(2500));
  EXPECT_EQ(options.directory, "/tmp/x");
  EXPECT_EQ(options.sync_delay, Duration::milliseconds(2));
  EXPECT_TRUE(options.json);
  EXPECT_FALSE(options.check);
}

TEST(LogOptions, HaveDefaultsForAllButTheDirectory) {
  const LogOptions options = parsed({"--dir=/tmp/x"});

  EXPECT_EQ(options.replicas, 3u);
  EXPECT_EQ(options.size_bytes, 256u);
  EXPECT_THAT(options.depths, ElementsAre(1, 16, 256));
  EXPECT_EQ(options.sync_delay, Duration{});
  EXPECT_THAT(refused({}), HasSubstr("--dir is needed"));
}

TEST(LogOptions, TakeAModeAndSizesWithUnits) {
  EXPECT_EQ(parsed({"limits", "--dir=x"}).mode, Mode::Limits);
  EXPECT_EQ(parsed({"--dir=x", "catch-up", "--entries=10"}).mode, Mode::CatchUp);
  EXPECT_EQ(parsed({"--dir=x", "--size=1MB"}).size_bytes, 1u << 20);
}

TEST(LogOptions, AreRefusedByName) {
  EXPECT_THAT(refused({"--dir=x", "--depth=0"}), HasSubstr("'0' is not a number"));
  EXPECT_THAT(refused({"--dir=x", "--depth=1,,2"}), HasSubstr("'' is not a number"));
  EXPECT_THAT(refused({"--dir=x", "--depth=65537"}), HasSubstr("--depth=65537"));
  EXPECT_THAT(refused({"--dir=x", "--replicas=2"}), HasSubstr("odd number"));
  EXPECT_THAT(refused({"--dir=x", "--size=4"}), HasSubstr("--size=4"));
  EXPECT_THAT(refused({"--dir=x", "--size=1GB"}), HasSubstr("8 to 4MB"));
  EXPECT_THAT(refused({"--dir=x", "--seconds=0"}), HasSubstr("--seconds=0"));
  EXPECT_THAT(refused({"--dir=x", "--seconds=5secs"}), HasSubstr("--seconds=5secs"));
  EXPECT_THAT(refused({"--dir=x", "--sync_delay=2"}), HasSubstr("--sync_delay"));
  EXPECT_THAT(refused({"--dir=x", "somewhere"}), HasSubstr("somewhere"));
  EXPECT_THAT(refused({"--dir=x", "--deep=1"}), HasSubstr("--deep=1"));
}

TEST(LogOptions, ExplainThemselves) {
  Result<ParsedLogOptions> result = parse_log_options({"--help"});

  ASSERT_TRUE(result);
  for (const char* text : {"--replicas", "--sync_delay", "catch-up", "tmpfs", "Exit codes"})
    EXPECT_THAT(result->help, HasSubstr(text));
}

TEST(ReplicaOptions, ReachTheReplicaAsTheyWereGiven) {
  ReplicaOptions options;
  options.directory = "/tmp/a b";
  options.quorum = 3;
  options.sync_delay = Duration::microseconds(2500);
  options.keep_all = true;
  options.verbose = true;

  Result<ReplicaOptions> back = parse_replica_options(to_arguments(options));

  ASSERT_TRUE(back) << back.error().text;
  EXPECT_EQ(back->directory, options.directory);
  EXPECT_EQ(back->quorum, options.quorum);
  EXPECT_EQ(back->sync_delay, options.sync_delay);
  EXPECT_TRUE(back->keep_all);
  EXPECT_TRUE(back->verbose);
}

}  // namespace
}  // namespace quorate::bench
