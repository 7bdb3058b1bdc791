#include "master/ensemble/birth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// One test for each row of the table in birth.h, in its order.

namespace quorate::ensemble {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const EnsembleId kX{1, 1};
const EnsembleId kY{2, 2};
const EnsembleId kFresh{9, 9};
constexpr ReplicaId kA(1), kB(2), kC(3), kD(4);

std::string address(ReplicaId id) { return "10.0.0." + std::to_string(id.value) + ":5050"; }

std::vector<paxos::Member> members(const std::vector<ReplicaId>& ids) {
  std::vector<paxos::Member> all;
  for (ReplicaId id : ids) all.push_back({id, address(id)});
  return all;
}

const std::vector<ReplicaId> kAbc = {kA, kB, kC};

GroupMember agreeing(ReplicaId id, std::vector<ReplicaId> founders = kAbc) {
  return {id, address(id), true, {}, std::move(founders)};
}
GroupMember holding(ReplicaId id, EnsembleId ensemble) {
  return {id, address(id), false, ensemble, {}};
}

// A, empty, started with --quorum=2; B and C are here and agree; the record is absent.
BirthView first_start() {
  BirthView view;
  view.self = {kA, address(kA), DiskStage::Empty, {}, {}, false, false};
  view.flags.quorum = 2;
  view.group = {agreeing(kA), agreeing(kB), agreeing(kC)};
  view.record = RecordAbsent{};
  view.fresh = kFresh;
  return view;
}

void be(BirthView& view, DiskStage stage, EnsembleId ensemble, std::uint64_t epoch = 1) {
  view.self.disk = stage;
  view.self.ensemble = ensemble;
  view.self.configuration = paxos::Configuration{epoch, members(kAbc), {}, 0};
  for (GroupMember& member : view.group)
    if (member.replica == view.self.replica) member = holding(view.self.replica, ensemble);
}

BirthView with_intent(EnsembleId ensemble = kX) {
  BirthView view = first_start();
  view.record = RecordRead{BirthIntent{ensemble, members(kAbc)}, 5};
  return view;
}

BirthView with_born(EnsembleId ensemble = kX) {
  BirthView view = first_start();
  view.record = RecordRead{Born{ensemble, 3, members(kAbc)}, 5};
  return view;
}

MastersList list(const std::vector<ReplicaId>& ids) {
  std::string text;
  for (ReplicaId id : ids) text += (text.empty() ? "" : ",") + address(id);
  return *parse_masters(text);
}

BirthAction act(const BirthView& view) { return next_birth_step(view).action; }

std::string wait_reason(const BirthView& view) {
  const BirthAction action = act(view);
  const Wait* wait = std::get_if<Wait>(&action);
  return wait != nullptr ? wait->reason : "it does not wait";
}

void expect_refusal(const BirthView& view, int exit, const std::string& says) {
  const BirthAction action = act(view);
  const Refusal* refusal = std::get_if<Refusal>(&action);
  ASSERT_NE(refusal, nullptr) << says;
  EXPECT_EQ(code(refusal->exit), exit) << refusal->text;
  EXPECT_THAT(refusal->text, HasSubstr(says));
}

TEST(Birth, Row1RefusesImpossibleFlags) {
  BirthView view = first_start();
  view.flags.quorum = 0;
  expect_refusal(view, 78, "--quorum=0: must be at least 1");
  view.flags.quorum = -3;
  expect_refusal(view, 78, "--quorum=-3");
  view.flags.quorum = INT64_MAX;
  expect_refusal(view, 78, "99 is the most");
}

TEST(Birth, Row2WaitsForTheRecord) {
  BirthView view = first_start();
  view.record = RecordNotRead{};
  EXPECT_THAT(wait_reason(view), HasSubstr("was not read"));
}

TEST(Birth, Row3And4RefuseWhatCannotBeRead) {
  BirthView view = first_start();
  view.record = RecordAccessRefused{"not authenticated"};
  expect_refusal(view, 78, "refuses access to the birth record: not authenticated");
  view.record = RecordUndecodable{parse_birth_record("?").error().text};
  expect_refusal(view, 78, "edited by hand");
  be(view, DiskStage::Born, kX);
  expect_refusal(view, 78, "edited by hand");
}

TEST(Birth, Row5RefusesWhoIsNotInItsOwnMasters) {
  BirthView view = first_start();
  view.flags = {{}, list({kB, kC, kD})};
  expect_refusal(view, 77, "this master (10.0.0.1:5050) is not in its --masters=10.0.0.2:5050,");
  // --masters limits birth and admission only: who is a member stays one.
  view.record = RecordRead{Born{kX, 3, members(kAbc)}, 5};
  be(view, DiskStage::Born, kX);
  EXPECT_EQ(act(view), BirthAction(Join{kX}));
}

TEST(Birth, Row6RefusesFlagsThatContradictEachOther) {
  BirthView view = first_start();
  view.flags = {3, list(kAbc)};
  expect_refusal(view, 78, "--quorum=3 does not fit --masters, which lists 3 masters");
  view.flags = {};
  expect_refusal(view, 78, "give --quorum");
  view.flags = {2, list(kAbc)};
  EXPECT_TRUE(std::holds_alternative<Create>(act(view)));
}

TEST(Birth, Row7WaitsBesideALogWhoseRecordIsMissing) {
  BirthView view = first_start();
  view.group.push_back(holding(kD, kY));
  EXPECT_THAT(wait_reason(view), HasSubstr("10.0.0.4:5050 (replica 0000000000000004) holds a log"));
  // A stray that is not in --masters is no founder, whatever it holds.
  view.flags = {{}, list(kAbc)};
  EXPECT_TRUE(std::holds_alternative<Create>(act(view)));
  view.group[1] = holding(kB, kY);
  EXPECT_THAT(wait_reason(view), HasSubstr("holds a log already"));
}

TEST(Birth, Row8WaitsUntilAllFoundersAreHere) {
  BirthView view = first_start();
  view.group.pop_back();
  EXPECT_THAT(wait_reason(view), HasSubstr("an ensemble of 3 masters, and 2 of them are here: "
                                           "10.0.0.1:5050, 10.0.0.2:5050"));
  EXPECT_THAT(next_birth_step(view).announce, IsEmpty());
  view.flags = {{}, list(kAbc)};
  EXPECT_THAT(wait_reason(view), HasSubstr("10.0.0.3:5050 is not here yet"));
}

TEST(Birth, Row8WaitsUntilAllNameTheSameFounders) {
  BirthView view = first_start();
  view.group[2].founders = {};
  EXPECT_THAT(wait_reason(view), HasSubstr("10.0.0.3:5050 (replica 0000000000000003) has not"));
  EXPECT_THAT(next_birth_step(view).announce, ElementsAre(kA, kB, kC));
  view.group[2].founders = {kA, kC, kD};
  EXPECT_THAT(wait_reason(view), HasSubstr("do not agree on the founders"));
}

TEST(Birth, Row8TakesTheFirstOfTheGroupAndLetsTheOthersWait) {
  BirthView view = first_start();
  view.group.push_back(agreeing(kD));
  EXPECT_TRUE(std::holds_alternative<Create>(act(view)));
  view.self.replica = kD;
  view.self.address = address(kD);
  EXPECT_THAT(wait_reason(view), HasSubstr("one more than --quorum=2 asks for"));
  EXPECT_THAT(next_birth_step(view).announce, IsEmpty());
}

TEST(Birth, Row8DoesNotCountTheNodeOfAnEarlierRun) {
  BirthView view = first_start();
  view.group = {agreeing(kD), agreeing(kA), agreeing(kB)};
  view.group[0].address = address(kB);  // B before its disk was wiped
  EXPECT_THAT(wait_reason(view), HasSubstr("and 2 of them are here"));
}

TEST(Birth, Row9LetsTheFirstFounderWriteTheIntent) {
  BirthView view = first_start();
  EXPECT_EQ(act(view), BirthAction(Create{BirthIntent{kFresh, members(kAbc)}}));
  view.group = {agreeing(kB), agreeing(kA), agreeing(kC)};
  EXPECT_THAT(wait_reason(view), HasSubstr("10.0.0.2:5050 writes the birth record"));
}

TEST(Birth, Row9FoundsAnEnsembleOfOne) {
  BirthView view = first_start();
  view.flags.quorum = 1;
  view.group = {agreeing(kA, {kA})};
  EXPECT_EQ(act(view), BirthAction(Create{BirthIntent{kFresh, members({kA})}}));
}

TEST(Birth, Row10WritesALostIntentAnew) {
  BirthView view = first_start();
  be(view, DiskStage::Founding, kX);
  EXPECT_EQ(act(view), BirthAction(Recreate{BirthIntent{kX, members(kAbc)}}));
  view.group[1] = holding(kB, kY);
  EXPECT_THAT(wait_reason(view), HasSubstr("2 of them are here and 3 are needed"));
}

TEST(Birth, Row11WritesALostRecordAnewWhenAQuorumIsHere) {
  BirthView view = first_start();
  be(view, DiskStage::Born, kX, 4);
  view.group = {holding(kD, kY), holding(kA, kX), holding(kC, kX)};
  EXPECT_EQ(act(view), BirthAction(Recreate{Born{kX, 4, members(kAbc)}}));
  view.group = {holding(kC, kX), holding(kA, kX)};
  EXPECT_THAT(wait_reason(view), HasSubstr("another member of this ensemble writes it anew"));
}

// A leftover must not turn a path that is to see a birth into its own.
TEST(Birth, Row12ALeftoverAloneWritesNothing) {
  BirthView view = first_start();
  be(view, DiskStage::Born, kX, 4);
  EXPECT_THAT(wait_reason(view), HasSubstr("1 of them is here and 2 are needed"));
}

TEST(Birth, Row13VotesWhenAllFoundersAreHereAndAgree) {
  BirthView view = with_intent();
  const Found found{kX, {1, members(kAbc), {}, 0}};
  EXPECT_EQ(act(view), BirthAction(found));
  // Another founder may have voted already, and who came later is not in the way.
  view.group = {agreeing(kD), agreeing(kA), holding(kB, kX), agreeing(kC)};
  view.group[2].founders = kAbc;
  EXPECT_EQ(act(view), BirthAction(found));
}

TEST(Birth, Row14ReplacesAnIntentWhoseFounderWasWiped) {
  BirthView view = with_intent();
  const std::vector<ReplicaId> now = {kA, kB, kD};
  view.group = {agreeing(kA, now), agreeing(kB, now), agreeing(kD, now)};
  view.group[2].address = address(kC);
  const std::vector<paxos::Member> founders = {
      {kA, address(kA)}, {kB, address(kB)}, {kD, address(kC)}};
  EXPECT_EQ(act(view), BirthAction(Replace{BirthIntent{kFresh, founders}, 5}));
}

TEST(Birth, Row14ReplacesAnIntentWhoseFounderIsListedNoMore) {
  BirthView view = with_intent();
  const std::vector<ReplicaId> now = {kA, kB, kD};
  view.group = {agreeing(kA, now), agreeing(kB, now), agreeing(kD, now)};
  view.flags = {{}, list(now)};
  EXPECT_EQ(act(view), BirthAction(Replace{BirthIntent{kFresh, members(now)}, 5}));
}

TEST(Birth, Row15WaitsForAFounderThatIsMerelyAbsent) {
  BirthView view = with_intent();
  const std::vector<ReplicaId> now = {kA, kB, kD};
  view.group = {agreeing(kA, now), agreeing(kB, now), agreeing(kD, now)};
  EXPECT_THAT(wait_reason(view),
              HasSubstr("10.0.0.3:5050 (replica 0000000000000003) is not here. Start it again"));
}

TEST(Birth, Row15WaitsWhileAFounderHoldsVotes) {
  BirthView view = with_intent();
  const std::vector<ReplicaId> now = {kA, kB, kD};
  view.group = {agreeing(kA, now), holding(kB, kX), agreeing(kD, now)};
  view.group[2].address = address(kC);
  EXPECT_THAT(wait_reason(view), HasSubstr("has voted in the birth of ensemble"));
}

TEST(Birth, Row15WaitsOutsideOfABirth) {
  BirthView view = with_intent();
  view.self = {kD, address(kD), DiskStage::Empty, {}, {}, false, false};
  view.group.push_back(agreeing(kD));
  EXPECT_THAT(wait_reason(view),
              HasSubstr("this master is not one of them and asks for admission"));
}

TEST(Birth, Row15DoesNotVoteBeforeAllAgree) {
  BirthView view = with_intent();
  view.group[1].founders = {kB, kC, kD};
  EXPECT_THAT(wait_reason(view), HasSubstr("do not agree on the founders"));
}

TEST(Birth, Row16DeclaresTheBirthWhenAllHoldTheFirstEntry) {
  BirthView view = with_intent();
  be(view, DiskStage::Founding, kX);
  view.self.first_entry_held_by_all = true;
  EXPECT_EQ(act(view), BirthAction(Replace{Born{kX, 1, members(kAbc)}, 5}));
}

TEST(Birth, Row17ResumesABirthWhateverTheFlagsSayNow) {
  BirthView view = with_intent();
  be(view, DiskStage::Founding, kX);
  view.flags.quorum = 1;
  EXPECT_EQ(act(view), BirthAction(Found{kX, {1, members(kAbc), {}, 0}}));
  EXPECT_THAT(next_birth_step(view).announce, ElementsAre(kA, kB, kC));
  view.group.pop_back();
  EXPECT_THAT(wait_reason(view), HasSubstr("its founder 10.0.0.3:5050"));
}

TEST(Birth, Row18CompletesARecordThatIsBehind) {
  BirthView view = with_intent();
  be(view, DiskStage::Born, kX, 6);
  EXPECT_EQ(act(view), BirthAction(Replace{Born{kX, 6, members(kAbc)}, 5}));
}

TEST(Birth, ANewcomerThatDoesNotKnowTheMembersYetWritesNothing) {
  BirthView view = with_intent();
  be(view, DiskStage::Born, kX);
  view.self.configuration.reset();
  EXPECT_THAT(wait_reason(view), HasSubstr("the birth record is behind"));
  view.record = RecordAbsent{};
  EXPECT_THAT(wait_reason(view), HasSubstr("began to learn ensemble"));
  view.record = RecordRead{Born{kX, 3, members(kAbc)}, 5};
  EXPECT_EQ(act(view), BirthAction(Join{kX}));
  view.record = RecordRead{BirthIntent{kY, members(kAbc)}, 5};
  expect_refusal(view, 78, "two clusters on one ZooKeeper path");
}

// What others wrote into the group must not spoil the record, nor end this master.
TEST(Birth, IgnoresWhatCannotBeAMaster) {
  BirthView view = first_start();
  GroupMember no_id = agreeing(ReplicaId{});
  GroupMember no_address = agreeing(kD);
  no_address.address = "\xff\n:5050";
  GroupMember too_long = agreeing(ReplicaId(5));
  too_long.address = std::string(1000, 'h') + ":5050";
  view.group.insert(view.group.begin(), {no_id, no_address, too_long});
  EXPECT_EQ(act(view), BirthAction(Create{BirthIntent{kFresh, members(kAbc)}}));
}

TEST(Birth, Row19RefusesADiskOfABirthThatWasGivenUp) {
  BirthView view = with_intent();
  be(view, DiskStage::Founding, kY);
  expect_refusal(view, 77, "which was given up");
}

TEST(Birth, Row20RefusesTwoClustersOnOnePath) {
  BirthView view = with_intent();
  be(view, DiskStage::Born, kY);
  expect_refusal(view, 78, "two clusters on one ZooKeeper path");
}

TEST(Birth, Row21NotesANewerEpoch) {
  BirthView view = with_born();
  be(view, DiskStage::Born, kX, 4);
  EXPECT_EQ(act(view), BirthAction(Join{kX}));
  view.self.leads = true;
  EXPECT_EQ(act(view), BirthAction(Replace{Born{kX, 4, members(kAbc)}, 5}));
}

TEST(Birth, Row22JoinsItsOwnEnsemble) {
  BirthView view = with_born();
  be(view, DiskStage::Founding, kX);
  EXPECT_EQ(act(view), BirthAction(Join{kX}));
}

TEST(Birth, Row23RefusesAForeignDiskAndPrintsBothViews) {
  BirthView view = with_born();
  be(view, DiskStage::Born, kY);
  expect_refusal(view, 77, "it holds 00000000000000020000000000000002");
  expect_refusal(view, 77, "says 00000000000000010000000000000001 (epoch 3, members 10.0.0.1");
}

TEST(Birth, Row24JoinsWhatSomebodyHereHolds) {
  BirthView view = with_born();
  view.group[2] = holding(kC, kX);
  EXPECT_EQ(act(view), BirthAction(Join{kX}));
  EXPECT_THAT(next_birth_step(view).announce, ElementsAre(kA, kB, kC));
}

TEST(Birth, Row25NeverStartsAnEmptyRegistryInThePlaceOfALostOne) {
  const BirthView view = with_born();
  expect_refusal(view, 78, "No empty registry is started in its place");
  expect_refusal(view, 78, "(1) restore");
  expect_refusal(view, 78, "(2) import");
  expect_refusal(view, 78, "(3) accept that all agents, quotas, weights");
  expect_refusal(view, 78, "lose-00000000000000010000000000000001-epoch-3");
}

TEST(Birth, Row26BeginsAnewOnlyWithTheTokenThatNamesTheLoss) {
  BirthView view = with_born();
  view.loss_token = loss_token(Born{kX, 2, {}});
  expect_refusal(view, 78, "the token that was given is for another one");
  view.loss_token = loss_token(Born{kX, 3, {}});
  EXPECT_EQ(act(view), BirthAction(Replace{BirthIntent{kFresh, members(kAbc)}, 5}));
  // Nobody is left who could hold the old ensemble: one holder, and it is joined instead.
  view.group[2] = holding(kC, kX);
  EXPECT_EQ(act(view), BirthAction(Join{kX}));
}

TEST(Birth, Row27WaitsWhileThoseWhoMayHoldItAreNotHere) {
  BirthView view = with_born();
  view.group.pop_back();
  EXPECT_THAT(wait_reason(view), HasSubstr("none of its members is here yet"));
  // A stale --quorum=1 does not make one empty disk "everybody".
  view.flags.quorum = 1;
  EXPECT_THAT(wait_reason(view), HasSubstr("none of its members is here yet"));
}

}  // namespace
}  // namespace quorate::ensemble
