#include <gtest/gtest.h>

#include <algorithm>

#include "sim/fault_parser.h"
#include "sim/master_node.h"
#include "sim/scenario_parser.h"
#include "sim/scenario_runner.h"

namespace quorate::sim {
namespace {

using faults::FaultDescription;
using faults::FaultKind;

// Each kind of fault has its effect on the production master: its counter says so.

struct Story {
  FaultKind kind;
  const char* steps;  // after a leader L is there and writes are under way
};
constexpr Story kStories[] = {
    {FaultKind::Start, ""},
    {FaultKind::Stop, "stop other1\nexpect exit other1 code=0\n"},
    {FaultKind::Kill, "kill other1 after 5\nexpect exit other1 code=137\n"},
    {FaultKind::PowerLoss, "power-loss other1 after 5\nexpect exit other1 code=137\n"},
    {FaultKind::Pause, "pause other1\n"},
    {FaultKind::Resume, "pause other1\nafter 1s resume other1\nexpect running other1\n"},
    {FaultKind::Cut, "cut L | zookeeper\nexpect exit L code=69\n"},
    {FaultKind::Heal, "cut L | other1\nheal\n"},
    {FaultKind::TornWrite, "torn-write other1 after 3\nexpect exit other1 code=137\n"},
    {FaultKind::LostWrite, "lost-write other1 after 3\nafter 3s kill other1\n"},
    {FaultKind::MisdirectedWrite, "misdirected-write other1 after 3\nafter 3s kill other1\n"},
    {FaultKind::BitRot, "bit-rot other1 in segment after 4\nafter 3s kill other1\n"},
    {FaultKind::FailedSync, "failed-sync other1\nexpect exit other1 code=74\n"},
    {FaultKind::SlowSync, "slow-sync L by 500ms\nafter 3s client write -> 200 within 10s\n"},
    {FaultKind::DiskFull, "disk-full other1 after 2\nafter 5s disk-freed other1\n"},
    {FaultKind::DiskFreed, "disk-full other1\nafter 5s disk-freed other1\n"},
    {FaultKind::SaveCopy, "save-copy other1\n"},
    {FaultKind::RestoreCopy, "save-copy other1\nafter 1s restore-copy other1\nstart other1\n"},
    {FaultKind::Wipe, "wipe other1 after 7\nexpect exit other1 code=137\n"},
    {FaultKind::LoseMessages, "lose-messages 100000\nafter 5s lose-messages 0\n"},
    {FaultKind::DuplicateMessages, "duplicate-messages 100000\nafter 5s duplicate-messages 0\n"},
    {FaultKind::DelayMessages, "delay-messages 200000 by 300ms\nafter 5s heal\n"},
    {FaultKind::MutateMessages, "mutate-messages 50000\nafter 5s mutate-messages 0\n"},
    {FaultKind::SlowCpu, "slow-cpu other1 by 2ms\nafter 5s slow-cpu other1 by 0s\n"},
    {FaultKind::Restart,
     "restart other1 with log_repair=peers\nexpect exit other1 code=0\n"
     "expect running other1\n"},
    {FaultKind::StartWith, "kill other1\nstart other1 with quorum=3\n"},
    {FaultKind::StartExtra, "start-extra m4 with quorum=2\nafter 5s heal\n"},
    {FaultKind::LoseNames, "lose-names other1\nkill other1\nstart other1\nafter 5s heal\n"},
    {FaultKind::SlowNames, "slow-names other1 by 3s\nkill other1\nstart other1\nafter 5s heal\n"},
    {FaultKind::ClockRate, "clock L rate=1.05\nafter 5s clock L rate=0.95\n"},
    {FaultKind::WallRate, "clock L wall-rate=0.9\n"},
    {FaultKind::ClockForward, "clock L jump=+1h\n"},
    {FaultKind::ClockBackward, "clock L jump=-1h\n"},
    {FaultKind::ClockLeap, "clock L leap=3s\n"},
    {FaultKind::SlowLink, "link L | other1 delay=50ms jitter=20ms\nafter 3s heal L | other1\n"},
    {FaultKind::NarrowLink, "link {L} | {other1 other2} bandwidth=20000\n"},
    {FaultKind::Clog, "clog L | other1 for 2s\n"},
    {FaultKind::Reset, "reset L | other1\n"},
    {FaultKind::Refuse, "refuse other1 | L\nreset L | other1\n"},
    {FaultKind::DropDials, "drop-dials other1 | L\nreset L | other1\n"},
    {FaultKind::HalfOpen, "half-open other1 -> L\n"},
    {FaultKind::Shred, "shred {L} | {other1 client}\n"},
    {FaultKind::FailedRead, "kill other1\nfailed-read other1 after 1\nstart other1\n"},
    {FaultKind::FailedWrite, "failed-write other1\nexpect exit other1 code=74\n"},
    {FaultKind::SlowDisk, "slow-disk other1 by 20ms after 2\nafter 5s slow-disk other1 by 0s\n"},
    {FaultKind::HungDisk, "hung-disk other1 for 3s after 2\n"},
    {FaultKind::LoseFile, "lose-file other1 in segment\nstart other1\n"},
    {FaultKind::CutFile, "cut-file other1 in segment after 2\nafter 2s start other1\n"},
    {FaultKind::CloneDisk, "clone-disk L other1\nstart other1\n"},
    {FaultKind::ExpireSession, "expire L\nexpect exit L code=69\n"},
    {FaultKind::DeleteNode, "delete-node other1\n"},
    {FaultKind::LagServer, "lag zookeeper by 1s\nexpire other1\n"},
    {FaultKind::LoseAccess, "lose-access for 5s\nexpire other1\n"},
};

ParsedScenario story(const char* steps) {
  return parse_scenario("story", std::string("scenario: x\nmasters m1 m2 m3, quorum=2\n"
                                             "at 0s start m1 m2 m3\n"
                                             "expect one leader within 30s as L\n"
                                             "every 100ms client write\n") +
                                     steps + "after 5s heal\n");
}

class FaultKinds : public testing::TestWithParam<Story> {};

TEST_P(FaultKinds, HasItsEffectOnEverySeed) {
  ParsedScenario parsed = story(GetParam().steps);
  for (const Mistake& m : parsed.mistakes) FAIL() << m.line << ":" << m.column << " " << m.text;
  MasterFactory masters;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    RunResult result =
        run_section(parsed.scenario, parsed.scenario.sections.at(0), seed, masters, {});
    EXPECT_EQ(result.verdict, Verdict::Pass) << "seed " << seed << ": " << result.text;
    EXPECT_GT(result.faults[GetParam().kind], 0u) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(All, FaultKinds, testing::ValuesIn(kStories), [](const auto& param) {
  std::string name(faults::description_of(param.param.kind).name);
  std::erase(name, '-');
  return name;
});

TEST(FaultKinds, EveryKindOfTheLanguageHasAStory) {
  for (const FaultDescription& kind : faults::fault_kinds()) {
    const bool told = std::any_of(std::begin(kStories), std::end(kStories),
                                  [&](const Story& each) { return each.kind == kind.kind; });
    EXPECT_EQ(told, kind.in_scenarios) << kind.name;
  }
}

// What is not asked for does not happen: a counter that always counts proves nothing.
TEST(FaultKinds, WithoutFaultsNothingIsCountedButTheStart) {
  ParsedScenario parsed = story("");
  MasterFactory masters;
  RunResult result = run_section(parsed.scenario, parsed.scenario.sections.at(0), 1, masters, {});
  for (const auto& [kind, count] : result.faults)
    EXPECT_TRUE(kind == FaultKind::Start || kind == FaultKind::Heal)
        << faults::description_of(kind).name << " " << count;
}

TEST(FaultKinds, WhatIsWrittenIsReadAsTheSameFault) {
  for (const Story& each : kStories) {
    const ParsedScenario parsed = story(each.steps);
    for (const Step& step : parsed.scenario.sections.at(0).steps) {
      const auto* fault = std::get_if<faults::Fault>(&step.action);
      if (fault == nullptr) continue;
      const std::string text = faults::to_text(*fault);
      KnownNames names;
      names.masters = {"m1", "m2", "m3"};
      names.bound = {"L", "other1", "other2", "m5"};
      LineReader in(text, 1);
      const std::string verb(in.word());
      EXPECT_EQ(parse_fault(in, names, verb), *fault) << text;
      EXPECT_FALSE(in.mistake()) << text << ": " << in.mistake()->text;
    }
  }
}

}  // namespace
}  // namespace quorate::sim
