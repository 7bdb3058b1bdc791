#include "sim/report.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

const RunId kRun{"quorate-sim", "scenarios/x.scenario", "x", "part", 7};

TEST(Report, APassIsOneLineWithItsHash) {
  RunResult result;
  result.hash = 255;
  result.time = SimTime{12'340'000'000};
  result.events = 5;
  EXPECT_EQ(text_report(kRun, result),
            "x[part] seed 7: ok, hash 00000000000000ff, 12.3 s, 5 events, 0 writes, 0 learned\n");
}

TEST(Report, AFailureNamesTheStepAndTheCommandThatReplaysIt) {
  RunResult result;
  result.verdict = Verdict::ExpectationNotMet;
  result.line = 4;
  result.step = "expect one leader";
  result.text = "it did not come";
  result.notes = {"m1: a warning"};
  std::string text = text_report(kRun, result);
  EXPECT_NE(text.find("FAIL  x[part] seed 7: expectation not met\n"), std::string::npos);
  EXPECT_NE(text.find("scenarios/x.scenario:4: expect one leader\n"), std::string::npos);
  EXPECT_NE(text.find("| m1: a warning\n"), std::string::npos);
  EXPECT_NE(text.find("replay: quorate-sim run --seed=7 --section=part scenarios/x.scenario\n"),
            std::string::npos);
}

TEST(Report, JsonIsOneObjectInOneLine) {
  RunResult result;
  result.verdict = Verdict::SafetyViolated;
  result.text = "two \"leaders\"";
  std::string text = json_report(kRun, result);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_NE(text.find(R"("verdict":"safety violated","code":1)"), std::string::npos) << text;
}

}  // namespace
}  // namespace quorate::sim
