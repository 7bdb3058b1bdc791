#include "sim/trace_json.h"

#include <gtest/gtest.h>

#include "master/base/checksum.h"
#include "master/base/json.h"
#include "master/paxos/codec.h"
#include "sim/picture.h"
#include "sim/picture_files.h"
#include "sim/scenario_parser.h"
#include "sim/toy_node.h"

namespace quorate::sim {
namespace {

constexpr const char* kStory =
    "scenario: x\nmasters m1 m2 m3\nat 0s start m1 m2 m3\nexpect one leader within 20s as L\n"
    "client GET /maintenance/schedule via L -> 200\nat 20s cut {L} | {zookeeper}\n"
    "expect leader not L within 30s\nheal\n";

Drawn drawn(const std::string& text, std::uint64_t seed = 7) {
  ParsedScenario parsed = parse_scenario("stories/x.scenario", text);
  for (const Mistake& m : parsed.mistakes) ADD_FAILURE() << m.line << ": " << m.text;
  ToyFactory factory;
  RunId id{"quorate-sim", "stories/x.scenario", "x", "", seed};
  return draw(id, parsed.scenario, parsed.scenario.sections.at(0), factory, {});
}

Json json(const std::string& text) {
  Result<Json> parsed = parse_json(text);
  if (!parsed) ADD_FAILURE() << parsed.error().text;
  return parsed ? *parsed : Json();
}

std::int64_t number(const Json& object, const char* name) { return *object.find(name)->integer(); }
std::string string(const Json& object, const char* name) { return *object.find(name)->string(); }

// How many rows have this kind.
std::size_t count(const Json& trace, const char* table, const char* names, std::string_view kind) {
  std::size_t out = 0;
  for (const Json& row : *trace.find(table)->find("rows")->array()) {
    auto number = static_cast<std::size_t>(*row.array()->at(4).integer());
    out += *trace.find(names)->array()->at(number).string() == kind ? 1 : 0;
  }
  return out;
}

TEST(TraceJson, TellsTheRunTheLanesAndWhatHappened) {
  Drawn run = drawn(kStory);
  Json trace = json(run.trace);

  EXPECT_EQ(string(trace, "format"), "quorate-sim-trace");
  EXPECT_EQ(number(trace, "version"), kTraceVersion);
  EXPECT_EQ(number(*trace.find("run"), "seed"), 7);
  EXPECT_EQ(string(*trace.find("run"), "hash"), hex(run.result.hash));
  EXPECT_EQ(string(*trace.find("run"), "replay"), "quorate-sim run --seed=7 stories/x.scenario");
  EXPECT_EQ(string(*trace.find("verdict"), "name"), "pass");
  EXPECT_EQ(trace.find("lanes")->array()->size(), 7u);
  EXPECT_EQ(count(trace, "marks", "mark_kinds", "start"), 4u);
  EXPECT_EQ(count(trace, "marks", "mark_kinds", "exit"), 1u);
  EXPECT_EQ(count(trace, "marks", "mark_kinds", "fault"), 3u) << "start, cut, heal";
  EXPECT_EQ(count(trace, "marks", "mark_kinds", "cut"), 6u) << "three servers, both ways";
  EXPECT_GT(count(trace, "messages", "message_kinds", "request"), 0u);
  EXPECT_GT(count(trace, "messages", "message_kinds", "look"), 0u);
  EXPECT_GT(count(trace, "messages", "message_kinds", "zk-request"), 0u);
}

TEST(TraceJson, TheSameRunGivesTheSameBytes) {
  EXPECT_EQ(drawn(kStory).trace, drawn(kStory).trace);
  EXPECT_NE(drawn(kStory, 8).trace, drawn(kStory).trace);
}

TEST(TraceJson, LookingOnChangesNothing) {
  ParsedScenario parsed = parse_scenario("f", kStory);
  ToyFactory factory;
  RunResult plain = run_section(parsed.scenario, parsed.scenario.sections[0], 7, factory, {});
  EXPECT_EQ(plain.hash, drawn(kStory).result.hash);
}

TEST(TraceJson, AFailureNamesItsStepAndTheMomentsOfItsSentence) {
  Drawn run = drawn(std::string(kStory) + "expect exit L code=3 within 2s\n");
  Json trace = json(run.trace);

  const Json& verdict = *trace.find("verdict");
  EXPECT_EQ(string(verdict, "name"), "expectation not met");
  EXPECT_EQ(number(verdict, "line"), 9);
  ASSERT_EQ(verdict.find("moments_ns")->array()->size(), 1u);
  EXPECT_EQ(*verdict.find("moments_ns")->array()->at(0).integer() / 1000,
            run.result.time.ns / 1000);
}

TEST(TraceJson, FindsTheTimesInASentence) {
  EXPECT_EQ(moments_in("read from 12.345678s to 13.000000s, of 1.5s, 2.1234567s and 12.345678s"),
            (std::vector<SimTime>{{12'345'678'000}, {13'000'000'000}}));
  EXPECT_TRUE(moments_in(".123456s 10.0.0.1 x.").empty());
}

TEST(TraceJson, StaysSmallAtItsBound) {
  Tracing tracing;
  tracing.lanes.push_back({"m1", LaneKind::Master});
  for (std::uint64_t i = 0; i < 40'000; ++i) {
    TraceMessage message;
    message.sent = SimTime{100'000'000'000 + static_cast<std::int64_t>(i) * 1'000'000};
    message.received = message.sent + Duration::milliseconds(1);
    message.text = std::to_string(i) + std::string(300, '<');
    message.first = message.last = paxos::Position(100'000 + i);
    tracing.run.sent(std::move(message));
  }
  std::string trace = trace_json({"p", "f", "s", "", 1}, {}, tracing);

  EXPECT_EQ(json(trace).find("messages")->find("rows")->array()->size(), 18'000u);
  EXPECT_EQ(number(*json(trace).find("dropped"), "events"), 22'000);
  EXPECT_LE(picture_html(trace).size(), 2u << 20);
}

TEST(TraceJson, TextsAreValidUtf8AndEndNoScript) {
  Tracing tracing;
  tracing.lanes.push_back({"m1", LaneKind::Master});
  TraceMark mark;
  mark.text = "</script><script>alert(1)</script> \xff \xc3\xa9 \xe2\x82";
  tracing.run.mark(mark);
  RunResult result;
  result.text = "</SCRIPT> <!-- \x80";
  std::string trace = trace_json({"p", "f", "<s>", "", 1}, result, tracing);
  std::string inside = json_for_script(trace);

  EXPECT_EQ(inside.find('<'), std::string::npos);
  EXPECT_EQ(json(inside), json(trace)) << "escaping does not change what is said";
  EXPECT_EQ(*json(trace).find("texts")->array()->at(0).string(),
            "</script><script>alert(1)</script> ? \xc3\xa9 ??");
  std::string page = picture_html(trace);
  std::size_t data = page.find("id=\"trace\">");
  ASSERT_NE(data, std::string::npos);
  EXPECT_EQ(page.find('<', data), page.find("</script>", data)) << "the first < ends the data";
}

// The frames that a link between masters carries become messages with ballots and positions.
TEST(TraceJson, PaxosMessagesHaveBallotsAndPositions) {
  paxos::Ballot ballot{3, ReplicaId(1)};
  TraceMessage accept =
      describe(paxos::Message(paxos::Accept{ballot,
                                            paxos::Position(5),
                                            {},
                                            {paxos::Entry::no_op(), paxos::Entry::no_op()},
                                            paxos::Position(4),
                                            {}}));
  EXPECT_EQ(accept.kind, TraceMessageKind::Accept);
  EXPECT_EQ(accept.ballot, ballot);
  EXPECT_EQ(accept.first, paxos::Position(5));
  EXPECT_EQ(accept.last, paxos::Position(6));
  EXPECT_EQ(accept.text, "2 entries: no-op; chosen up to 4");

  TraceMessage rejected = describe(paxos::Message(paxos::Rejected{ballot, {9, ReplicaId(2)}}));
  EXPECT_EQ(rejected.text, "promised round 9");
}

}  // namespace
}  // namespace quorate::sim
