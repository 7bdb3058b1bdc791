#include <gtest/gtest.h>

#include "sim/scenario_parser.h"

namespace quorate::sim {
namespace {

// One line of a scenario with a mistake, and what is said of it. The line is the fifth; the fourth
// gave the name L.

struct Bad {
  const char* line;
  const char* column_and_text;
};
constexpr Bad kBad[] = {
    // Unknown words and names.
    {"wype m1", "1: expected a verb, found 'wype'; did you mean 'wipe'?"},
    {"lost-wirte m1", "1: expected a verb, found 'lost-wirte'; did you mean 'lost-write'?"},
    {"wipe m8", "6: expected a master, found 'm8'; did you mean 'm1'?"},
    {"kill m1 m1", "9: 'm1' is named twice"},
    {"cut {m1 m2} | {m3 m1}", "19: 'm1' is on two sides"},
    {"bit-rot m1 in segmnt",
     "15: expected a class of files, found 'segmnt'; did you mean 'segment'?"},
    {"hazard durabilty", "8: expected an oracle, found 'durabilty'; did you mean 'durability'?"},
    {"start-extra m2", "13: expected a name that is not in use, found 'm2'"},
    // Faults that this world cannot have.
    {"wipe zk1", "6: expected a master, found 'zk1': this cannot befall a ZooKeeper server"},
    {"pause zookeeper",
     "7: expected a master, found 'zookeeper': this cannot befall a ZooKeeper server"},
    {"failed-sync client", "13: expected a master, found 'client': this cannot befall clients"},
    {"reset {m1} | {zk2}",
     "15: expected a master or client, found 'zk2': this cannot befall a ZooKeeper server"},
    {"kill zk1 after 3", "1: 'zk1' is a ZooKeeper server: its disk is not simulated"},
    {"start zk1 with quorum=3", "1: 'zk1' is a ZooKeeper server: it has no such flags"},
    {"clone-disk m1 m1", "12: expected two masters, the first to copy from and the second to"},
    // Parameters.
    {"slow-sync m1", "13: expected 'slow-sync NAME... [in CLASS] [after N] by TIME'"},
    {"slow-sync m1 by 3", "17: expected a time like 500ms, 12s or 2min, found '3'"},
    {"wipe m1 by 3s", "9: expected 'after', or the end of the line, found 'by'"},
    {"kill m1 after", "14: expected a number of operations, found ''"},
    {"kill m1 after 1 after 2", "17: 'after' is a second one"},
    {"clock m1 rate=0", "10: expected a rate from 0.1 to 10, like rate=1.02, found 'rate=0'"},
    {"clock m1 jump=5s", "10: expected jump=+5s or jump=-5s or the like, found 'jump=5s'"},
    {"clock m1 lep=5s",
     "10: expected 'rate=', 'wall-rate=', 'jump=', 'leap=', or the end of the line, found "
     "'lep=5s'; did you mean 'leap='?"},
    {"link m1 | m2 jitter=3ms",
     "24: expected 'link {NAME...} | {NAME...} delay=TIME [jitter=TIME]' or 'link {NAME...} | "
     "{NAME...} bandwidth=BYTES'"},
    {"link m1 | m2 bandwidth=0",
     "14: expected bytes a second, like bandwidth=20000, found 'bandwidth=0'"},
    {"clog m1 | m2 for 0s", "18: expected a time above 0 after 'for'"},
    {"lose-messages 2000000", "22: expected at most 1000000: how many of a million"},
    {"start m1 with quorum", "15: expected a master's flag like quorum=2, found 'quorum'"},
    // Conditions.
    {"expect exit m1 code=1000",
     "16: expected an exit code from 0 to 255, like code=69, found 'code=1000'"},
    {"expect one leader within 0s", "26: expected a time above 0 after 'within'"},
    {"expect one leader for 0s", "23: expected a time above 0 after 'for'"},
    {"expect no leader wihin 3s", "18: expected the end of the line, found 'wihin'"},
};

class BadInput : public testing::TestWithParam<Bad> {};

TEST_P(BadInput, OneMessageSaysWhereAndWhatWasExpected) {
  const ParsedScenario parsed =
      parse_scenario("f", std::string("scenario: x\nmasters m1 m2 m3, quorum=2\nstart m1\n"
                                      "expect one leader within 5s as L\n") +
                              GetParam().line + "\n");
  ASSERT_EQ(parsed.mistakes.size(), 1u);
  const Mistake& mistake = parsed.mistakes.front();
  EXPECT_EQ(mistake.line, 5u);
  EXPECT_EQ(std::to_string(mistake.column) + ": " + mistake.text, GetParam().column_and_text);
}

INSTANTIATE_TEST_SUITE_P(All, BadInput, testing::ValuesIn(kBad));

std::vector<std::string> mistakes(const std::string& steps, const std::string& flags = "quorum=2") {
  std::vector<std::string> out;
  const ParsedScenario parsed =
      parse_scenario("f", "scenario: x\nmasters m1 m2 m3, " + flags + "\n" + steps);
  for (const Mistake& mistake : parsed.mistakes)
    out.push_back(std::to_string(mistake.line) + ": " + mistake.text);
  return out;
}

TEST(BadScenario, TimesThatCannotBeAreNamed) {
  EXPECT_EQ(mistakes("at 10s start m1\nafter 20s kill m1\nexpect down m1 for 5s\nat 30s heal\n"),
            std::vector<std::string>{"6: the steps above take until 35secs at least"});
  EXPECT_TRUE(mistakes("at 10s start m1\nafter 20s kill m1\nat 30s heal\n").empty());
}

TEST(BadScenario, MoreLostVotesThanTheQuorumBearsNeedAHazard) {
  const std::string steps = "start m1 m2 m3\nwipe m1\nwipe m2\n";
  EXPECT_EQ(mistakes(steps),
            std::vector<std::string>{
                "5: over the budget: m1, m2 lose their votes, and only 1 may before an "
                "'eventually' heals all; expected fewer, or a line 'hazard ORACLE within 60s' that "
                "calls for the violation"});
  EXPECT_TRUE(mistakes(steps + "hazard durability within 60s\n").empty());
  EXPECT_TRUE(mistakes("wipe m1\neventually one leader\nwipe m2\n").empty());
  EXPECT_TRUE(mistakes("wipe m1 m2\n", "quorum=3").empty());
  EXPECT_FALSE(mistakes("expect one leader as L\nbit-rot L other1\n").empty());
  // L may be m1.
  EXPECT_TRUE(mistakes("expect one leader as L\nbit-rot L\nbit-rot m1\n").empty());
}

TEST(BadScenario, FlagsThatNoMasterTakesAreNamed) {
  const std::vector<std::string> found = mistakes("start m1\n", "quorun=2");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].starts_with("2: no master takes these flags: ")) << found[0];
  EXPECT_NE(found[0].find("quorun"), std::string::npos) << found[0];
}

TEST(BadScenario, AllMistakesOfAFileAreReportedInItsOrder) {
  EXPECT_EQ(mistakes("kil m1\nwipe zk1\nclock m1 rate=x\nstart m1 m2 m3\nwipe m1 m2\n").size(), 4u);
}

}  // namespace
}  // namespace quorate::sim
