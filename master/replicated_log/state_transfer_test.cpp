#include "master/replicated_log/state_transfer.h"

#include <gtest/gtest.h>

namespace quorate::replicated_log {
namespace {

using Step = StateTransfer::Step;

const ReplicaId kFrom{7};

Snapshot snapshot_of(std::uint64_t position, const Bytes& state) {
  Snapshot snapshot;
  snapshot.info.position = paxos::Position{position};
  snapshot.info.chain = {1, position};
  snapshot.info.state = xxh3_128(state);
  snapshot.info.state_bytes = state.size();
  snapshot.state = SharedBytes(state);
  return snapshot;
}

// Asks as a replica does until something else than More comes.
Step transfer(StateTransfer& to, const std::optional<Snapshot>& snapshot, std::size_t piece_bytes) {
  while (true) {
    const Step step =
        to.receive(kFrom, state_piece(snapshot, to.next(kFrom), piece_bytes), 1 << 20);
    if (step != Step::More) return step;
  }
}

TEST(StateTransfer, ComesWholeFromPiecesOfAnySize) {
  const Snapshot snapshot = snapshot_of(9, "the state of a registry");
  for (std::size_t piece : {1U, 5U, 23U, 100U}) {
    StateTransfer to;
    ASSERT_EQ(transfer(to, snapshot, piece), Step::Whole) << piece;
    EXPECT_EQ(to.take(), snapshot);
    EXPECT_FALSE(to.running());
  }
}

TEST(StateTransfer, AnEmptyStateIsWholeAtOnce) {
  const Snapshot snapshot = snapshot_of(9, "");
  StateTransfer to;
  ASSERT_EQ(transfer(to, snapshot, 10), Step::Whole);
  EXPECT_EQ(to.take(), snapshot);
}

TEST(StateTransfer, BytesThatAreNotThoseOfTheDigestAreRefused) {
  Snapshot snapshot = snapshot_of(9, "state");
  snapshot.state = "stale";
  StateTransfer to;
  EXPECT_EQ(transfer(to, snapshot, 2), Step::Broken);
  EXPECT_FALSE(to.running());
}

TEST(StateTransfer, BeginsAnewWhenTheSenderHasANewerSnapshot) {
  const Snapshot old = snapshot_of(9, "an old state");
  const Snapshot newer = snapshot_of(12, "a newer state");
  StateTransfer to;
  ASSERT_EQ(to.receive(kFrom, state_piece(old, to.next(kFrom), 4), 100), Step::More);

  // What it asked for is gone there.
  const paxos::State gone = state_piece(newer, to.next(kFrom), 4);
  EXPECT_EQ(gone.info.position, paxos::Position{0});
  EXPECT_EQ(to.receive(kFrom, gone, 100), Step::Ignored);
  ASSERT_EQ(transfer(to, newer, 4), Step::Whole);
  EXPECT_EQ(to.take(), newer);
}

TEST(StateTransfer, RepeatedAndReorderedPiecesChangeNothing) {
  const Snapshot snapshot = snapshot_of(9, "abcdef");
  StateTransfer to;
  const paxos::State first = state_piece(snapshot, {}, 2);
  const paxos::State third = state_piece(snapshot, {paxos::Position{9}, 4}, 2);
  EXPECT_EQ(to.receive(kFrom, third, 100), Step::Ignored);
  EXPECT_EQ(to.receive(kFrom, first, 100), Step::More);
  EXPECT_EQ(to.receive(kFrom, first, 100), Step::Ignored);
  EXPECT_EQ(to.receive(kFrom, third, 100), Step::Ignored);
  EXPECT_EQ(to.next(kFrom), (paxos::FetchState{paxos::Position{9}, 2}));
}

TEST(StateTransfer, WhatIsLargerThanAllowedOrThanAnnouncedIsRefused) {
  const Snapshot snapshot = snapshot_of(9, "abcdef");
  StateTransfer to;
  EXPECT_EQ(to.receive(kFrom, state_piece(snapshot, {}, 6), 5), Step::Ignored);

  paxos::State longer = state_piece(snapshot, {}, 6);
  longer.info.state_bytes = 3;
  EXPECT_EQ(to.receive(kFrom, longer, 100), Step::Ignored);
  paxos::State endless = state_piece(snapshot, {}, 6);
  endless.bytes = {};
  EXPECT_EQ(to.receive(kFrom, endless, 100), Step::Ignored);
}

TEST(StateTransfer, APositionNearTheEndOfTheNumbersIsRefused) {
  for (std::uint64_t position : {~std::uint64_t{0}, (std::uint64_t{1} << 62) + 1}) {
    StateTransfer to;
    EXPECT_EQ(to.receive(kFrom, state_piece(snapshot_of(position, "state"), {}, 9), 100),
              Step::Ignored);
  }
}

TEST(StateTransfer, AnOffsetBeyondTheStateIsAnsweredWithNothing) {
  const Snapshot snapshot = snapshot_of(9, "abc");
  EXPECT_EQ(state_piece(snapshot, {paxos::Position{9}, 4}, 2), paxos::State{});
  EXPECT_EQ(state_piece(snapshot, {paxos::Position{8}, 0}, 2), paxos::State{});
  EXPECT_EQ(state_piece(std::nullopt, {}, 2), paxos::State{});
}

}  // namespace
}  // namespace quorate::replicated_log
