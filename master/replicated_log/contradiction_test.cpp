#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/paxos/codec.h"
#include "master/replicated_log/ensemble_test_kit.h"

// Logs that hold different contents where both are sure: protocol.md 8, hazard N4.

namespace quorate::replicated_log {
namespace {

using testing::HasSubstr;

struct Contradictions : testing::Test {
  void SetUp() override {
    ASSERT_TRUE(ensemble.lead(0));
    for (int i = 0; i < 5; ++i) ensemble.append(0, "entry " + std::to_string(i));
    ASSERT_TRUE(ensemble.run_until([&] {
      return ensemble.log(0).gauges().learned == 6 && ensemble.log(1).gauges().learned == 6;
    }));
  }
  // `n` says to 0 that its chain value at position 3 is another one.
  void claims_another_chain(std::size_t n) {
    const Metadata& metadata = ensemble.log(n).metadata();
    paxos::Standing standing;
    standing.status = paxos::ReplicaStatus::Voting;
    standing.learned = paxos::Position{3};
    standing.chain = {0xbad, 0xbad};
    standing.quorum = 2;
    const paxos::Header header{metadata.ensemble, 0, metadata.replica, metadata.incarnation, {}};
    ensemble.log(0).receive(ensemble.now(), metadata.replica, paxos::encode(header, standing));
  }

  Ensemble ensemble{3, 2, 91};
};

TEST_F(Contradictions, OnePeerAgainstUsRaisesAnAlarmLeavesAReportAndEndsNobody) {
  claims_another_chain(1);
  ensemble.run(Duration::milliseconds(100));
  ASSERT_TRUE(ensemble.up(0)) << ensemble.why(0);
  EXPECT_EQ(ensemble.log(0).gauges().contradictions, 1U);

  const Bytes report = ensemble.image(0).at("report-contradiction");
  EXPECT_THAT(report, HasSubstr(to_text(ensemble.log(0).metadata().replica)));
  EXPECT_THAT(report, HasSubstr(to_text(ensemble.log(1).metadata().replica)));
  EXPECT_THAT(report, HasSubstr("position     3"));
  EXPECT_THAT(report, HasSubstr("0000000000000bad0000000000000bad"));
}

TEST_F(Contradictions, WhoContradictsCountsTowardsNoQuorum) {
  claims_another_chain(1);
  ensemble.append(0, "with 2 alone");
  ASSERT_TRUE(ensemble.run_until([&] { return ensemble.acknowledged().count("with 2 alone"); }));

  ensemble.kill(2);
  ensemble.append(0, "without a quorum");
  ensemble.run(Duration::milliseconds(700));
  EXPECT_FALSE(ensemble.acknowledged().count("without a quorum"));
}

TEST_F(Contradictions, AQuorumOfTheOthersAgainstItEndsAReplica) {
  claims_another_chain(1);
  claims_another_chain(2);
  ensemble.run(Duration::milliseconds(10));
  ASSERT_TRUE(ensemble.refusal(0));
  EXPECT_EQ(ensemble.refusal(0)->exit, Exit::LogCorrupt);
  EXPECT_THAT(ensemble.refusal(0)->why, HasSubstr("position 3"));
}

TEST_F(Contradictions, OnePeerThatSaysItOftenIsStillOne) {
  for (int i = 0; i < 10; ++i) claims_another_chain(1);
  ensemble.run(Duration::milliseconds(100));
  EXPECT_TRUE(ensemble.up(0));
}

TEST_F(Contradictions, WhatIsBelowEverySnapshotAndCheckpointIsNeverDifferent) {
  paxos::Table table;
  table.install(paxos::Position{10}, {1, 1});
  table.set_checkpoints({{paxos::Position{4}, {4, 4}, {}}});
  EXPECT_EQ(table.chain(paxos::Position{10}), (Digest{1, 1}));
  EXPECT_EQ(table.chain(paxos::Position{4}), (Digest{4, 4}));
  EXPECT_EQ(table.chain(paxos::Position{5}), std::nullopt);
}

}  // namespace
}  // namespace quorate::replicated_log
