#include "master/registry/registrar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "master/registry/entry_codec.h"
#include "master/registry/snapshot_codec.h"
#include "master/registry/test_values.h"
#include "master/registry/validate.h"

namespace quorate::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const MachineId a = machine("a"), b = machine("b");

Folded folded(const ApplyOutcome& outcome) {
  auto* result = std::get_if<Folded>(&outcome);
  EXPECT_NE(result, nullptr);
  return result ? *result : Folded{};
}

// An operation of another leader, applied at the next position.
void apply_foreign(Registrar& registrar, const Operation& operation) {
  auto entry = validate(registrar.applied(), operation);
  ASSERT_TRUE(entry) << entry.error().text;
  std::uint64_t next = registrar.applied_position() ? registrar.applied_position()->value + 1 : 1;
  ASSERT_EQ(folded(registrar.apply(Position(next), encode_entry(*entry))).effect, Effect::Applied);
}

// What the header promises whenever a call returns.
void expect_speculation_is_applied_plus_in_flight(const Registrar& registrar,
                                                  const std::vector<Bytes>& in_flight) {
  Registry expected = registrar.applied();
  for (const Bytes& bytes : in_flight) fold(expected, std::get<Entry>(decode_entry(bytes)));
  EXPECT_EQ(hex(encode_snapshot(registrar.speculative())), hex(encode_snapshot(expected)));
  EXPECT_EQ(registrar.queued_operations(), in_flight.size());
}

TEST(Registrar, SubmittingChangesTheSpeculativeStateOnly) {
  Registrar registrar;

  auto submitted = registrar.submit(schedule({window({a})}));

  ASSERT_TRUE(submitted);
  EXPECT_EQ(submitted->request, RequestNumber(1));
  EXPECT_TRUE(registrar.applied().machines.empty());
  EXPECT_TRUE(registrar.speculative().machines.contains(a));
  EXPECT_EQ(registrar.queued_operations(), 1u);
}

TEST(Registrar, ApplyingAnOwnEntrySettlesItsRequest) {
  Registrar registrar;
  auto submitted = registrar.submit(schedule({window({a})}));

  Folded result = folded(registrar.apply(Position(1), submitted->entry));

  EXPECT_EQ(result.effect, Effect::Applied);
  EXPECT_EQ(result.request, submitted->request);
  EXPECT_TRUE(registrar.applied().machines.contains(a));
  EXPECT_EQ(registrar.queued_operations(), 0u);
  EXPECT_EQ(registrar.applied_position(), Position(1));
}

TEST(Registrar, JudgesEachOperationByThoseInFlight) {
  Registrar registrar;

  EXPECT_FALSE(registrar.submit(down({a})));
  EXPECT_TRUE(registrar.submit(schedule({window({a, b})})));
  EXPECT_TRUE(registrar.submit(down({a})));
  EXPECT_FALSE(registrar.submit(down({a})));
  EXPECT_FALSE(registrar.submit(schedule({window({b})})));
  EXPECT_TRUE(registrar.submit(up({a})));
}

TEST(Registrar, RefusesAnInvalidOperationWithTheReasonAndChangesNothing) {
  Registrar registrar;

  auto refused = registrar.submit(down({a}));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Refusal::Kind::Invalid);
  EXPECT_THAT(refused.error().text, HasSubstr("not part of a maintenance schedule"));
  EXPECT_EQ(registrar.queued_operations(), 0u);
}

TEST(Registrar, RefusesWhatTheLogCouldNotTakeAtOnceAndChangesNothing) {
  Registrar registrar(8, 100);
  auto submitted = registrar.submit(schedule({window({machine(std::string(200, 'h'))})}));
  ASSERT_FALSE(submitted);
  EXPECT_EQ(submitted.error().kind, Refusal::Kind::Invalid);
  EXPECT_NE(submitted.error().text.find("at most 100"), std::string::npos);
  EXPECT_EQ(registrar.speculative(), registrar.applied());
  EXPECT_EQ(registrar.queued_operations(), 0u);
}

