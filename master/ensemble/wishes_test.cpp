#include "master/ensemble/wishes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/ensemble/view_test_kit.h"

namespace quorate::ensemble {
namespace {

using namespace kit;
using testing::HasSubstr;
using testing::SizeIs;

std::vector<std::uint64_t> ids_after(const Decision& decision) {
  std::vector<std::uint64_t> ids;
  if (const auto* change = std::get_if<Change>(&decision))
    for (const paxos::Member& member : change->successor.members)
      ids.push_back(member.replica.value);
  return ids;
}

using Ids = std::vector<std::uint64_t>;

std::string why(const Decision& decision) {
  if (const auto* change = std::get_if<Change>(&decision)) return change->why;
  if (const auto* declined = std::get_if<Declined>(&decision)) return declined->why;
  return std::get<Nothing>(decision).waiting;
}

bool waits(const Decision& decision) { return std::holds_alternative<Nothing>(decision); }
bool declined(const Decision& decision) { return std::holds_alternative<Declined>(decision); }

const Flags kOne{1, {}}, kThree{2, {}}, kFive{3, {}};

TEST(Wishes, AreNoneWhileFlagsFitTheRecord) {
  const EnsembleView view = ensemble_of({1, 2, 3});
  EXPECT_EQ(decide(view), Decision(Nothing{}));
  EXPECT_THAT(warnings(view), SizeIs(0));
}

// --- Three to five, as the Operational Guide has it ---

TEST(Wishes, GrowFromThreeToFiveInOneChangeWhenAllAnnounceIt) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {1, 2, 3, 4, 5}, kFive);
  let_learn(view, 4);
  let_learn(view, 5);

  const Decision decision = decide(view);

  EXPECT_EQ(ids_after(decision), (Ids{1, 2, 3, 4, 5}));
  EXPECT_EQ(std::get<Change>(decision).successor.epoch, 5u);
  EXPECT_EQ(why(decision),
            "--quorum=3: from 3 to 5 members (10.0.0.4:5050, 10.0.0.5:5050 join); the quorum is 3, "
            "2 can be lost");
}

TEST(Wishes, GrowOnlyWhenTheLastOriginalWasRestarted) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {1, 2, 4, 5}, kFive);
  let_learn(view, 4);
  let_learn(view, 5);
  EXPECT_THAT(why(decide(view)),
              HasSubstr("--quorum=3 is carried out when all living masters of the new ensemble "
                        "announce it"));
  EXPECT_THAT(why(decide(view)), HasSubstr("restart with it: 10.0.0.3:5050 (--quorum=2)"));
}

TEST(Wishes, GrowOnlyWhenTheNewcomersHaveCaughtUp) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {1, 2, 3, 4, 5}, kFive);
  let_learn(view, 4);
  at(view, 4).held = paxos::Position(100);
  EXPECT_THAT(why(decide(view)), HasSubstr("4 must be alive and caught up (a quorum and one to "
                                           "spare), and 3 are: 10.0.0.4:5050 is 900 positions "
                                           "behind, 10.0.0.5:5050 is 1000 positions behind"));
  let_learn(view, 4);
  EXPECT_EQ(ids_after(decide(view)), (Ids{1, 2, 3, 4, 5})) << "one to spare: 5 may follow";
}

TEST(Wishes, SayHowManyMastersAreStillMissing) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {1, 2, 3, 4}, kFive);
  EXPECT_THAT(why(decide(view)), HasSubstr("asks for 5 members, there are 4: start 1 more master"));
}

TEST(Wishes, DoNotFlapWithOneStaleUnitFile) {
  for (const Flags& stale : {kOne, kThree, Flags{{}, masters({2})}, Flags{{}, masters({1, 2, 3})},
                             Flags{50, {}}, Flags{0, {}}, Flags{1, masters({1, 2, 3})}}) {
    EnsembleView view = ensemble_of({1, 2, 3, 4, 5});
    give_flags(view, {2}, stale);
    EXPECT_TRUE(waits(decide(view))) << to_text(stale);
    ASSERT_THAT(warnings(view), SizeIs(1));
    EXPECT_EQ(warnings(view)[0].replica, ReplicaId(2));
    EXPECT_THAT(warnings(view)[0].text, HasSubstr("10.0.0.2:5050: "));
    EXPECT_THAT(warnings(view)[0].text, HasSubstr("it serves under the record all the same"));
  }
}

