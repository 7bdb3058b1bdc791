#include "master/api/maintenance_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/base/random.h"

namespace quorate::api {
namespace {

using testing::HasSubstr;

const MachineId kM1{"m1.example", Ipv4{0x0a000001}};
const MachineId kM2{"m2.example", std::nullopt};

constexpr std::string_view kSchedule =
    R"({"windows":[{"machine_ids":[{"hostname":"m1.example","ip":"10.0.0.1"},)"
    R"({"hostname":"m2.example"}],"unavailability":{"duration":{"nanoseconds":3600000000000},)"
    R"("start":{"nanoseconds":1900000000000000000}}}]})";

std::string schedule_error(std::string_view text) {
  Result<MaintenanceSchedule> result = parse_schedule(text);
  return result ? "accepted" : result.error().text;
}
std::string ids_error(std::string_view text) {
  Result<std::vector<MachineId>> result = parse_machine_ids(text);
  return result ? "accepted" : result.error().text;
}
// A schedule of one window with this unavailability.
std::string with_unavailability(const std::string& json) {
  return R"({"windows":[{"machine_ids":[{"hostname":"m1"}],"unavailability":)" + json + "}]}";
}

TEST(MaintenanceSchedule, IsReadAndWrittenInTheSameForm) {
  Result<MaintenanceSchedule> schedule = parse_schedule(kSchedule);

  ASSERT_TRUE(schedule.has_value());
  ASSERT_EQ(schedule->windows.size(), 1u);
  EXPECT_EQ(schedule->windows[0].machine_ids, (std::vector<MachineId>{kM1, kM2}));
  EXPECT_EQ(schedule->windows[0].unavailability,
            (Unavailability{1'900'000'000'000'000'000, 3'600'000'000'000}));
  EXPECT_EQ(schedule_json(*schedule), kSchedule);
}

TEST(MaintenanceSchedule, MayBeEmpty) {
  for (const char* text : {"{}", R"({"windows":[]})", R"({"windows":null})", R"({"other":1})"})
    EXPECT_TRUE(parse_schedule(text)->windows.empty()) << text;
  EXPECT_EQ(schedule_json({}), "{}");
}

TEST(MaintenanceSchedule, WithoutDurationNeverEnds) {
  std::string text = with_unavailability(R"({"start":{"nanoseconds":-5}})");

  EXPECT_EQ(parse_schedule(text)->windows[0].unavailability, (Unavailability{-5, std::nullopt}));
  EXPECT_EQ(schedule_json(*parse_schedule(text)), text);
}

TEST(MaintenanceSchedule, TakesNumbersInTheFormsThatMesosTakes) {
  auto start = [](const std::string& number) {
    return parse_schedule(with_unavailability(R"({"start":{"nanoseconds":)" + number + "}}"))
        ->windows[0]
        .unavailability.start_ns;
  };
  EXPECT_EQ(start("\"1900000000000000001\""), 1'900'000'000'000'000'001);
  EXPECT_EQ(start("1.9e18"), 1'900'000'000'000'000'000);
  EXPECT_EQ(start("-9223372036854775808"), INT64_MIN);
}

TEST(MaintenanceSchedule, OfAnotherShapeIsRefusedWithItsPlace) {
  EXPECT_THAT(schedule_error(""), HasSubstr("not valid JSON at byte 0"));
  EXPECT_THAT(schedule_error("not json"), HasSubstr("not valid JSON"));
  EXPECT_THAT(schedule_error("{} x"), HasSubstr("not valid JSON"));
  EXPECT_EQ(schedule_error("[]"), "The body is not a JSON object");
  EXPECT_EQ(schedule_error(R"({"windows":{}})"), "'windows' is not a JSON array");
  EXPECT_EQ(schedule_error(R"({"windows":[1]})"), "'windows[0]' is not a JSON object");
  EXPECT_EQ(schedule_error(R"({"windows":[{}]})"), "'windows[0].unavailability' is missing");
  EXPECT_EQ(schedule_error(R"({"windows":[{"machine_ids":"m1"}]})"),
            "'windows[0].machine_ids' is not a JSON array");
  EXPECT_EQ(schedule_error(R"({"windows":[{"machine_ids":[{"hostname":1}]}]})"),
            "'windows[0].machine_ids[0].hostname' is not a string");
  EXPECT_EQ(schedule_error(with_unavailability("[]")),
            "'windows[0].unavailability' is not a JSON object");
  EXPECT_EQ(schedule_error(with_unavailability("{}")),
            "'windows[0].unavailability.start' is missing");
  EXPECT_EQ(schedule_error(with_unavailability(R"({"start":5})")),
            "'windows[0].unavailability.start' is not a JSON object");
  EXPECT_EQ(schedule_error(with_unavailability(R"({"start":{}})")),
            "'windows[0].unavailability.start.nanoseconds' is missing");
  EXPECT_EQ(schedule_error(with_unavailability(R"({"start":{"nanoseconds":1},"duration":{}})")),
            "'windows[0].unavailability.duration.nanoseconds' is missing");
}

TEST(MaintenanceSchedule, WithANumberThatIsNoneIsRefused) {
  for (const char* number :
       {"1.5", "9223372036854775808", "1e300", "\"ten\"", "\"\"", "true", "{}"})
    EXPECT_THAT(schedule_error(with_unavailability(R"({"start":{"nanoseconds":)" +
                                                   std::string(number) + "}}")),
                HasSubstr("not a whole number"))
        << number;
}

TEST(MachineIds, AreReadFromAnArray) {
  EXPECT_EQ(*parse_machine_ids(
                R"([{"hostname":"m1.example","ip":"10.0.0.1"},{"hostname":"m2.example"}])"),
            (std::vector<MachineId>{kM1, kM2}));
  EXPECT_EQ(*parse_machine_ids(R"([{"hostname":null,"ip":"10.0.0.1","more":[]}])"),
            (std::vector<MachineId>{{std::nullopt, Ipv4{0x0a000001}}}));
  EXPECT_TRUE(parse_machine_ids("[]")->empty());
}

TEST(MachineIds, OfAnotherShapeAreRefusedWithTheirPlace) {
  EXPECT_EQ(ids_error("{}"), "The body is not a JSON array of machines");
  EXPECT_EQ(ids_error(R"(["m1"])"), "'[0]' is not a JSON object");
  EXPECT_THAT(ids_error(R"([{"hostname":"m1"},{}])"), HasSubstr("'[1]': "));
  EXPECT_THAT(ids_error(R"([{"hostname":"m1","ip":"10.0.0.256"}])"), HasSubstr("10.0.0.256"));
  EXPECT_EQ(ids_error(R"([{"ip":167772161}])"), "'[0].ip' is not a string");
}

TEST(MaintenanceStatus, ListsWhatDrainsAndWhatIsDown) {
  EXPECT_EQ(status_json({}), "{}");
  EXPECT_EQ(status_json({{kM2, {MachineMode::Draining, {}}}}),
            R"({"draining_machines":[{"id":{"hostname":"m2.example"}}]})");
  EXPECT_EQ(status_json({{kM1, {MachineMode::Down, {}}}, {kM2, {MachineMode::Draining, {}}}}),
            R"({"down_machines":[{"hostname":"m1.example","ip":"10.0.0.1"}],)"
            R"("draining_machines":[{"id":{"hostname":"m2.example"}}]})");
  EXPECT_EQ(status_json({{kM1, {MachineMode::Up, {}}}}), "{}");
}

TEST(MaintenanceJson, CutAnywhereIsRefused) {
  for (std::size_t size = 0; size < kSchedule.size(); ++size)
    EXPECT_FALSE(parse_schedule(kSchedule.substr(0, size)).has_value()) << size;
}

TEST(MaintenanceJson, WhateverIsAcceptedAfterDamageReadsBackTheSame) {
  std::uint64_t accepted = 0;
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    RandomStream random(seed, "maintenance json");
    std::string text(kSchedule);
    for (std::uint64_t left = 1 + random.below(3); left > 0; --left) {
      std::size_t at = random.below(text.size());
      constexpr std::string_view kBytes = "\"{}[]:,0123456789-.enull\\u \xff";
      if (random.chance_ppm(700'000)) {
        text[at] = kBytes[random.below(kBytes.size())];
      } else {
        text.erase(at, 1 + random.below(5));
      }
    }
    Result<MaintenanceSchedule> schedule = parse_schedule(text);
    if (!schedule) continue;
    ++accepted;
    EXPECT_EQ(*parse_schedule(schedule_json(*schedule)), *schedule) << "seed " << seed;
  }
  EXPECT_GT(accepted, 100u);
}

}  // namespace
}  // namespace quorate::api
