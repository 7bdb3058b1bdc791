#include "sim/jobs.h"

#include <gtest/gtest.h>

#include <csignal>
#include <vector>

namespace quorate::sim {
namespace {

class Squares final : public JobList {
 public:
  std::size_t count() const override { return 23; }
  Outcome run(std::size_t index) override {
    if (index == dies_at) {
      std::signal(SIGABRT, SIG_DFL);
      std::raise(SIGKILL);
    }
    return {static_cast<int>(index * index), std::string(index * 10'000, 'x')};
  }
  Outcome died(std::size_t index, int signal) override {
    return {-signal, "died " + std::to_string(index)};
  }
  void done(std::size_t index, const Outcome& outcome) override {
    EXPECT_EQ(index, outcomes.size());
    outcomes.push_back(outcome);
  }

  std::size_t dies_at = 1000;
  std::vector<Outcome> outcomes;
};

TEST(Jobs, EveryPieceIsDoneOnceAndReportedInOrder) {
  for (std::size_t jobs : {0u, 1u, 3u, 40u}) {
    Squares list;
    run_jobs(list, jobs);
    ASSERT_EQ(list.outcomes.size(), 23u);
    for (std::size_t i = 0; i < 23; ++i) {
      EXPECT_EQ(list.outcomes[i].code, static_cast<int>(i * i));
      EXPECT_EQ(list.outcomes[i].text.size(), i * 10'000);
    }
  }
}

TEST(Jobs, AProcessThatDiesCostsOnePieceOfWork) {
  Squares list;
  list.dies_at = 7;
  run_jobs(list, 2);
  ASSERT_EQ(list.outcomes.size(), 23u);
  EXPECT_EQ(list.outcomes[7].code, -SIGKILL);
  EXPECT_EQ(list.outcomes[9].code, 81);
  EXPECT_EQ(list.outcomes[22].code, 484);
}

}  // namespace
}  // namespace quorate::sim