TEST(Registrar, EntriesInFlightAreSettledInOrder) {
  Registrar registrar;
  auto first = registrar.submit(schedule({window({a})}));
  auto second = registrar.submit(down({a}));
  auto third = registrar.submit(up({a}));

  EXPECT_EQ(folded(registrar.apply(Position(5), first->entry)).request, RequestNumber(1));
  EXPECT_EQ(folded(registrar.apply(Position(6), second->entry)).request, RequestNumber(2));
  EXPECT_TRUE(registrar.speculative().machines.empty());
  EXPECT_EQ(folded(registrar.apply(Position(9), third->entry)).request, RequestNumber(3));
  EXPECT_EQ(registrar.applied(), registrar.speculative());
}

TEST(Registrar, IsBusyWhenTheWindowIsFull) {
  Registrar registrar(2);
  auto first = registrar.submit(schedule({window({a})}));
  ASSERT_TRUE(registrar.submit(down({a})));

  auto refused = registrar.submit(up({a}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Refusal::Kind::Busy);
  EXPECT_THAT(refused.error().text, HasSubstr("2 operations in flight"));

  registrar.apply(Position(1), first->entry);
  EXPECT_TRUE(registrar.submit(up({a})));
}

TEST(Registrar, KnowsAnOperationThatItHasSeen) {
  Registrar registrar;
  Operation operation = schedule({window({a})});
  auto submitted = registrar.submit(operation);

  auto in_flight = registrar.submit(operation);
  ASSERT_FALSE(in_flight);
  EXPECT_EQ(in_flight.error().kind, Refusal::Kind::Busy);

  registrar.apply(Position(1), submitted->entry);
  auto applied = registrar.submit(operation);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().kind, Refusal::Kind::Repeated);
}

TEST(Registrar, AppliesAnOperationOnceThoughTheLogCarriesItTwice) {
  Registrar registrar;
  auto submitted = registrar.submit(schedule({window({a})}));
  registrar.apply(Position(1), submitted->entry);
  apply_foreign(registrar, schedule({}));
  Digest before = registrar.applied().state_digest();

  Folded again = folded(registrar.apply(Position(3), submitted->entry));

  EXPECT_EQ(again.effect, Effect::Repeated);
  EXPECT_EQ(again.request, std::nullopt);
  EXPECT_EQ(registrar.applied().state_digest(), before);
  EXPECT_EQ(registrar.applied_position(), Position(3));
}

TEST(Registrar, AppliesTheEntriesOfOtherLeadersOnAStandby) {
  Registrar registrar;

  apply_foreign(registrar, schedule({window({a})}));
  apply_foreign(registrar, down({a}));

  EXPECT_EQ(registrar.applied().machines.at(a).mode, MachineMode::Down);
  expect_speculation_is_applied_plus_in_flight(registrar, {});
  EXPECT_TRUE(registrar.submit(up({a})));  // ready to lead
}

TEST(Registrar, AnAbandonedRequestIsUnknownAndForgotten) {
  Registrar registrar;
  auto first = registrar.submit(schedule({window({a})}));
  auto second = registrar.submit(down({a}));

  EXPECT_THAT(registrar.abandon(), ElementsAre(first->request, second->request));

  EXPECT_TRUE(registrar.speculative().machines.empty());
  EXPECT_EQ(registrar.queued_operations(), 0u);
  EXPECT_THAT(registrar.abandon(), IsEmpty());
}

TEST(Registrar, AnAbandonedEntryThatIsChosenAfterAllIsAppliedAsAnothers) {
  Registrar registrar;
  auto submitted = registrar.submit(schedule({window({a})}));
  registrar.abandon();

  Folded result = folded(registrar.apply(Position(1), submitted->entry));

  EXPECT_EQ(result.effect, Effect::Applied);
  EXPECT_EQ(result.request, std::nullopt);
  EXPECT_TRUE(registrar.applied().machines.contains(a));
  expect_speculation_is_applied_plus_in_flight(registrar, {});
}

TEST(Registrar, RequestNumbersAreNeverReused) {
  Registrar registrar;
  auto abandoned = registrar.submit(schedule({}));
  registrar.abandon();

  EXPECT_GT(registrar.submit(schedule({}))->request, abandoned->request);
}