TEST(Wishes, WarnOfFlagsThatDifferFromTheRecord) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {2}, kFive);
  give_flags(view, {3}, {{}, masters({1, 3, 7})});
  const std::vector<MemberWarning> all = warnings(view);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].text,
            "10.0.0.2:5050: it was started with --quorum=3, which means 5 members; the record has "
            "3 members (quorum 2); it serves under the record all the same");
  EXPECT_THAT(all[1].text, HasSubstr("its --masters does not name the member 10.0.0.2:5050"));
}

// --- Five to three ---

TEST(Wishes, ShrinkNeverPicksWhoGoesWhileAllAreAlive) {
  EnsembleView view = ensemble_of({1, 2, 3, 4, 5});
  give_flags(view, {1, 2, 3, 4, 5}, kThree);
  EXPECT_TRUE(waits(decide(view)));
  EXPECT_THAT(why(decide(view)), HasSubstr("it does not say which of 5 go. Name them: quorate-log "
                                           "remove ADDRESS.. --at=10.0.0.1:5050"));
}

TEST(Wishes, ShrinkByDroppingThoseWhoAreGone) {
  EnsembleView view = ensemble_of({1, 2, 3, 4, 5});
  give_flags(view, {1, 2, 3}, kThree);
  silence(view, 4, 100);
  silence(view, 5, 30);
  EXPECT_TRUE(waits(decide(view))) << "5 may still come back";
  silence(view, 5, 60);

  const Decision decision = decide(view);

  EXPECT_EQ(ids_after(decision), (Ids{1, 2, 3}));
  EXPECT_EQ(std::get<Change>(decision).successor.retired,
            (std::vector<ReplicaId>{ReplicaId(4), ReplicaId(5)}));
}

TEST(Wishes, ShrinkDropsTheLongestSilentOfMoreThanEnough) {
  EnsembleView view = ensemble_of({1, 2, 3, 4, 5, 6, 7});
  give_flags(view, {1, 2, 3, 5}, kFive);
  silence(view, 4, 100);
  silence(view, 6, 200);
  silence(view, 7, 300);
  EXPECT_EQ(ids_after(decide(view)), (Ids{1, 2, 3, 4, 5}));
}

TEST(Wishes, NobodyIsGoneWhomThisLeaderNeverHeard) {
  EnsembleView view = ensemble_of({1, 2, 3, 4, 5});
  give_flags(view, {1, 2, 3}, kThree);
  view.nodes.resize(3);
  EXPECT_TRUE(waits(decide(view)));
}

TEST(Wishes, ShrinkToThoseThatMastersNames) {
  EnsembleView view = ensemble_of({1, 2, 3, 4, 5});
  give_flags(view, {1, 3, 5}, {2, masters({1, 3, 5})});
  EXPECT_EQ(ids_after(decide(view)), (Ids{1, 3, 5})) << "2 and 4 need not agree";
  silence(view, 5, 4);
  EXPECT_TRUE(waits(decide(view))) << "all three have to be alive, for one to spare";
}

TEST(Wishes, ReplaceAMemberByNamingAnotherMaster) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {1, 2, 4}, {{}, masters({1, 2, 4})});
  EXPECT_TRUE(waits(decide(view))) << "4 must learn first";
  let_learn(view, 4);
  EXPECT_EQ(ids_after(decide(view)), (Ids{1, 2, 4}));
}

TEST(Wishes, WaitForMastersThatAreNotHere) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {1, 2, 3, 4}, {{}, masters({1, 2, 3, 4, 5})});
  EXPECT_THAT(why(decide(view)), HasSubstr("names masters that are not here: 10.0.0.5:5050"));
}

// --- Who could take the ensemble over ---

TEST(Wishes, OfAStrayForItselfAreNotCarriedOut) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {9}, {{}, masters({9})});
  let_learn(view, 9);
  EXPECT_TRUE(waits(decide(view)));
}

TEST(Wishes, OfOneMemberForItselfAreNotCarriedOut) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {1}, {{}, masters({1})});
  EXPECT_TRUE(waits(decide(view)));
  give_flags(view, {2}, {{}, masters({1})});
  EXPECT_EQ(ids_after(decide(view)), (Ids{1})) << "a quorum of the present members wants it";
}

// --- One to three, without wiping ---

