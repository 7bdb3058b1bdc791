#include <gtest/gtest.h>

#include <functional>

#include "master/paxos/build_test.h"
#include "master/paxos/world_test.h"

// The stories of protocol.md 8, and what a change must keep to, step by step. "Unseen promise" is
// about identity and is told where that is: replicated_log/. A, B, C are the founders.

namespace quorate::paxos::test {
namespace {

constexpr std::size_t kA = 0, kB = 1, kC = 2, kD = 3, kE = 4;

class Stories : public testing::Test {
 protected:
  Stories() : world({.replicas = 5, .founders = 3, .plant = Plant::None, .prompt = false}) {
    world.lead(kA);
    run({kA, kB, kC, kD, kE});
    drop();
  }
  ~Stories() override { EXPECT_EQ(world.violation, ""); }

  // Everything between these arrives, in order, until there is nothing more, and is synced.
  void run(const std::vector<std::size_t>& among) {
    const auto is_among = [&](ReplicaId id) {
      for (std::size_t i : among)
        if (world.replicas[i].id == id) return true;
      return false;
    };
    run([&](const Packet& p) { return is_among(p.from) && is_among(p.to); });
  }
  void run(const std::function<bool(const Packet&)>& arrives) {
    for (bool again = true; again;) {
      for (std::size_t i = 0; i < world.replicas.size(); ++i) world.sync(i, 1000);
      again = false;
      for (std::size_t p = 0; p < world.network.size() && !again; ++p)
        if (arrives(world.network[p])) {
          world.deliver(p);
          again = true;
        }
    }
  }
  template <typename T>
  static std::function<bool(const Packet&)> only(std::size_t from, std::size_t to) {
    return [=](const Packet& p) {
      return std::holds_alternative<T>(p.message) && p.from == ReplicaId{from + 1} &&
             p.to == ReplicaId{to + 1};
    };
  }
  void drop() { world.network.clear(); }
  Replica& at(std::size_t i) { return world.replicas[i]; }
  std::uint64_t epoch(std::size_t i) { return at(i).table.epoch(); }

