#include "sim/probe_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "sim/jobs.h"
#include "sim/log_world.h"

namespace quorate::sim {
namespace {

TEST(Probes, EachHasANameOfItsOwnARoomAndASentence) {
  std::set<std::string_view> names;
  std::size_t number = 0;
  for (const ProbeDescription& description : probe_descriptions()) {
    EXPECT_EQ(static_cast<std::size_t>(description.probe), number++);
    EXPECT_TRUE(names.insert(description.name).second) << description.name;
    EXPECT_FALSE(description.room.empty());
    EXPECT_GE(description.sentence.size(), 20u) << description.name;
  }
  EXPECT_GE(names.size(), 60u);
}

TEST(Probes, AreCountedInTheSimulatorAndTakenOnce) {
  take_probe_counts();
  probe(Probe::PrepareRefused);
  probe(Probe::PrepareRefused);
  probe(Probe::LinkSilent);

  const ProbeCounts counts = take_probe_counts();
  EXPECT_EQ(counts.of(Probe::PrepareRefused), 2u);
  EXPECT_EQ(counts.of(Probe::LinkSilent), 1u);
  EXPECT_EQ(counts.reached(), 2u);
  EXPECT_EQ(take_probe_counts(), ProbeCounts());
}

TEST(Probes, CountsAddUpAndTravelAsBytes) {
  ProbeCounts one, two;
  one.add(Probe::PrepareRefused, 3);
  two.add(Probe::PrepareRefused, 4);
  two.add(Probe::TornTailCut, std::uint64_t{1} << 40);

  one.add(ProbeCounts::decode(two.encode()));

  EXPECT_EQ(one.of(Probe::PrepareRefused), 7u);
  EXPECT_EQ(one.of(Probe::TornTailCut), std::uint64_t{1} << 40);
  for (std::size_t cut = 0; cut < two.encode().size(); ++cut)
    EXPECT_LE(ProbeCounts::decode(two.encode().substr(0, cut)).reached(), 1u);
}

TEST(Probes, TheSummaryNamesThoseThatWereNeverReached) {
  ProbeCounts counts;
  counts.add(Probe::PrepareRefused, 1);

  EXPECT_EQ(summary(counts).find("PrepareRefused"), std::string::npos);
  EXPECT_NE(summary(counts).find(" TornTailCut"), std::string::npos);
  EXPECT_NE(to_json(counts).find("\"PrepareRefused\":1"), std::string::npos);
}

// A piece of work that reaches one probe as often as its number says.
class Reaching final : public JobList {
 public:
  std::size_t count() const override { return 5; }
  Outcome run(std::size_t index) override {
    for (std::size_t i = 0; i < index; ++i) probe(Probe::LeaseEnded);
    return {};
  }
  Outcome died(std::size_t, int) override { return {1, {}}; }
  void done(std::size_t index, const Outcome& outcome) override {
    EXPECT_EQ(outcome.probes.of(Probe::LeaseEnded), index);
    sum.add(outcome.probes);
  }
  ProbeCounts sum;
};

TEST(Probes, TravelFromTheProcessesThatRanThePieces) {
  for (std::size_t jobs : {0u, 1u, 2u}) {
    probe(Probe::LeaseEnded);  // of this process, not of any piece
    Reaching list;
    run_jobs(list, jobs);
    EXPECT_EQ(list.sum.of(Probe::LeaseEnded), 10u) << jobs << " jobs";
  }
}

TEST(Probes, TheCoreReachesThemInARun) {
  take_probe_counts();
  LogWorld(1, LogSettings{}).run();
  const ProbeCounts counts = take_probe_counts();
  EXPECT_GE(counts.reached(), 5u);
  EXPECT_GE(counts.of(Probe::GenesisProposed), 1u);
}

}  // namespace
}  // namespace quorate::sim