TEST(Wishes, GrowFromOneToThree) {
  EnsembleView view = ensemble_of({1});
  give_flags(view, {2, 3}, kThree);
  let_learn(view, 2);
  let_learn(view, 3);
  EXPECT_TRUE(waits(decide(view))) << "1 was not restarted yet";
  give_flags(view, {1}, kThree);
  EXPECT_EQ(ids_after(decide(view)), (Ids{1, 2, 3}));
}

// --- Replacement ---

TEST(Wishes, AnEmptyDiskReplacesAMemberThatIsGone) {
  EnsembleView view = ensemble_of({1, 2, 3});
  silence(view, 3, 59);
  at(view, 33) = newcomer(33, kThree);
  at(view, 33).address = address(3);
  let_learn(view, 33);
  EXPECT_TRUE(waits(decide(view)));
  silence(view, 3, 60);

  const Decision decision = decide(view);

  EXPECT_EQ(ids_after(decision), (Ids{1, 2, 33}));
  EXPECT_THAT(why(decision), HasSubstr("an empty disk at 10.0.0.3:5050 stands in for replica"));
}

TEST(Wishes, AReplacementWaitsUntilItHasLearned) {
  EnsembleView view = ensemble_of({1, 2, 3});
  silence(view, 3, 60);
  at(view, 33).address = address(3);
  EXPECT_THAT(why(decide(view)), HasSubstr("10.0.0.3:5050 is 1000 positions behind"));
}

TEST(Wishes, NobodyIsReplacedWithoutAQuorumOfTheRest) {
  EnsembleView view = ensemble_of({1, 2, 3});
  silence(view, 2, 10);
  silence(view, 3, 60);
  at(view, 33).address = address(3);
  let_learn(view, 33);
  EXPECT_EQ(decide(view), Decision(Nothing{}));
}

// An empty log of a few entries is not "caught up" because it is few positions behind.
TEST(Wishes, AnEmptyDiskIsNeverSound) {
  EnsembleView view = ensemble_of({1, 2, 3});
  view.chosen = paxos::Position(5);
  silence(view, 3, 60);
  at(view, 33).address = address(3);
  EXPECT_TRUE(waits(decide(view)));
  // Nor is one that gave up its votes and begins again with nothing.
  let_learn(view, 33);
  at(view, 33).held = {};
  EXPECT_TRUE(waits(decide(view)));
  at(view, 33).held = paxos::Position(4);
  EXPECT_EQ(ids_after(decide(view)), (Ids{1, 2, 33}));
}

TEST(Wishes, KeepTheAddressWhereAMemberIsNow) {
  EnsembleView view = ensemble_of({1, 2, 3});
  at(view, 2).address = "10.9.9.9:5050";
  give_flags(view, {1, 2, 3, 4, 5}, kFive);
  let_learn(view, 4);
  let_learn(view, 5);
  const Decision decision = decide(view);
  EXPECT_EQ(std::get<Change>(decision).successor.find(ReplicaId(2))->address, "10.9.9.9:5050");
}

// --- One change at a time, and none without a quorum ---

TEST(Wishes, WaitWhileAChangeIsOpen) {
  EnsembleView view = ensemble_of({1, 2, 3});
  give_flags(view, {1, 2, 3, 4, 5}, kFive);
  let_learn(view, 4);
  let_learn(view, 5);
  view.change_open = true;
  EXPECT_EQ(decide(view), Decision(Nothing{}));
  const Decision decision = decide(view, Request{7, RemoveMembers{{address(3)}}});
  EXPECT_TRUE(declined(decision));
  EXPECT_THAT(why(decision), HasSubstr("there is one at a time"));
}

TEST(Wishes, AreNotHeardInDiscoveredMode) {
  EnsembleView view = ensemble_of({1, 2, 3});
  view.mode = Mode::Discovered;
  EXPECT_EQ(decide(view), Decision(Nothing{}));
  EXPECT_TRUE(declined(decide(view, Request{7, SetQuorum{3}})));
}

// --- Requests ---

TEST(Requests, AddWhoHasCaughtUpAndOnce) {
  EnsembleView view = ensemble_of({1, 2, 3});
  const Request add{7, AddMembers{{address(4)}}};
  EXPECT_THAT(why(decide(view, add)), HasSubstr("no master at 10.0.0.4:5050 was heard"));
  give_flags(view, {4}, kThree);
  EXPECT_TRUE(waits(decide(view, add)));
  EXPECT_THAT(why(decide(view, add)), HasSubstr("as soon as they have caught up"));
  let_learn(view, 4);

  const Decision decision = decide(view, add);

  ASSERT_EQ(ids_after(decision), (Ids{1, 2, 3, 4}));
  EXPECT_EQ(std::get<Change>(decision).successor.wish, 7u);
  view.configuration = std::get<Change>(decision).successor;
  EXPECT_TRUE(waits(decide(view, add))) << "asked again: done already";
}