TEST(Registrar, AForeignEntryBeforeThoseInFlightIsTakenIntoTheSpeculation) {
  Registrar registrar;
  auto mine = registrar.submit(schedule({window({a})}));

  apply_foreign(registrar, schedule({window({b})}));
  expect_speculation_is_applied_plus_in_flight(registrar, {mine->entry});

  EXPECT_EQ(folded(registrar.apply(Position(2), mine->entry)).request, mine->request);
  expect_speculation_is_applied_plus_in_flight(registrar, {});
  EXPECT_TRUE(registrar.applied().machines.contains(a));
}

TEST(Registrar, AnEntryInFlightThatNoLongerFitsIsSettledAsUnfitting) {
  Registrar registrar;
  apply_foreign(registrar, schedule({window({a})}));
  auto mine = registrar.submit(down({a}));

  apply_foreign(registrar, schedule({}));
  Folded result = folded(registrar.apply(Position(3), mine->entry));

  EXPECT_EQ(result.effect, Effect::Unfitting);
  EXPECT_EQ(result.request, mine->request);
  expect_speculation_is_applied_plus_in_flight(registrar, {});
}

TEST(Registrar, AnEntryThatOvertakesAnotherIsSettledAndTheOtherStays) {
  Registrar registrar;
  auto first = registrar.submit(schedule({window({a})}));
  auto second = registrar.submit(schedule({window({b})}));

  EXPECT_EQ(folded(registrar.apply(Position(1), second->entry)).request, second->request);

  expect_speculation_is_applied_plus_in_flight(registrar, {first->entry});
}

TEST(Registrar, AnEntryThatIsNotKnownStopsApplyingAndChangesNothing) {
  Registrar registrar;
  apply_foreign(registrar, schedule({window({a})}));
  Digest before = registrar.applied().state_digest();
  Bytes bytes = encode_entry(*validate(registrar.applied(), down({a})));

  EXPECT_TRUE(std::holds_alternative<Malformed>(registrar.apply(Position(2), bytes + "!")));
  EXPECT_TRUE(std::holds_alternative<Malformed>(registrar.apply(Position(2), "")));
  bytes[2] = 9;
  EXPECT_TRUE(std::holds_alternative<Newer>(registrar.apply(Position(2), bytes)));

  EXPECT_EQ(registrar.applied().state_digest(), before);
  EXPECT_EQ(registrar.applied_position(), Position(1));
}

TEST(Registrar, ServesAnInMemoryRegistryByApplyingAtOnce) {
  Registrar registrar;
  Position position;
  for (const Operation& operation :
       {schedule({window({a})}), down({a}), up({a}), schedule({window({b})})}) {
    auto submitted = registrar.submit(operation);
    ASSERT_TRUE(submitted);
    position = position.next();
    Folded result = folded(registrar.apply(position, submitted->entry));
    EXPECT_EQ(result.effect, Effect::Applied);
    EXPECT_EQ(result.request, submitted->request);
  }
  EXPECT_EQ(registrar.applied().schedule, (MaintenanceSchedule{{window({b})}}));
}

TEST(Registrar, StartsFromASnapshotOfAnother) {
  Registrar leader;
  apply_foreign(leader, schedule({window({a, b})}));
  apply_foreign(leader, down({b}));
  Registrar replica;

  ASSERT_TRUE(
      std::holds_alternative<std::monostate>(replica.restore(Position(2), leader.snapshot())));

  EXPECT_EQ(replica.applied().state_digest(), leader.applied().state_digest());
  EXPECT_EQ(replica.applied_position(), Position(2));
  expect_speculation_is_applied_plus_in_flight(replica, {});
  EXPECT_TRUE(replica.submit(up({b})));
}

TEST(Registrar, ABadSnapshotChangesNothing) {
  Registrar registrar;
  apply_foreign(registrar, schedule({window({a})}));
  Digest before = registrar.applied().state_digest();
  Bytes newer = registrar.snapshot();
  newer[4] = 2;

  EXPECT_TRUE(std::holds_alternative<Newer>(registrar.restore(Position(9), newer)));
  EXPECT_TRUE(std::holds_alternative<Malformed>(registrar.restore(Position(9), "QREG")));

  EXPECT_EQ(registrar.applied().state_digest(), before);
  EXPECT_EQ(registrar.applied_position(), Position(1));
}

