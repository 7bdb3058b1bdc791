#include "sim/log_oracle.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

using paxos::Position;

// Each violation has a history that shows it, and a legal one that does not.
class LogOracleTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* payload : {"a", "b", "c"}) oracle.appended(payload);
    oracle.handed_out(r1, Position(2), "a");
    oracle.handed_out(r1, Position(4), "b");
    oracle.acknowledged("a");
    oracle.acknowledged("b");
    ASSERT_EQ(oracle.violation(), std::nullopt);
  }
  std::string broken() const { return oracle.violation().value_or("").substr(0, 5); }

  LogOracle oracle{true};
  LogOracle::Reader r1{.name = "r1", .state = {}, .at = {}, .states = {}};
  LogOracle::Reader r2{.name = "r2", .state = {}, .at = {}, .states = {}};
};

TEST_F(LogOracleTest, AcceptsTheSameHistoryFromAnother) {
  oracle.handed_out(r2, Position(2), "a");
  oracle.handed_out(r2, Position(4), "b");
  oracle.confirmed(r2, oracle.last_acknowledged());
  EXPECT_EQ(oracle.violation(), std::nullopt);
}

TEST_F(LogOracleTest, TwoValuesAtAPosition) {
  oracle.handed_out(r2, Position(2), "c");
  EXPECT_EQ(broken(), "agree");
}

TEST_F(LogOracleTest, ALeftOutEntry) {
  oracle.handed_out(r2, Position(4), "b");
  EXPECT_EQ(broken(), "agree");
}

TEST_F(LogOracleTest, AnEntryTwice) {
  oracle.handed_out(r1, Position(5), "a");
  EXPECT_EQ(broken(), "valid");
}

TEST_F(LogOracleTest, AnInventedEntry) {
  oracle.handed_out(r1, Position(5), "x");
  EXPECT_EQ(broken(), "valid");
}

TEST_F(LogOracleTest, AnEntryOutOfOrder) {
  oracle.handed_out(r1, Position(3), "c");
  EXPECT_EQ(broken(), "order");
}

TEST_F(LogOracleTest, ALeaderWithoutAnAcknowledgedEntry) {
  oracle.handed_out(r2, Position(2), "a");
  oracle.confirmed(r2, Position(2));
  EXPECT_EQ(oracle.violation(), std::nullopt) << "asked before the second was acknowledged";
  oracle.confirmed(r2, oracle.last_acknowledged());
  EXPECT_EQ(broken(), "durab");
}

TEST_F(LogOracleTest, AnEntryThatWasSaidNotToBeApplied) {
  oracle.not_applied("c");
  EXPECT_EQ(oracle.violation(), std::nullopt);
  oracle.handed_out(r1, Position(5), "c");
  EXPECT_EQ(broken(), "valid");
}

TEST_F(LogOracleTest, AnAcknowledgementBeforeTheHandOut) {
  oracle.acknowledged("c");
  EXPECT_EQ(broken(), "durab");
}

TEST_F(LogOracleTest, ASnapshotStandsForWhatItCovers) {
  oracle.cut(r1, Position(5));
  oracle.restored(r2, Position(5), r1.state.encode());
  oracle.handed_out(r2, Position(6), "c");
  oracle.handed_out(r1, Position(6), "c");
  EXPECT_EQ(oracle.violation(), std::nullopt);
}

TEST_F(LogOracleTest, ASnapshotOfAnotherState) {
  oracle.cut(r1, Position(5));
  LogState other;
  other.apply(Position(2), "a");
  oracle.restored(r2, Position(5), other.encode());
  EXPECT_EQ(broken(), "agree");
}

TEST_F(LogOracleTest, ASnapshotThatNobodyCut) {
  oracle.restored(r2, Position(5), r1.state.encode());
  EXPECT_EQ(broken(), "valid");
}

TEST_F(LogOracleTest, TwoChainValuesAtAPosition) {
  oracle.chain("r1", Position(2), {1, 1});
  oracle.chain("r2", Position(2), {1, 1});
  EXPECT_EQ(oracle.violation(), std::nullopt);
  oracle.chain("r2", Position(2), {1, 2});
  EXPECT_EQ(broken(), "agree");
}

TEST(LogOracleBeyondTheBudget, SeesWhoGoesOnWithAnotherHistory) {
  LogOracle oracle(false);
  oracle.appended("a");
  oracle.appended("b");
  LogOracle::Reader r1{.name = "r1", .state = {}, .at = {}, .states = {}};
  LogOracle::Reader r2 = r1;
  oracle.handed_out(r1, Position(2), "a");
  oracle.handed_out(r2, Position(2), "b");
  EXPECT_EQ(oracle.violation(), std::nullopt);
  EXPECT_NE(oracle.divergence(r1, r2), std::nullopt);
}

TEST(LogState, ComesBackFromItsBytes) {
  LogState state;
  for (std::uint64_t p = 1; p < 40; ++p) state.apply(Position(p), "payload " + std::to_string(p));
  EXPECT_EQ(LogState::decode(state.encode()), state);
  EXPECT_EQ(LogState::decode(state.encode() + "x"), std::nullopt);
  EXPECT_EQ(LogState::decode("x"), std::nullopt);
}

}  // namespace
}  // namespace quorate::sim
