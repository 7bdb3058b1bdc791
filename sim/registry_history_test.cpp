#include "sim/registry_history.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

constexpr const char* kSchedule =
    R"({"windows":[{"machine_ids":[{"hostname":"H1","ip":"10.9.0.1"},{"hostname":"h0"}]}]})";

HttpQuestion post(const std::string& target, const std::string& body) {
  HttpQuestion out;
  out.method = "POST";
  out.target = target;
  out.body = body;
  return out;
}
HttpQuestion get(const std::string& target) {
  HttpQuestion out;
  out.target = target;
  return out;
}
HttpReply reply(int status, const std::string& body = {}) {
  HttpReply out;
  out.status = status;
  out.body = body;
  out.left = true;
  out.sent = SimTime{10};
  out.done = SimTime{20};
  return out;
}

// The operations after one change was asked and answered.
std::vector<RegistryOperation> after_change(const HttpReply& answer) {
  RegistryHistory history;
  history.asked(1, post("/maintenance/schedule", kSchedule), SimTime{5});
  EXPECT_EQ(history.answered(1, post("/maintenance/schedule", kSchedule), answer, "m1"),
            std::nullopt);
  EXPECT_EQ(history.settled(), 1u);
  return history.operations();
}

TEST(RegistryHistory, KnowsItsCalls) {
  EXPECT_EQ(registry_call(post("/master/machine/down", "")), RegistryCall::Down);
  EXPECT_EQ(registry_call(post("/machine/up", "")), RegistryCall::Up);
  EXPECT_EQ(registry_call(get("/maintenance/schedule?jsonp=x")), RegistryCall::ReadSchedule);
  EXPECT_EQ(registry_call(get("/master/maintenance/status")), RegistryCall::ReadStatus);
  EXPECT_EQ(registry_call(get("/state")), std::nullopt);
  EXPECT_EQ(registry_call(get("/machine/down")), std::nullopt);
}

TEST(RegistryHistory, ReadsBodiesOfEachForm) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(machines_in(RegistryCall::Replace, kSchedule)->machines, (Names{"h0/", "h1/10.9.0.1"}));
  EXPECT_EQ(machines_in(RegistryCall::ReadSchedule, "{}")->machines, Names{});
  EXPECT_EQ(machines_in(RegistryCall::Down, R"([{"hostname":"a","ip":"1.2.3.4"}])")->machines,
            Names{"a/1.2.3.4"});
  auto status = machines_in(
      RegistryCall::ReadStatus,
      R"({"down_machines":[{"hostname":"a"}],"draining_machines":[{"id":{"hostname":"b"}}]})");
  EXPECT_EQ(status->machines, Names{"b/"});
  EXPECT_EQ(status->down, Names{"a/"});
  EXPECT_FALSE(machines_in(RegistryCall::Down, "{}"));
  EXPECT_FALSE(machines_in(RegistryCall::Replace, "[]"));
  EXPECT_FALSE(machines_in(RegistryCall::ReadSchedule, R"({"windows":[3]})"));
  EXPECT_FALSE(machines_in(RegistryCall::ReadSchedule, "no"));
}

TEST(RegistryHistory, AChangeThatIsAcknowledgedHasItsInterval) {
  auto operations = after_change(reply(200));
  ASSERT_EQ(operations.size(), 1u);
  EXPECT_EQ(operations[0].begins, SimTime{10});
  EXPECT_EQ(operations[0].ends, SimTime{20});
  EXPECT_EQ(operations[0].who, "m1");
}

TEST(RegistryHistory, ARefusedOrRedirectedChangeIsNotInIt) {
  EXPECT_TRUE(after_change(reply(400)).empty());
  EXPECT_TRUE(after_change(reply(307)).empty());
  EXPECT_TRUE(after_change(reply(503)).empty());
}

TEST(RegistryHistory, WithoutAnAnswerTheOutcomeIsUnknownIfTheRequestLeft) {
  ASSERT_EQ(after_change(reply(0)).size(), 1u);
  EXPECT_TRUE(after_change(reply(0))[0].unknown());
  EXPECT_TRUE(after_change(reply(500))[0].unknown());
  HttpReply refused = reply(0);
  refused.left = false;
  EXPECT_TRUE(after_change(refused).empty());
}

TEST(RegistryHistory, WhatIsUnderWayHasAnUnknownOutcome) {
  RegistryHistory history;
  history.asked(1, post("/maintenance/schedule", kSchedule), SimTime{5});
  history.asked(2, get("/maintenance/schedule"), SimTime{5});
  ASSERT_EQ(history.operations().size(), 1u);
  EXPECT_TRUE(history.operations()[0].unknown());
  EXPECT_EQ(history.open(), 2u);
}

TEST(RegistryHistory, AStaleReadOfAnotherClientIsFound) {
  RegistryHistory history;
  history.asked(1, post("/maintenance/schedule", kSchedule), SimTime{5});
  history.answered(1, post("/maintenance/schedule", kSchedule), reply(200), "m1");
  HttpReply stale = reply(200, "{}");
  stale.sent = SimTime{21};
  stale.done = SimTime{30};
  EXPECT_EQ(history.observed(get("/maintenance/schedule"), stale, "m2"), std::nullopt);
  LinearVerdict verdict = history.judge();
  EXPECT_EQ(verdict.result, LinearResult::Violated);
  EXPECT_NE(verdict.text.find("GET /maintenance/schedule at m2"), std::string::npos);
}

TEST(RegistryHistory, WhatIsNoScheduleIsSaid) {
  RegistryHistory history;
  EXPECT_NE(history.observed(get("/maintenance/schedule"), reply(200, "oops"), "m2"), std::nullopt);
}

}  // namespace
}  // namespace quorate::sim
