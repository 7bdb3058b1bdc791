#include <gtest/gtest.h>

#include <algorithm>

#include "sim/log_story_test_kit.h"

// Hazards of facts/mesos-hazards.md that take disks, restarts and several replicas to tell. Each
// fails on the rule that Mesos has there. N1, N2, N4, N5 and N7 are in
// master/paxos/hazards_test.cpp.

namespace quorate::sim {
namespace {

using faults::FaultKind;
using replicated_log::Repair;

constexpr std::size_t kA = 0;
constexpr std::size_t kB = 1;
constexpr std::size_t kC = 2;

// The newest segment that holds a batch of its own, and where its last written block begins.
struct TailOfLog {
  std::string file;
  std::uint64_t last_block = 0;
};
TailOfLog tail_of(LogHost& host) {
  TailOfLog tail;
  for (const auto& [name, file] : host.disk().image().files()) {
    if (!faults::in_class(name, faults::FileClass::Segment)) continue;
    Bytes bytes = file.read(0, file.size());
    while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();
    // A header block alone is not a batch.
    if (bytes.size() <= FileImage::kPage) continue;
    tail = {name, (bytes.size() - 1) / FileImage::kPage * FileImage::kPage};
  }
  return tail;
}

// X is acknowledged by A and C only, and C's disk is at rest: its last batch is proven by a seal.
void only_a_and_c_hold(LogStory& story, const Bytes& payload) {
  ASSERT_TRUE(story.lead(kA));
  story.cut({"r2"}, {"r1", "r3"});
  ASSERT_TRUE(story.append_and_wait(kA, payload));
  ASSERT_TRUE(story.until([&] { return story.has(kC, payload); }));
  story.run(Duration::milliseconds(100));
}

// B and C without A must not choose anything while C does not know what it had acknowledged.
void expect_nothing_chosen_without_a(LogStory& story, const Bytes& payload) {
  story.run(Duration::seconds(6));
  const bool forgotten =
      story.host(kB).opened() && story.host(kB).log().established() && !story.has(kB, payload);
  EXPECT_FALSE(forgotten) << "B leads without it";
  story.befall(FaultKind::Start, kA);
}

// C comes back without X, and does not know. A can tell it; B would choose something else with it.
void b_and_c_meet_while_a_reaches_c_only(LogStory& story, const Bytes& payload) {
  const std::uint64_t reborn = story.world.reborn();
  story.heal();
  story.cut({"r1"}, {"r2"});
  story.befall(FaultKind::Start, kC);
  const bool forgotten = story.until(
      [&] {
        LogHost& b = story.host(kB);
        if (!b.opened()) return false;
        if (!b.log().established()) story.world.elector().overtake(b);
        return b.log().established() && !story.has(kB, payload);
      },
      Duration::seconds(6));
  EXPECT_FALSE(forgotten) << "B leads without it";
  EXPECT_EQ(story.world.reborn(), reborn + 1) << "C gave up the votes that it lost";
  story.heal();
  EXPECT_TRUE(story.until([&] { return story.has(kB, payload) && story.has(kC, payload); }))
      << story.world.last_events();
}

// --- N3

// Mesos tells the caller that a rejected or late write failed; another leader completes it all the
// same.
TEST(LogHazard, N3AWriteThatFailedMayBeAppliedSoItsOutcomeIsUnknown) {
  LogStory story(3, 31);
  ASSERT_TRUE(story.lead(kA));
  story.befall(FaultKind::Kill, kB);
  story.world.befall({.kind = FaultKind::Cut, .sides = {{"r1"}, {"r3"}}, .one_way = true});
  const std::uint64_t before = story.host(kA).log().gauges().end;
  story.append(kA, "X2");
  ASSERT_TRUE(story.until([&] { return story.host(kA).log().gauges().end > before; }));
  story.run(Duration::milliseconds(50));  // and synced

  story.heal();
  ASSERT_TRUE(story.lead(kC));

  EXPECT_TRUE(story.has(kC, "X2")) << "the new leader completes what it finds";
  EXPECT_TRUE(story.until([&] { return story.host(kA).unknown() == 1; }));
  EXPECT_FALSE(story.acknowledged("X2"));
}

// --- N6: storage lies

// LevelDB drops a damaged tail without a word, and the replica votes on.
TEST(LogHazard, N6aADamagedTailOfWhatWasAcknowledgedIsNotCut) {
  for (const bool zeros : {true, false}) {
    LogStory story(3, 61);
    only_a_and_c_hold(story, "X2");
    story.befall(FaultKind::PowerLoss, kA);
    story.befall(FaultKind::PowerLoss, kC);
    const TailOfLog tail = tail_of(story.host(kC));
    // The seal stands in the last block, the batch with X2 before it.
    const std::uint64_t at = tail.last_block - FileImage::kPage;
    Bytes block(FileImage::kPage, '\0');
    if (!zeros) block.assign(FileImage::kPage, '?');
    story.host(kC).disk().image().find(tail.file)->write_through(at, block);
    story.world.excuse(kC);
    story.heal();

    story.befall(FaultKind::Start, kC);
    story.run(Duration::seconds(1));
    EXPECT_EQ(story.host(kC).last_exit(), 65);
    EXPECT_NE(story.host(kC).last_why().find(tail.file), std::string::npos);
    expect_nothing_chosen_without_a(story, "X2");
    EXPECT_TRUE(story.until([&] { return story.has(kB, "X2"); }));
  }
}

// A follower whose disk refuses writes goes silent in Mesos, and nobody notices that it is gone.
TEST(LogHazard, N6bAReplicaWhoseDiskRefusesWritesEnds) {
  LogStory story(3, 62);
  ASSERT_TRUE(story.lead(kA));
  story.befall(FaultKind::FailedSync, kC);

  EXPECT_TRUE(story.append_and_wait(kA, "X")) << "two others serve";
  ASSERT_TRUE(story.until([&] { return story.host(kC).last_exit() == 74; }));
  EXPECT_TRUE(story.until([&] { return story.has(kC, "X"); })) << "back after its restart";
}

// A disk that acknowledges what it did not do: nothing on it tells, but A, who heard C's answer.
TEST(LogHazard, N6cALyingSyncIsToldByThePeers) {
  LogStory story(3, 63, Repair::Ambiguous);
  ASSERT_TRUE(story.lead(kA));
  ASSERT_TRUE(story.settle());
  story.cut({"r2"}, {"r1", "r3"});
  story.world.befall({.kind = FaultKind::LostWrite,
                      .targets = {"r3"},
                      .after = 0,
                      .file = faults::FileClass::Segment});
  ASSERT_TRUE(story.append_and_wait(kA, "X2"));
  story.befall(FaultKind::PowerLoss, kC);  // before a later batch gives it away
  b_and_c_meet_while_a_reaches_c_only(story, "X2");
}

// A block in the middle of the log: Mesos' scan ends there, and what follows looks like holes.
TEST(LogHazard, N6dADamagedBlockInTheMiddleIsNamedAndNotPassedOver) {
  LogStory story(3, 64);
  ASSERT_TRUE(story.lead(kA));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(story.append_and_wait(kA, "X" + std::to_string(i)));
  ASSERT_TRUE(story.until([&] { return story.has(kC, "X19"); }));
  story.run(Duration::milliseconds(100));
  story.befall(FaultKind::PowerLoss, kC);
  const TailOfLog tail = tail_of(story.host(kC));
  story.host(kC).disk().image().find(tail.file)->write_through(5 * FileImage::kPage, "damaged");
  story.world.excuse(kC);

  story.befall(FaultKind::Start, kC);
  ASSERT_TRUE(story.until([&] { return story.host(kC).last_exit() == 65; }));
  EXPECT_NE(story.host(kC).last_why().find(tail.file + " at byte 20480"), std::string::npos)
      << story.host(kC).last_why();
}

// LevelDB without its CURRENT file starts a new, empty database.
TEST(LogHazard, N6eAMissingFileIsNotAnEmptyLog) {
  for (const std::string lost : {"segment", "metadata"}) {
    LogStory story(3, 65);
    only_a_and_c_hold(story, "X2");
    story.befall(FaultKind::PowerLoss, kA);
    story.befall(FaultKind::PowerLoss, kC);
    DiskImage& image = story.host(kC).disk().image();
    const std::string segment = tail_of(story.host(kC)).file;
    if (lost == "segment") image.remove(segment);
    if (lost == "metadata") {
      image.remove("metadata-a");
      image.remove("metadata-b");
    }
    story.world.excuse(kC);
    story.heal();

    story.befall(FaultKind::Start, kC);
    story.run(Duration::seconds(1));
    EXPECT_EQ(story.host(kC).last_exit(), 65) << lost;
    expect_nothing_chosen_without_a(story, "X2");
    EXPECT_TRUE(story.until([&] { return story.has(kB, "X2"); }));
  }
}

// --- Replacing a replica

// In Mesos the new disk votes with the old one's identity and no promise, and completes the quorum
// of a leader that was outvoted.
TEST(LogHazard, R1AReplacedDiskDoesNotCompleteAStaleLeadersQuorum) {
  LogStory story(3, 71);
  ASSERT_TRUE(story.lead(kA));
  ASSERT_TRUE(story.append_and_wait(kA, "first"));
  const ReplicaId before = story.host(kB).log().metadata().replica;
  story.befall(FaultKind::Wipe, kB);
  story.befall(FaultKind::Start, kB);
  ASSERT_TRUE(
      story.until([&] { return story.host(kB).opened() && story.host(kB).log().voting(); }));
  EXPECT_NE(story.host(kB).log().metadata().replica, before);

  story.cut({"r1"}, {"zookeeper", "r3"});  // A reaches B, and does not know that C leads
  ASSERT_TRUE(story.lead(kC));
  story.append(kA, "OLD");
  story.append(kC, "NEW");
  EXPECT_TRUE(story.until([&] { return story.acknowledged("NEW"); }));
  story.run(Duration::seconds(1));
  EXPECT_FALSE(story.acknowledged("OLD"));
}

// A copy of A's disk in C's place is A once more, not a third voice.
TEST(LogHazard, R5ACopyOfAnotherReplicasDiskIsNotAnotherVoter) {
  LogStory story(3, 75);
  ASSERT_TRUE(story.lead(kA));
  // A holds X2, accepted by nobody else; C decides Y2 with B.
  story.cut({"r1"}, {"r2", "r3"});
  story.append(kA, "X2");
  ASSERT_TRUE(story.lead(kC));
  ASSERT_TRUE(story.append_and_wait(kC, "Y2"));
  story.befall(FaultKind::Kill, kA);
  story.befall(FaultKind::PowerLoss, kC);
  story.host(kC).disk().image() = story.host(kA).disk().image().on_disk();
  story.world.excuse(kC);
  story.heal();
  story.befall(FaultKind::Kill, kB);  // out of reach for a while

  story.befall(FaultKind::Start, kA);
  story.befall(FaultKind::Start, kC);
  story.run(Duration::seconds(5));
  for (std::size_t n : {kA, kC})
    EXPECT_FALSE(story.host(n).opened() && story.host(n).log().established());

  // The clone goes; A and B know all that was acknowledged.
  story.befall(FaultKind::Wipe, kC);
  story.befall(FaultKind::Start, kB);
  EXPECT_TRUE(story.until([&] { return story.has(kA, "Y2") && story.has(kB, "Y2"); }));
}

// In Mesos last night's image votes, and what it had acknowledged since is chosen again.
TEST(LogHazard, R6ARestoredOldCopyIsToldByThePeers) {
  LogStory story(3, 76, Repair::Ambiguous);
  ASSERT_TRUE(story.lead(kA));
  ASSERT_TRUE(story.append_and_wait(kA, "X1"));
  ASSERT_TRUE(story.settle());
  story.befall(FaultKind::SaveCopy, kC);
  story.cut({"r2"}, {"r1", "r3"});
  ASSERT_TRUE(story.append_and_wait(kA, "X2"));
  ASSERT_TRUE(story.until([&] { return story.has(kC, "X2"); }));
  story.befall(FaultKind::RestoreCopy, kC);
  b_and_c_meet_while_a_reaches_c_only(story, "X2");
}

// A wiped replica that believes in too small a quorum must not vote after hearing too few.
TEST(LogHazard, R10AReplacementWithTooSmallAQuorumDoesNotVote) {
  LogStory story(5, 80);
  ASSERT_TRUE(story.lead(kA));
  // X2 is decided by C, D, E; A leads on without knowing.
  story.cut({"r1", "r2"}, {"r3", "r4", "r5"});
  ASSERT_TRUE(story.lead(kC));
  ASSERT_TRUE(story.append_and_wait(kC, "X2"));
  constexpr std::size_t kD = 3;
  story.befall(FaultKind::Wipe, kD);
  story.host(kD).set_quorum(2);
  story.heal();
  story.cut({"r4"}, {"r3", "r5"});  // D hears A and B only
  story.cut({"r1", "r2"}, {"r3", "r5"});
  story.befall(FaultKind::Start, kD);
  story.run(Duration::seconds(4));
  EXPECT_FALSE(story.host(kD).opened() && story.host(kD).log().voting());
  for (std::size_t n : {kA, kB, kD})
    EXPECT_FALSE(story.host(n).opened() && story.host(n).log().established() &&
                 !story.has(n, "X2"));
}

// Not even when every disk is damaged, and each replica gives up its votes by itself, may they take
// themselves for the founders of a new log (hazard X4).
TEST(LogHazard, X4ReplicasThatAllGaveUpTheirVotesDoNotStartOver) {
  LogStory story(3, 84, Repair::Always);
  ASSERT_TRUE(story.lead(kA));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(story.append_and_wait(kA, "X" + std::to_string(i)));
  story.run(Duration::milliseconds(200));
  for (std::size_t n : {kA, kB, kC}) {
    story.befall(FaultKind::PowerLoss, n);
    const TailOfLog tail = tail_of(story.host(n));
    story.host(n).disk().image().find(tail.file)->write_through(3 * FileImage::kPage, "damaged");
    story.world.excuse(n);
  }
  for (std::size_t n : {kA, kB, kC}) story.befall(FaultKind::Start, n);
  story.run(Duration::seconds(8));
  for (std::size_t n : {kA, kB, kC})
    EXPECT_FALSE(story.host(n).opened() && story.host(n).log().voting()) << n;
}

// In Mesos the newcomer's catch-up rejects the leader's write at the last position, and answers of
// replicas that do not vote yet abort leader and newcomer.
TEST(LogHazard, R11AReplacementCatchesUpWhileALeaderWorks) {
  LogStory story(3, 81);
  ASSERT_TRUE(story.lead(kA));
  story.world.clients().start();
  story.run(Duration::seconds(2));
  const std::uint64_t leader = story.host(kA).incarnation();
  const std::uint64_t other = story.host(kB).incarnation();
  for (int round = 0; round < 3; ++round) {
    story.befall(FaultKind::Wipe, kC);
    story.befall(FaultKind::Start, kC);
    ASSERT_TRUE(
        story.until([&] { return story.host(kC).opened() && story.host(kC).log().voting(); }));
  }
  story.run(Duration::seconds(1));
  EXPECT_EQ(story.host(kA).incarnation(), leader);
  EXPECT_EQ(story.host(kB).incarnation(), other);
  EXPECT_TRUE(story.host(kA).log().established()) << "it still leads";
  EXPECT_GT(story.world.oracle().acknowledged_count(), 100u);
  EXPECT_EQ(story.host(kC).last_exit(), LogHost::kKilled) << "it never ended by itself";
}

}  // namespace
}  // namespace quorate::sim
