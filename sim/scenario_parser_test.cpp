#include "sim/scenario_parser.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

constexpr const char* kGood = R"(scenario: leader-dies   # a comment
about:    The leader is killed;
about:    another takes over.
world:    both
seeds:    1..50
profile:  wan
zookeeper: 5 servers, session-timeout=8s

[plain]
masters m1 m2 m3, quorum=2, registry=replicated_log
at 0s     start m1 m2 m3
expect    one leader within 20s as L
client    POST /machine/down [{"hostname":"h # 1","ip":"10.0.0.1"}] via L -> 200 within 5s
client    GET /state via other1 -> 307 location=L body lacks "x \"y\""
every 1s  client write
at 30s    cut {L} | {zookeeper other1}
after 2s  cut L -> client
after exit L code=69 +500ms start L
expect    no exit other1 for 10s
expect    leader not L within 15s as M
heal
never     two leaders
eventually all masters agree within 90s
[other]
masters m1
at 0s start m1
expect no writes for 3s
)";

std::string first_mistake(const std::string& text) {
  ParsedScenario parsed =
      parse_scenario("f", "scenario: x\nmasters m1 m2, quorum=2\nstart m1\n" + text);
  if (parsed.mistakes.empty()) return "none";
  const Mistake& m = parsed.mistakes.front();
  return std::to_string(m.line) + ":" + std::to_string(m.column) + ": " + m.text;
}

TEST(ScenarioParser, ReadsEveryPartOfTheLanguage) {
  ParsedScenario parsed = parse_scenario("f", kGood);
  for (const Mistake& m : parsed.mistakes)
    ADD_FAILURE() << m.line << ":" << m.column << " " << m.text;
  const Scenario& s = parsed.scenario;
  EXPECT_EQ(s.name, "leader-dies");
  EXPECT_EQ(s.about, "The leader is killed; another takes over.");
  EXPECT_EQ(s.last_seed, 50u);
  EXPECT_EQ(s.zookeeper_servers, 5u);
  EXPECT_EQ(s.session_timeout, Duration::seconds(8));
  ASSERT_EQ(s.sections.size(), 2u);
  const Section& plain = s.sections[0];
  EXPECT_EQ(plain.flags, (std::vector<std::string>{"quorum=2", "registry=replicated_log"}));
  ASSERT_EQ(plain.steps.size(), 13u);

  auto client = std::get<ClientStep>(plain.steps[2].action);
  EXPECT_EQ(client.body, R"([{"hostname":"h # 1","ip":"10.0.0.1"}])");
  EXPECT_EQ(client.via, "L");
  EXPECT_EQ(client.status, 200);
  EXPECT_EQ(client.within, Duration::seconds(5));
  auto standby = std::get<ClientStep>(plain.steps[3].action);
  EXPECT_EQ(standby.location, "L");
  EXPECT_EQ(standby.lacks, std::vector<std::string>{"x \"y\""});

  auto cut = std::get<faults::Fault>(plain.steps[5].action);
  EXPECT_EQ(faults::to_text(cut), "cut {L} | {zookeeper other1}");
  EXPECT_TRUE(std::get<faults::Fault>(plain.steps[6].action).one_way);
  EXPECT_EQ(to_text(*plain.steps[7].event), "exit L code=69");
  EXPECT_EQ(plain.steps[7].time, Duration::milliseconds(500));
  EXPECT_TRUE(std::get<ExpectStep>(plain.steps[8].action).throughout);
  EXPECT_EQ(std::get<ExpectStep>(plain.steps[9].action).as, "M");
}

TEST(ScenarioParser, NamesTheNearestVerb) {
  EXPECT_EQ(first_mistake("at 3s  strat m1"),
            "4:8: expected a verb, found 'strat'; did you mean 'start'?");
}

TEST(ScenarioParser, NamesTheNearestMaster) {
  EXPECT_EQ(first_mistake("kill m3"),
            "4:6: expected a master or ZooKeeper server, found 'm3'; did you mean 'm1'?");
}

TEST(ScenarioParser, AskForANameBeforeItIsBoundIsAMistake) {
  EXPECT_EQ(first_mistake("kill L"), "4:6: expected a master or ZooKeeper server, found 'L'");
  EXPECT_EQ(first_mistake("expect one leader within 5s as L\nkill L other1"), "none");
}

TEST(ScenarioParser, EachMistakeHasItsPlace) {
  EXPECT_EQ(first_mistake("at 3 kill m1"),
            "4:4: expected a time like 500ms, 12s or 2min, found '3'");
  EXPECT_EQ(first_mistake("cut {m1} {m2}"), "4:10: expected '|' or '->' and another side");
  EXPECT_EQ(first_mistake("cut {m1} | {}"), "4:14: expected a name between '{' and '}'");
  EXPECT_EQ(first_mistake("client GET state"), "4:17: expected a path that starts with '/'");
  EXPECT_EQ(first_mistake("client GET /x via m1 -> 999"),
            "4:25: expected a status code from 100 to 599");
  EXPECT_EQ(first_mistake("client POST /x {\"a\": via m1"),
            "4:16: expected JSON with a closing '}' or ']' on this line");
  EXPECT_EQ(first_mistake("expect no writes within 3s"),
            "4:27: expected 'for' and a time: 'expect no writes for 20s'");
  EXPECT_EQ(first_mistake("heal m1 | m2 m1"), "4:14: expected the end of the line, found 'm1'");
  EXPECT_EQ(first_mistake("at 9s kill m1\nat 8s kill m2"),
            "5:1: the time lies before that of the step above; steps are in the order of time");
  EXPECT_EQ(
      first_mistake("stop client"),
      "4:6: expected a master or ZooKeeper server, found 'client': this cannot befall clients");
  EXPECT_EQ(first_mistake("every 0s client write"), "4:7: expected a time above 0 after 'every'");
}

TEST(ScenarioParser, AllMistakesOfAFileAreReported) {
  ParsedScenario parsed = parse_scenario("f",
                                         "about: x\nprofil: lan\nseeds: 5..1\nzookeeper: 3 "
                                         "servers, session=1\nmasters m1 m1\nkil m1\n");
  std::vector<std::size_t> lines;
  for (const Mistake& m : parsed.mistakes) lines.push_back(m.line);
  EXPECT_EQ(lines, (std::vector<std::size_t>{1, 2, 3, 4, 5, 6}));
}

TEST(ScenarioParser, AnEmptyFileIsAMistake) {
  EXPECT_FALSE(parse_scenario("f", "").mistakes.empty());
}

}  // namespace
}  // namespace quorate::sim