TEST(Requests, RemoveEvenTheLeader) {
  const EnsembleView view = ensemble_of({1, 2, 3});
  EXPECT_EQ(ids_after(decide(view, Request{7, RemoveMembers{{address(1)}}})), (Ids{2, 3}));
  EXPECT_EQ(ids_after(decide(view, Request{7, RemoveMembers{{"0000000000000003"}}})), (Ids{1, 2}));
  EXPECT_THAT(why(decide(view, Request{7, RemoveMembers{{address(9)}}})),
              HasSubstr("is not a member; the members are 10.0.0.1:5050 (replica 00"));
  EXPECT_THAT(why(decide(view, Request{7, RemoveMembers{{address(1), address(2), address(3)}}})),
              HasSubstr("nobody would be left"));
}

TEST(Requests, DeclineWhatCouldNotKeepAMajority) {
  EnsembleView view = ensemble_of({1, 2, 3});
  silence(view, 3, 10);
  const Decision decision = decide(view, Request{7, RemoveMembers{{address(2)}}});
  EXPECT_TRUE(declined(decision));
  EXPECT_THAT(why(decision), HasSubstr("is not safe now: of the 2 members that there would be, 2 "
                                       "must be alive and caught up (a quorum), and 1 is: "
                                       "10.0.0.3:5050 does not answer"));
  EXPECT_EQ(ids_after(decide(view, Request{7, RemoveMembers{{address(3)}}})), (Ids{1, 2}));
}

TEST(Requests, DeclineEverythingWithoutAQuorum) {
  EnsembleView view = ensemble_of({1, 2, 3});
  silence(view, 2, 100);
  silence(view, 3, 100);
  const Decision decision = decide(view, Request{7, RemoveMembers{{address(3)}}});
  EXPECT_TRUE(declined(decision));
  EXPECT_THAT(why(decision), HasSubstr("recover-plan"));
}

TEST(Requests, ReplaceAMemberByAMasterAtAnotherAddress) {
  EnsembleView view = ensemble_of({1, 2, 3});
  silence(view, 3, 5);
  give_flags(view, {4}, kThree);
  let_learn(view, 4);
  EXPECT_EQ(ids_after(decide(view, Request{7, ReplaceMember{address(3), address(4)}})),
            (Ids{1, 2, 4}));
}

TEST(Requests, SetQuorumSaysTheSafeStepsForThisEnsemble) {
  EnsembleView view = ensemble_of({1, 2, 3, 4, 5});
  const Decision fewer = decide(view, Request{7, SetQuorum{2}});
  EXPECT_TRUE(declined(fewer));
  EXPECT_THAT(why(fewer), HasSubstr("it does not say which 2 of 10.0.0.1:5050, 10.0.0.2:5050, "));
  EXPECT_THAT(why(fewer), HasSubstr("(3) set --quorum=2 on the ones that stay"));
  const Decision more = decide(view, Request{7, SetQuorum{4}});
  EXPECT_TRUE(declined(more));
  EXPECT_THAT(why(more), HasSubstr("(1) start 2 more with the same --zk"));
  EXPECT_THAT(why(decide(view, Request{7, SetQuorum{0}})), HasSubstr("must be at least 1"));
  EXPECT_TRUE(waits(decide(view, Request{7, SetQuorum{3}})));
  silence(view, 4, 60);
  silence(view, 5, 60);
  EXPECT_EQ(ids_after(decide(view, Request{7, SetQuorum{2}})), (Ids{1, 2, 3}));
}

TEST(Requests, DoNotTakeInStrangers) {
  EnsembleView view = ensemble_of({1, 2, 3});
  at(view, 4) = node(4, kThree);
  at(view, 4).ensemble = kY;
  EXPECT_THAT(why(decide(view, Request{7, AddMembers{{address(4)}}})), HasSubstr("cannot be a "));
  view.configuration.retired = {ReplicaId(5)};
  at(view, 5) = node(5, kThree);
  EXPECT_THAT(why(decide(view, Request{7, AddMembers{{address(5)}}})),
              HasSubstr("runs under the id of a removed member"));
}

}  // namespace
}  // namespace quorate::ensemble