  World world;
};

TEST_F(Stories, TheFoundersAreTheFirstEpoch) {
  for (std::size_t i : {kA, kB, kC}) EXPECT_EQ(epoch(i), 1u);
  EXPECT_EQ(world.judge().newest().members.size(), 3u);
  EXPECT_TRUE(at(kA).proposer.established());
}

TEST_F(Stories, AChangeReplacesAMemberAndTheNewOnesGoOnWithoutTheOld) {
  world.change(kA, {kA, kB, kD});
  run({kA, kB, kC, kD});
  EXPECT_EQ(epoch(kA), 2u);
  EXPECT_EQ(epoch(kD), 2u);
  EXPECT_TRUE(at(kA).proposer.takes_entries());

  drop();
  world.lead(kD);
  run({kB, kD});
  EXPECT_TRUE(at(kD).proposer.established());
}

// Rule 20: nobody is sent anything above a change that is not chosen.
TEST_F(Stories, NothingGetsAPositionWhileAChangeIsOpen) {
  world.change(kA, {kA, kD, kE});
  EXPECT_FALSE(at(kA).proposer.takes_entries());
  run({kA, kB, kC});
  EXPECT_FALSE(at(kA).proposer.takes_entries()) << "the old quorum alone does not choose it";
}

// Rule 23.
TEST_F(Stories, OldMembersAreAskedOnlyWhenEnoughNewOnesHoldAChange) {
  for (std::size_t i : {kA, kB, kC}) at(i).proposer.set_reachable({ReplicaId{1}, ReplicaId{2}});
  world.change(kA, {kA, kD, kE});
  const auto old_asked = [this] {
    for (const Packet& p : world.network)
      if (std::holds_alternative<Accept>(p.message) && p.to <= ReplicaId{3}) return true;
    return false;
  };
  EXPECT_FALSE(old_asked());
  run({kA, kD});
  EXPECT_EQ(epoch(kA), 1u) << "B was not heard";
  EXPECT_EQ(at(kB).table.end(), at(kB).table.learned());
  world.repeat(kA);
  EXPECT_TRUE(old_asked()) << "A and D are a quorum of the new ones";
}

// Rule 21: both quorums.
TEST_F(Stories, TheOldQuorumAloneChoosesNoChange) {
  world.change(kA, {kA, kD, kE});
  const Position change = at(kA).proposer.end();
  run([](const Packet& p) {
    return p.from != p.to && p.from != ReplicaId{5} && p.to != ReplicaId{5};
  });
  ASSERT_EQ(at(kB).table.end(), change);
  ASSERT_EQ(at(kC).table.end(), change);
  ASSERT_EQ(at(kD).table.end(), change);
  EXPECT_LT(at(kA).proposer.chosen(), change) << "B and C are a quorum, D alone is none";
  run({kA});
  EXPECT_EQ(at(kA).proposer.chosen(), change) << "A and D are";
}

// Rule 22: 1 -> 3 must not acknowledge what only the newcomers know to exist.
TEST_F(Stories, AnAcceptOfTheNextEpochWaitsForItsConfiguration) {
  Acceptor acceptor(ballot(5));
  Table table = at(kB).table;
  Accept accept{ballot(5), table.learned().next(), table.learned_chain(), {data("x")}, {}, {}};
  accept.epoch = 2;
  EXPECT_EQ(acceptor.on(accept, table), Answer{});
  EXPECT_EQ(acceptor.on(Prepare{ballot(6), table.learned().next(), 2}, table), Answer{});
  EXPECT_EQ(acceptor.on(Confirm{ballot(6), 2}, table), Answer{});
}

// And one of the epoch before is told what it does not know.
TEST_F(Stories, ARequestOfTheEpochBeforeIsAnsweredWithTheNewOne) {
  world.change(kA, {kA, kB, kD});
  run({kA, kB, kC, kD});
  Table table = at(kB).table;
  ASSERT_EQ(table.epoch(), 2u);
  Acceptor acceptor = at(kB).acceptor;
  const Ballot late = ballot(9, 3);
  const Superseded told{late, 2, table.configured(), *table.chain(table.configured())};
  const Position next = table.learned().next();
  const std::vector<Message> expected{told};
  EXPECT_EQ(acceptor.on(Prepare{late, next, 1}, table).messages, expected);
  EXPECT_EQ(acceptor.on(Confirm{late, 1}, table).messages, expected);
  const Accept accept{late, next, table.learned_chain(), {data("x")}, {}, {}, {}, 1};
  EXPECT_EQ(acceptor.on(accept, table).messages, expected);
  EXPECT_EQ(acceptor.promised(), at(kB).acceptor.promised());
}

// Step 20.
TEST_F(Stories, WhoStaysBehindIsToldTheNewConfigurationAndDeposesNobody) {
  world.change(kA, {kA, kB, kD});
  run({kA, kB, kD});
  drop();
  ASSERT_EQ(epoch(kC), 1u);
  world.lead(kC);
  run({kB, kC});
  EXPECT_EQ(epoch(kC), 2u) << "it fetched the configuration";
  EXPECT_EQ(at(kC).proposer.phase(), Proposer::Phase::Idle);
  EXPECT_LT(at(kB).acceptor.promised().replica.value, 3u);
}

// "Late K": K reaches D after D learned another value below it.
TEST_F(Stories, ALateChangeIsRejectedAndContradictsNobody) {
  world.append(kA);
  world.change(kA, {kA, kB, kD});
  std::vector<Packet> late = world.network;
  drop();
  world.lead(kB);
  run({kB, kC});
  world.append(kB);
  run({kB, kC, kD});
  const Table before = at(kD).table;
  for (const Packet& packet : late)
    if (packet.to == ReplicaId{4}) world.network.push_back(packet);
  ASSERT_FALSE(world.network.empty());
  run({kA, kD});
  EXPECT_EQ(at(kD).table, before);
}

// "Forgotten configuration": the new members know it still when they come back.
TEST_F(Stories, AfterTheOldOnesRetiredAPowerLossLeavesTheNewConfiguration) {
  world.change(kA, {kA, kD, kE});
  run({kA, kB, kC, kD, kE});
  ASSERT_TRUE(world.settled());
  drop();
  world.wipe(kB);
  world.wipe(kC);
  for (std::size_t i : {kA, kD, kE}) world.crash(i, 0);
  for (std::size_t i : {kA, kD, kE}) EXPECT_EQ(epoch(i), 2u);
  world.lead(kE);
  run({kD, kE});
  EXPECT_TRUE(at(kE).proposer.established());
}

// "Two values": B holds v of an old ballot; K assumes v at b3, which B has not accepted.
TEST_F(Stories, AChangeNeedsEverythingBelowAtItsOwnBallot) {
  Table table = at(kB).table;
  const Position p = table.learned().next();
  table.put({p, ballot(1), data("v")});
  const Digest chain = *table.held_chain(p);
  Acceptor acceptor(ballot(3));
  const Configuration next = successor(*table.configuration(), {{replica(2), ""}}, 0);
  Accept k{ballot(3), p.next(), chain, {configuration_entry(next, chain)}, {}, {}, {}, 1};
  const Answer answer = acceptor.on(k, table);
  ASSERT_EQ(answer.messages.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Missing>(answer.messages[0]));
  EXPECT_EQ(table.end(), p);

  const Accept v{ballot(3), p, table.learned_chain(), {data("v")}, {}, {}, {}, 1};
  acceptor.on(v, table);
  EXPECT_TRUE(std::holds_alternative<Accepted>(acceptor.on(k, table).messages[0]));
}

// Rule 21, and what no honest proposer sends.
TEST_F(Stories, AChangeThatDoesNotFitGetsNoVote) {
  const Table table = at(kB).table;
  const Position p = table.learned().next();
  const Digest chain = table.learned_chain();
  const Configuration next = successor(*table.configuration(), {{replica(2), ""}}, 0);
  Configuration skips = next;
  skips.epoch = 3;
  const auto refused = [&](std::vector<Entry> entries) {
    Acceptor acceptor(ballot(3));
    Table own = table;
    const Accept accept{ballot(3), p, chain, std::move(entries), {}, {}, {}, 1};
    const Answer answer = acceptor.on(accept, own);
    EXPECT_EQ(own, table);
    return std::holds_alternative<Rejected>(answer.messages.at(0));
  };
  EXPECT_TRUE(refused({configuration_entry(next, {9, 9})})) << "above another chain";
  EXPECT_TRUE(refused({configuration_entry(skips, chain)})) << "an epoch is left out";
  EXPECT_TRUE(refused({configuration_entry(next, chain), data("x")})) << "not the last";
  EXPECT_TRUE(refused({{EntryKind::Configuration, chain, "garbage"}}));
}

// "One holder, dead newcomers".
TEST_F(Stories, AChangeWhoseNewMembersDiedDoesNotStopTheOldOnes) {
  world.change(kA, {kA, kD, kE});
  run([](const Packet& p) {
    return p.to != ReplicaId{2} && p.to != ReplicaId{3} && p.from != p.to;
  });
  run([](const Packet& p) { return p.from == ReplicaId{1} && p.to == ReplicaId{1}; });
  ASSERT_EQ(at(kA).table.end(), at(kA).table.learned().next()) << "A holds it";
  ASSERT_EQ(epoch(kA), 1u);
  drop();
  world.lead(kB);
  run({kA, kB});
  EXPECT_EQ(at(kB).proposer.phase(), Proposer::Phase::Preparing)
      << "A's word alone decides nothing";
  world.repeat(kB);
  run({kB, kC});
  EXPECT_TRUE(at(kB).proposer.established());
  EXPECT_EQ(epoch(kB), 1u);
}

// "Stale K": D holds a change of the first ballot above a value that was not chosen.
TEST_F(Stories, AChangeAboveAValueThatWasNotChosenIsForgotten) {
  world.append(kA);
  world.change(kA, {kA, kB, kD});
  run(only<Accept>(kA, kD));
  ASSERT_EQ(at(kD).table.find(at(kD).table.end())->entry.kind, EntryKind::Configuration);
  drop();
  // B is promised by A, finds nothing, and begins a change of its own.
  world.crash(kA, 0);
  world.lead(kB);
  run({kA, kB});
  ASSERT_TRUE(at(kB).proposer.established());
  world.change(kB, {kA, kB, kD});
  run(only<Accept>(kB, kA));
  run(only<Accept>(kB, kD));
  drop();
  // B goes away. C asks A; D, which is to be a member, is asked as well.
  world.lead(kC);
  run({kA, kC, kD});
  drop();
  const std::uint64_t now = std::max(epoch(kA), epoch(kC));
  const std::size_t leader = now == 2 ? kA : kC;
  world.lead(leader);
  run({kA, kC, kD});
  EXPECT_TRUE(at(leader).proposer.established());
  world.append(leader);
  run({kA, kC, kD});
  EXPECT_EQ(at(kD).table.learned(), at(leader).proposer.end());
}

// A leader that is left out finishes the change and writes nothing after it.
TEST_F(Stories, ALeaderThatLeavesWritesNothingMore) {
  world.change(kA, {kB, kC, kD});
  run({kA, kB, kC, kD});
  EXPECT_EQ(epoch(kB), 2u);
  const Position end = at(kA).proposer.end();
  EXPECT_EQ(at(kB).table.learned(), end);
  EXPECT_FALSE(at(kA).proposer.takes_entries());
}

}  // namespace
}  // namespace quorate::paxos::test
