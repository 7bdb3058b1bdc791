#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "master/replicated_log/storage_test_kit.h"

// Power losses and killed processes at every step: a storage opens again, keeps what it told to be
// durable, in order, and invents nothing.

namespace quorate::replicated_log {
namespace {

using testing::HasSubstr;
using testing::Not;

using Survival = MemoryDisk::Survival;
constexpr Survival kSurvivals[] = {Survival::None,  Survival::All,       Survival::Odd,
                                   Survival::Even,  Survival::FirstOnly, Survival::LastOnly,
                                   Survival::Random};

// What was asked of the storages of one disk, over all incarnations, and what they told.
class Witness {
 public:
  // The next records and promises, in changing order; sizes vary from less than a sector to many
  // blocks.
  void ask(Host& host) {
    ++rounds_;
    if (rounds_ % 3 == 1) ask_promise(host);
    if (rounds_ % 5 != 0) ask_records(host);
    if (rounds_ % 4 == 2) ask_promise(host);
    host.storage.flush();
  }

  void look(const Host& host) {
    for (const auto& [mark, position] : pending_records_)
      if (mark <= host.storage.durable()) acknowledged_ = std::max(acknowledged_, position);
    for (const auto& [mark, round] : pending_promises_)
      if (mark <= host.storage.durable())
        acknowledged_promise_ = std::max(acknowledged_promise_, round);
  }

  // An open must find all that was acknowledged, and no more than was asked.
  void check(Host& host) {
    host.run_until_open();
    adopt(host);
  }
  void adopt(Host& host) {
    ASSERT_TRUE(host.storage.opened()) << why(host.storage);
    for (const std::string& note : host.storage.take_notes())
      EXPECT_THAT(note, Not(HasSubstr("ALARM")));
    const std::vector<paxos::SlotRecord> found = slots_of(host.storage.take_recovered());
    ASSERT_GE(found.size(), acknowledged_);
    ASSERT_LE(found.size(), records_.size());
    EXPECT_TRUE(std::equal(found.begin(), found.end(), records_.begin()));
    const std::uint64_t promised = host.storage.metadata().promised.round;
    EXPECT_GE(promised, acknowledged_promise_);
    EXPECT_LE(promised, promised_);
    // What an open has found is durable from then on.
    records_.resize(found.size());
    acknowledged_ = found.size();
    promised_ = acknowledged_promise_ = promised;
    pending_records_.clear();
    pending_promises_.clear();
  }