TEST(Registrar, TellsTheSizeOfItsState) {
  Registrar registrar;
  EXPECT_EQ(registrar.state_size_bytes(), registrar.snapshot().size());

  apply_foreign(registrar, schedule({window({a})}));
  EXPECT_EQ(registrar.state_size_bytes(), registrar.snapshot().size());

  Registrar other;
  other.restore(Position(1), registrar.snapshot());
  EXPECT_EQ(other.state_size_bytes(), registrar.snapshot().size());
}

TEST(RegistrarDeathTest, PositionsRise) {
  Registrar registrar;
  apply_foreign(registrar, schedule({window({a})}));
  Bytes entry = encode_entry(*validate(registrar.applied(), schedule({})));

  EXPECT_DEATH(registrar.apply(Position(1), entry), "position > \\*applied_position_");
}

// An entry that a leader might append: mostly a valid one; now and then one that was applied
// before, or an old decision under a new id, which fits the state or does not.
Bytes any_entry(RandomOperations& operations, const Registry& registry,
                const std::vector<Bytes>& log) {
  while (true) {
    auto valid = validate(registry, operations.next(registry));
    if (valid) return encode_entry(*valid);
    if (log.empty()) continue;
    const Bytes& old = log[operations.below(log.size())];
    if (operations.below(2) == 0) return old;
    Entry renewed = std::get<Entry>(decode_entry(old));
    renewed.operation = {operations.below(UINT64_MAX), 1};
    return encode_entry(renewed);
  }
}

// The fold over a snapshot at any cut is the fold from the start, and so are the effects.
TEST(RegistrarProperty, AReplicaFromAnySnapshotFollowsTheOneFromTheStart) {
  std::map<Effect, int> effects;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomOperations operations(seed);
    Registrar first;
    std::vector<Registrar> cut;
    std::vector<Bytes> log;
    for (std::uint64_t position = 1; position <= 60; ++position) {
      log.push_back(any_entry(operations, first.applied(), log));
      Registrar& copy = cut.emplace_back();
      if (position > 1) copy.restore(Position(position - 1), first.snapshot());
      Effect effect = folded(first.apply(Position(position), log.back())).effect;
      ++effects[effect];
      for (Registrar& replica : cut) {
        ASSERT_EQ(folded(replica.apply(Position(position), log.back())).effect, effect);
        ASSERT_EQ(replica.applied().state_digest(), first.applied().state_digest());
      }
    }
  }
  EXPECT_GT(effects[Effect::Applied], 500);
  EXPECT_GT(effects[Effect::Repeated], 20);
  EXPECT_GT(effects[Effect::Unfitting], 20);
}

// A leader with a window, interrupted by foreign entries and by losing its leadership.
TEST(RegistrarProperty, SpeculationIsAlwaysTheAppliedStatePlusWhatIsInFlight) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomOperations operations(seed);
    Registrar registrar(8);
    std::vector<Bytes> in_flight;
    std::uint64_t position = 0;
    for (int step = 0; step < 300; ++step) {
      std::uint64_t what = operations.below(20);
      if (what < 12) {
        auto submitted = registrar.submit(operations.next(registrar.speculative()));
        if (submitted) in_flight.push_back(submitted->entry);
      } else if (what < 18 && !in_flight.empty()) {
        Folded result = folded(registrar.apply(Position(++position), in_flight.front()));
        EXPECT_TRUE(result.request);
        in_flight.erase(in_flight.begin());
      } else if (what == 18) {
        auto foreign = validate(registrar.applied(), operations.next(registrar.applied()));
        if (foreign) registrar.apply(Position(++position), encode_entry(*foreign));
      } else if (what == 19) {
        EXPECT_EQ(registrar.abandon().size(), in_flight.size());
        in_flight.clear();
      }
      expect_speculation_is_applied_plus_in_flight(registrar, in_flight);
    }
  }
}

}  // namespace
}  // namespace quorate::registry
