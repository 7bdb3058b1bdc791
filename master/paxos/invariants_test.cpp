#include "master/paxos/invariants.h"

#include <gtest/gtest.h>

#include "master/paxos/build_test.h"

namespace quorate::paxos::test {
namespace {

TEST(Invariants, HoldInAnEmptyReplica) {
  EXPECT_EQ(broken(Acceptor{}, Table{}), std::nullopt);
  EXPECT_EQ(broken(Acceptor{}, Table{}, Acceptor{}, Table{}), std::nullopt);
}

TEST(Invariants, NothingIsAcceptedAboveThePromise) {
  const Table table = table_of({"a"}, ballot(5), 0);

  EXPECT_EQ(broken(Acceptor(ballot(5)), table), std::nullopt);
  EXPECT_NE(broken(Acceptor(ballot(4)), table), std::nullopt);
}

TEST(Invariants, WhatWasFetchedMayBeAboveThePromise) {
  EXPECT_EQ(broken(Acceptor{}, table_of({"a"}, ballot(5), 1)), std::nullopt);
}

TEST(Invariants, BallotsNeverRiseWithThePosition) {
  Table table = table_of({"a"}, ballot(5), 0);
  table.put(slot(2, ballot(6), "b"));

  EXPECT_NE(broken(Acceptor(ballot(6)), table), std::nullopt);
}

TEST(Invariants, AStepNeverTakesAnythingBack) {
  const Acceptor acceptor(ballot(5));
  const Table held = table_of({"a", "b"}, ballot(5), 1);
  Table replaced = held;
  replaced.put(slot(2, ballot(4), "x"));
  Table twice = held;
  twice.put(slot(2, ballot(5), "x"));
  Table dropped = held;
  dropped.drop_above(pos(1));

  EXPECT_NE(broken(acceptor, held, Acceptor(ballot(4)), held), std::nullopt);
  EXPECT_NE(broken(acceptor, held, acceptor, Table{}), std::nullopt);
  EXPECT_NE(broken(acceptor, held, acceptor, table_of({"x", "b"}, ballot(5), 1)), std::nullopt);
  EXPECT_NE(broken(acceptor, held, acceptor, replaced), std::nullopt);
  EXPECT_NE(broken(acceptor, held, acceptor, twice), std::nullopt);
  EXPECT_NE(broken(acceptor, held, acceptor, dropped), std::nullopt);
}

TEST(Invariants, AChosenValueMayDropWhatWasAboveAnother) {
  const Acceptor acceptor(ballot(5));
  const Table held = table_of({"a", "old", "above"}, ballot(5), 1);
  const Table after = table_of({"a", "new"}, ballot(5), 2);

  EXPECT_EQ(broken(acceptor, held, acceptor, after), std::nullopt);
}

}  // namespace
}  // namespace quorate::paxos::test