 private:
  void ask_records(Host& host) {
    const std::size_t sizes[] = {10, 700, 3000, 9000, 100, 16'000};
    for (int i = 0; i < 2; ++i) {
      const std::uint64_t position = records_.size() + 1;
      records_.push_back(slot_record(position, sizes[position % std::size(sizes)]));
      pending_records_.push_back({host.storage.append(records_.back()), position});
    }
  }
  void ask_promise(Host& host) {
    ++promised_;
    pending_promises_.push_back({host.storage.append(promise(promised_)), promised_});
  }

  std::uint64_t rounds_ = 0;
  std::vector<paxos::SlotRecord> records_;  // [i] is position i + 1
  std::vector<std::pair<Mark, std::uint64_t>> pending_records_;
  std::vector<std::pair<Mark, std::uint64_t>> pending_promises_;
  std::uint64_t promised_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t acknowledged_promise_ = 0;
};

// Opens, and asks for records in several rounds, until `steps` of the disk are done or all is. The
// storage must open; false when the script ended before.
bool run_script(Host& host, Witness& witness, MemoryDisk& disk, std::size_t steps) {
  int rounds = 0;
  bool adopted = false;
  const std::size_t end = disk.steps() + steps;
  while (disk.steps() < end) {
    if (host.storage.opened() && !std::exchange(adopted, true)) witness.adopt(host);
    if (host.storage.opened() && disk.waiting() < 3 && rounds < 9) {
      ++rounds;
      witness.ask(host);
      if (rounds % 3 == 0) host.storage.seal();
    }
    if (!host.step()) return false;
    witness.look(host);
  }
  return true;
}

// Crash after `first` steps, then after `second` steps of the next incarnation, then open and look.
// False: the first run ended before its crash.
bool crash_twice(std::size_t first, std::size_t second, bool first_is_kill, Survival survival) {
  SCOPED_TRACE(testing::Message() << "first crash after " << first << " steps, second after "
                                  << second << ", kill " << first_is_kill << ", survival "
                                  << static_cast<int>(survival));
  MemoryDisk disk;
  RandomStream random(first * 1000 + second, "crash");
  Witness witness;
  bool reached = false;
  {
    Host host(disk, 1);
    reached = run_script(host, witness, disk, first);
  }
  if (first_is_kill) {
    disk.kill();
  } else {
    disk.lose_power(survival, random);
  }
  {
    Host host(disk, 2);
    run_script(host, witness, disk, second);
  }
  disk.lose_power(survival, random);
  Host host(disk, 3);
  witness.check(host);
  return reached;
}

TEST(StorageCrash, OpensAgainAfterAPowerLossAtEveryStep) {
  for (Survival survival : kSurvivals) {
    for (std::size_t steps = 1;; ++steps) {
      MemoryDisk disk;
      RandomStream random(steps, "crash");
      Witness witness;
      Host host(disk, 1);
      const bool reached = run_script(host, witness, disk, steps);
      disk.lose_power(survival, random);
      SCOPED_TRACE(testing::Message()
                   << "after " << steps << " steps, survival " << static_cast<int>(survival));
      Host again(disk, 2);
      witness.check(again);
      again.append(slot_record(99));
      again.run();
      EXPECT_EQ(again.storage.durable(), again.storage.last());
      if (testing::Test::HasFailure()) return;
      if (!reached) break;
    }
  }
}

TEST(StorageCrash, OpensAgainAfterACrashWhileOpeningAfterACrash) {
  for (Survival survival : kSurvivals) {
    for (bool kill : {true, false}) {
      for (std::size_t first = 1;; first += 5) {
        bool reached = true;
        for (std::size_t second = 0; second <= 15; second += kill ? 1 : 2) {
          reached = crash_twice(first, second, kill, survival);
          if (testing::Test::HasFailure()) return;
        }
        if (!reached) break;
      }
    }
  }
}

// Lives of many incarnations, each ended by a kill or a power loss at a random step.
TEST(StorageCrash, KeepsItsWordOverManyRandomCrashes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomStream random(seed, "lives");
    MemoryDisk disk;
    Witness witness;
    for (std::uint64_t life = 1; life <= 25; ++life) {
      Host host(disk, seed * 100 + life);
      const std::size_t steps = random.below(60);
      run_script(host, witness, disk, steps);
      if (testing::Test::HasFailure()) return;
      ASSERT_FALSE(host.storage.refusal()) << why(host.storage);
      if (random.chance_ppm(400'000)) {
        disk.kill();
      } else {
        const std::size_t survival = random.below(std::size(kSurvivals));
        disk.lose_power(kSurvivals[survival], random);
      }
    }
    Host host(disk, seed * 100);
    witness.check(host);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(StorageCrash, KeepsListsOfChecksumsThroughPowerLosses) {
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomStream random(seed, "lists");
    const StorageSettings settings{.segment_bytes = 512ull << 10};
    MemoryDisk disk;
    Host host(disk, seed, settings);
    host.run();
    host.append(slot_record(1, 200'000));
    host.run();
    host.append(slot_record(2, 150'000 + random.below(50'000)));
    host.step();
    disk.lose_power(Survival::Random, random);

    Host again(disk, seed + 1, settings);
    again.run();
    ASSERT_TRUE(again.storage.opened()) << why(again.storage);
    EXPECT_EQ(slots_of(again.storage.take_recovered()).front(), slot_record(1, 200'000));
  }
}

}  // namespace
}  // namespace quorate::replicated_log
