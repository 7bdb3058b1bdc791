#include <gtest/gtest.h>

#include "sim/disk_oracles.h"
#include "sim/exit_oracle.h"
#include "sim/fail_fast_oracle.h"
#include "sim/redirect_oracle.h"

// Each oracle with what it must forgive and what it must find.

namespace quorate::sim {
namespace {

using faults::FaultKind;

SimTime s(std::int64_t seconds) { return SimTime{} + Duration::seconds(seconds); }
MonoTime clock_at(std::int64_t seconds) { return MonoTime{Duration::seconds(seconds).ns}; }
const RunOfMaster kOne{"m1", 1};
const RunOfMaster kTwo{"m2", 1};

// --- Who leads

ZkTree tree_with(const std::vector<std::string>& masters) {
  ZkTree tree;
  std::string path = "/quorate";
  EXPECT_EQ(tree.create({}, path, "", {}), CoordinationCode::Ok);
  for (const std::string& ip : masters) {
    path = "/quorate/json.info_";
    tree.create({}, path, R"({"pid":"master@)" + ip + R"(:5050"})",
                {false, true, CoordinationAcl::Open});
  }
  return tree;
}

TEST(LeadershipHistory, TheLowestNodeLeads) {
  LeadershipHistory history;
  std::vector<LeadershipHistory::HostNow> hosts = {{"m1", "10.0.0.1", 4}, {"m2", "10.0.0.2", 1}};
  ZkTree tree = tree_with({"10.0.0.2", "10.0.0.1"});
  EXPECT_TRUE(history.look(s(1), tree, hosts));
  EXPECT_EQ(history.leader(), kTwo);
  tree.remove({}, "/quorate/json.info_0000000000", -1);
  EXPECT_TRUE(history.look(s(5), tree, hosts));
  EXPECT_EQ(history.leader(), (RunOfMaster{"m1", 4}));
  EXPECT_FALSE(history.look(s(6), tree, hosts));
  EXPECT_EQ(history.ended(kTwo), s(5));
  EXPECT_TRUE(history.led("m2", s(4), s(9)));
  EXPECT_FALSE(history.led("m2", s(6), s(9)));
}

TEST(LeadershipHistory, ANodeBelongsToTheRunThatMadeIt) {
  LeadershipHistory history;
  std::vector<LeadershipHistory::HostNow> hosts = {{"m1", "10.0.0.1", 1}, {"m2", "10.0.0.2", 1}};
  ZkTree tree = tree_with({"10.0.0.1"});
  history.look(s(1), tree, hosts);
  hosts[0].incarnation = 2;  // restarted; the node of the dead run is still there
  std::string path = "/quorate/json.info_";
  tree.create({}, path, R"({"pid":"master@10.0.0.2:5050"})", {false, true, CoordinationAcl::Open});
  history.look(s(2), tree, hosts);
  EXPECT_EQ(history.leader(), kOne);
}

// --- Redirects

// m1 leads from 10 s, m2 from 50 s.
struct Redirects : testing::Test {
  Redirects() {
    history.leads(s(10), kOne);
    history.leads(s(50), kTwo);
  }
  std::optional<std::string> says(const std::string& host, int status, const std::string& location,
                                  std::int64_t second, const std::string& path = "/state") {
    return oracle.answered(
        {host, path, status, location, s(second), s(second + 1), s(second), false});
  }
  LeadershipHistory history;
  RedirectOracle oracle{history, Duration::seconds(10)};
};

TEST_F(Redirects, AStandbyPointsToTheLeader) {
  EXPECT_EQ(says("m2", 307, "m1", 20), std::nullopt);
  EXPECT_EQ(says("m3", 307, "m2", 60), std::nullopt);
  EXPECT_EQ(says("m3", 503, "", 5), std::nullopt);
  EXPECT_EQ(says("m2", 200, "", 60), std::nullopt);
  EXPECT_EQ(says("m3", 307, "m1", 53), std::nullopt) << "the news are under way";
  EXPECT_EQ(oracle.judged(), 5u);
}
TEST_F(Redirects, WhoWasCutFromZookeeperMayBeBehind) {
  EXPECT_NE(says("m3", 307, "m1", 90), std::nullopt);
  EXPECT_EQ(oracle.answered({"m3", "/state", 307, "m1", s(90), s(91), s(49), false}), std::nullopt);
}
TEST_F(Redirects, APointerToOneWhoDoesNotLeadIsAViolation) {
  EXPECT_NE(says("m3", 307, "m2", 20), std::nullopt);
  EXPECT_NE(says("m3", 307, "m1", 200), std::nullopt);
  EXPECT_NE(says("m3", 307, "", 20), std::nullopt);
}
TEST_F(Redirects, APointerToItselfIsAViolation) {
  EXPECT_NE(says("m1", 307, "m1", 60), std::nullopt);
  EXPECT_NE(says("m1", 307, "m1", 60, "/redirect"), std::nullopt) << "while another leads";
  EXPECT_EQ(says("m1", 307, "m1", 20, "/redirect"), std::nullopt);
}
TEST_F(Redirects, AnAnswerInTheLeadersPlaceIsAViolation) {
  EXPECT_NE(says("m1", 200, "", 60), std::nullopt);
  EXPECT_NE(says("m3", 200, "", 20, "/maintenance/schedule"), std::nullopt);
}
// A person ended its session while the connection to ZooKeeper was clogged: until its lease ends
// nothing tells it.
TEST_F(Redirects, WhoCannotKnowThatItsSessionWasEndedAnswersWithinItsLease) {
  SeenAnswer answer{"m1", "/state", 200, {}, s(58), s(59), s(58), false};
  EXPECT_NE(oracle.answered(answer), std::nullopt);
  answer.unaware = Duration::seconds(10);
  EXPECT_EQ(oracle.answered(answer), std::nullopt);
  answer.sent = s(64);
  answer.done = s(65);
  EXPECT_NE(oracle.answered(answer), std::nullopt) << "its lease is over";
  answer = {"m3", "/state", 200, {}, s(58), s(59), s(58), false, Duration::seconds(10)};
  EXPECT_NE(oracle.answered(answer), std::nullopt) << "it never led";
}
TEST_F(Redirects, WhatIsEveryonesIsAnsweredByEveryone) {
  EXPECT_EQ(says("m3", 200, "", 20, "/health"), std::nullopt);
  EXPECT_NE(says("m3", 307, "m1", 20, "/health"), std::nullopt);
  EXPECT_NE(says("m3", 503, "", 20, "/version"), std::nullopt);
}

// --- Fail-fast

struct FailFast : testing::Test {
  FailFast() {
    history.leads(s(0), kOne);
    oracle.claimed(kOne);
  }
  std::optional<std::string> looks(std::int64_t second, bool reaches, bool paused = false) {
    return oracle.look(s(second), {kOne, clock_at(1000 + second), reaches, paused, false});
  }
  LeadershipHistory history;
  FailFastOracle oracle{history, Duration::seconds(10)};
};

TEST_F(FailFast, AShortCutIsForgiven) {
  EXPECT_EQ(looks(1, true), std::nullopt);
  EXPECT_EQ(looks(2, false), std::nullopt);
  EXPECT_EQ(looks(12, false), std::nullopt);
  EXPECT_EQ(looks(13, true), std::nullopt);
  EXPECT_EQ(looks(22, false), std::nullopt);
}
TEST_F(FailFast, ALeaderThatOutlivesItsSessionIsAViolation) {
  looks(2, false);
  looks(13, false);
  EXPECT_NE(looks(14, false), std::nullopt);
}
TEST_F(FailFast, ItsOwnClockCounts) {
  // Half as fast as true time.
  FailFastOracle::Look look{kOne, clock_at(1000), false, false, true};
  oracle.look(s(0), look);
  look.clock = clock_at(1009);
  EXPECT_EQ(oracle.look(s(18), look), std::nullopt);
  look.clock = clock_at(1011);
  oracle.look(s(22), look);
  EXPECT_NE(oracle.look(s(23), look), std::nullopt);
}
TEST_F(FailFast, AStandbyMayBeCutForAsLongAsItLikes) {
  EXPECT_EQ(oracle.look(s(1), {kTwo, clock_at(1), false, false, false}), std::nullopt);
  EXPECT_EQ(oracle.look(s(60), {kTwo, clock_at(60), false, false, false}), std::nullopt);
}
TEST_F(FailFast, AHaltedLeaderLeavesWhenItGoesOn) {
  looks(2, true, true);
  history.leads(s(12), kTwo);
  EXPECT_EQ(looks(30, true, true), std::nullopt);
  EXPECT_EQ(looks(30, true), std::nullopt);
  looks(35, true);
  EXPECT_NE(looks(36, true), std::nullopt);
}
TEST_F(FailFast, WhoCannotKnowThatItsSessionWasEndedLeavesWithItsLease) {
  history.leads(s(5), kTwo);
  FailFastOracle::Look look{kOne, clock_at(1005), true, false, false, Duration::seconds(10)};
  oracle.look(s(5), look);
  look.clock = clock_at(1018);
  EXPECT_EQ(oracle.look(s(18), look), std::nullopt);
  look.clock = clock_at(1019);
  oracle.look(s(19), look);
  look.clock = clock_at(1020);
  EXPECT_NE(oracle.look(s(20), look), std::nullopt);
}
// Halted while those before it left, and until its own session was over.
TEST(FailFastOracle, WhoNeverKnewThatItLedStaysAStandby) {
  LeadershipHistory history;
  FailFastOracle oracle{history, Duration::seconds(10)};
  history.leads(s(5), kOne);
  FailFastOracle::Look look{kOne, clock_at(5), true, true, false, {}, true};
  for (std::int64_t i = 5; i < 30; ++i) {
    look.clock = clock_at(i);
    EXPECT_EQ(oracle.look(s(i), look), std::nullopt);
    if (i == 10) history.leads(s(i), kTwo);
  }
  look.paused = look.disturbed = false;
  for (std::int64_t i = 30; i < 60; ++i) {
    look.clock = clock_at(i);
    EXPECT_EQ(oracle.look(s(i), look), std::nullopt);
  }
}
TEST(FailFastOracle, WhoHadTimeToHearThatItLedKnows) {
  LeadershipHistory history;
  FailFastOracle oracle{history, Duration::seconds(10)};
  history.leads(s(5), kOne);
  std::optional<std::string> wrong;
  for (std::int64_t i = 5; i < 20; ++i) {
    if (i == 12) history.leads(s(i), kTwo);
    auto says = oracle.look(s(i), {kOne, clock_at(i), true, false, false, {}, false});
    EXPECT_TRUE(i >= 16 || !says) << i;
    if (says) wrong = says;
  }
  EXPECT_NE(wrong, std::nullopt);
}
TEST_F(FailFast, NothingAskedAfterASuccessorWasConfirmedIsConfirmed) {
  EXPECT_EQ(oracle.confirmed(kOne, s(1), s(2)), std::nullopt);
  history.leads(s(10), kTwo);
  EXPECT_EQ(oracle.confirmed(kTwo, s(11), s(12)), std::nullopt);
  EXPECT_EQ(oracle.confirmed(kOne, s(11), s(15)), std::nullopt) << "asked before";
  EXPECT_NE(oracle.confirmed(kOne, s(13), s(14)), std::nullopt);
}
TEST_F(FailFast, AMasterThatIsElectedAgainIsAnotherRun) {
  oracle.confirmed(kOne, s(1), s(2));
  history.leads(s(10), kTwo);
  oracle.confirmed(kTwo, s(11), s(12));
  history.leads(s(20), RunOfMaster{"m1", 2});
  EXPECT_EQ(oracle.confirmed({"m1", 2}, s(21), s(22)), std::nullopt);
}

// It stood first while it was cut off, lost its session, and made itself another node.
TEST_F(FailFast, ARunThatStoodFirstUnknowinglyMayBeElectedLater) {
  history.leads(s(10), kTwo);
  EXPECT_EQ(oracle.confirmed(kTwo, s(11), s(12)), std::nullopt);
  history.leads(s(20), kOne);
  EXPECT_EQ(oracle.confirmed(kOne, s(21), s(22)), std::nullopt);
  EXPECT_NE(oracle.confirmed(kTwo, s(23), s(24)), std::nullopt);
}

// --- Exits

TEST(ExitOracle, EachCodeHasItsCause) {
  struct Case {
    int code;
    FaultKind cause;
  };
  for (const Case& each :
       {Case{0, FaultKind::Stop}, Case{137, FaultKind::Kill}, Case{137, FaultKind::PowerLoss},
        Case{69, FaultKind::Cut}, Case{75, FaultKind::Kill}, Case{74, FaultKind::FailedSync},
        Case{74, FaultKind::DiskFull}, Case{78, FaultKind::LoseAccess}, Case{65, FaultKind::BitRot},
        Case{77, FaultKind::Wipe}}) {
    ExitOracle oracle({});
    EXPECT_NE(oracle.ended("m1", each.code, "?"), std::nullopt) << each.code << " out of nothing";
    oracle.befell(each.cause, {"m1"});
    EXPECT_EQ(oracle.ended("m1", each.code, "?"), std::nullopt) << each.code;
  }
}
TEST(ExitOracle, WrongFlagsExplainARefusalAndAPlainRestartDoesNot) {
  ExitOracle oracle({});
  oracle.befell(FaultKind::Restart, {"m1"});
  EXPECT_NE(oracle.ended("m1", 64, "?"), std::nullopt);
  EXPECT_NE(oracle.ended("m1", 77, "?"), std::nullopt);
  oracle.flags_go_wrong();
  EXPECT_EQ(oracle.ended("m1", 64, "?"), std::nullopt);
  EXPECT_EQ(oracle.ended("m1", 77, "?"), std::nullopt);
}
TEST(ExitOracle, WhatIsNoCodeOfAMasterIsAViolation) {
  ExitOracle oracle({true, true});
  for (FaultKind kind : {FaultKind::Kill, FaultKind::Stop, FaultKind::Cut, FaultKind::BitRot})
    oracle.befell(kind, {"m1"});
  for (int code : {1, 2, 66, 76, 255}) EXPECT_NE(oracle.ended("m1", code, "?"), std::nullopt);
}
TEST(ExitOracle, AnotherHostsFateExplainsNothing) {
  ExitOracle oracle({});
  oracle.befell(FaultKind::Kill, {"m2"});
  oracle.befell(FaultKind::DiskFull, {"m2"});
  EXPECT_NE(oracle.ended("m1", 137, "?"), std::nullopt);
  EXPECT_NE(oracle.ended("m1", 74, "?"), std::nullopt);
  EXPECT_NE(oracle.ended("m1", 0, "?"), std::nullopt);
}
TEST(ExitOracle, PowerLossNeverMakesACorruptLog) {
  ExitOracle oracle({});
  oracle.befell(FaultKind::PowerLoss, {"m1"});
  EXPECT_NE(oracle.ended("m1", 65, "?"), std::nullopt);
}
TEST(ExitOracle, StartingAndHealingExplainNothing) {
  ExitOracle oracle({});
  oracle.befell(FaultKind::Start, {"m1"});
  oracle.befell(FaultKind::Heal, {});
  EXPECT_NE(oracle.ended("m1", 69, "?"), std::nullopt);
}

// --- Disks

paxos::Entry data(const std::string& payload) {
  paxos::Entry entry;
  entry.kind = paxos::EntryKind::Data;
  entry.payload = SharedBytes(payload);
  return entry;
}

// A log with these payloads at 1, 2, 3 ..., all learned.
replicated_log::LogRead log_of(const std::vector<std::string>& payloads) {
  replicated_log::LogRead log;
  paxos::Position at;
  Digest chain{};
  for (const std::string& payload : payloads) {
    at = at.next();
    chain = chain_value(chain, at, data(payload));
    replicated_log::RecordRead slot;
    slot.record = paxos::SlotRecord{{at, {}, data(payload)}, false};
    log.records.push_back(slot);
  }
  replicated_log::RecordRead mark;
  mark.record = paxos::LearnedRecord{at, chain};
  log.records.push_back(mark);
  return log;
}

TEST(ChainOracle, ComputesWhatTheMasterComputes) {
  paxos::Entry entry = data("payload");
  entry.assumed_chain = {3, 4};
  EXPECT_EQ(chain_value({1, 2}, paxos::Position(7), entry),
            chain_after({1, 2}, paxos::Position(7), entry));
}
TEST(ChainOracle, DisksThatAgreeAreLegal) {
  ChainOracle oracle;
  EXPECT_EQ(oracle.look("m1", log_of({"a", "b", "c"})), std::nullopt);
  EXPECT_EQ(oracle.look("m2", log_of({"a", "b"})), std::nullopt);
  EXPECT_GT(oracle.judged(), 4u);
}
TEST(ChainOracle, AnotherValueAtAPositionIsAViolation) {
  ChainOracle oracle;
  EXPECT_EQ(oracle.look("m1", log_of({"a", "b", "c"})), std::nullopt);
  EXPECT_NE(oracle.look("m2", log_of({"a", "x", "c"})), std::nullopt);
}
TEST(ChainOracle, AMarkThatIsNotOfWhatTheDiskHoldsIsAViolation) {
  replicated_log::LogRead log = log_of({"a", "b"});
  std::get<paxos::SlotRecord>(log.records[1].record).slot.entry = data("x");
  ChainOracle oracle;
  EXPECT_NE(oracle.look("m1", log), std::nullopt);
}
TEST(ChainOracle, WhatIsNotLearnedMayDiffer) {
  ChainOracle oracle;
  EXPECT_EQ(oracle.look("m1", log_of({"a"})), std::nullopt);
  replicated_log::LogRead log = log_of({"a"});
  replicated_log::RecordRead slot;
  slot.record = paxos::SlotRecord{{paxos::Position(2), {}, data("never chosen")}, false};
  log.records.push_back(slot);
  EXPECT_EQ(oracle.look("m2", log), std::nullopt);
  EXPECT_EQ(oracle.look("m3", log_of({"a", "b"})), std::nullopt);
}
TEST(ChainOracle, ASnapshotStandsForWhatIsBelowIt) {
  ChainOracle oracle;
  replicated_log::LogRead whole = log_of({"a", "b", "c"});
  EXPECT_EQ(oracle.look("m1", whole), std::nullopt);
  Digest two =
      chain_value(chain_value({}, paxos::Position(1), data("a")), paxos::Position(2), data("b"));
  replicated_log::LogRead cut = whole;
  cut.records.erase(cut.records.begin(), cut.records.begin() + 2);
  cut.snapshot.emplace();
  cut.snapshot->position = paxos::Position(2);
  cut.snapshot->chain = two;
  EXPECT_EQ(oracle.look("m2", cut), std::nullopt);
  cut.snapshot->chain = {9, 9};
  EXPECT_NE(oracle.look("m3", cut), std::nullopt);
}

TEST(DiskUse, StaysBelowThreeTimesWhatLivesAndThreeSegments) {
  EXPECT_EQ(too_much("m1", {.written_bytes = 599, .live_bytes = 100, .segment_bytes = 100}),
            std::nullopt);
  EXPECT_NE(too_much("m1", {.written_bytes = 600, .live_bytes = 100, .segment_bytes = 100}),
            std::nullopt);
}
TEST(DiskUse, CountsWhatIsWrittenAndWhatLives) {
  DiskImage disk;
  disk.make("segment-0000000000000001").resize(1 << 20);
  disk.make("metadata-a").resize(8192);
  replicated_log::LogRead log = log_of({"four", "five5"});
  log.segments.push_back({"segment-0000000000000001", 1 << 20, false, 2, 12'288, {}});
  DiskUse use = disk_use(disk, log);
  EXPECT_EQ(use.written_bytes, 12'288u + 8192u);
  EXPECT_EQ(use.live_bytes, 9u);
  EXPECT_EQ(use.segment_bytes, 1u << 20);
}

}  // namespace
}  // namespace quorate::sim
