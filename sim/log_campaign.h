#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sim/jobs.h"
#include "sim/log_world.h"

namespace quorate::sim {

// Many runs of LogWorld, one for each seed, and their sum.

struct LogCampaignSettings {
  std::string program;  // as it was called, for the line that replays
  std::string options;  // those that a replay needs, too
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 1;
  std::uint64_t twice_every =
      50;                // every so many seeds: run again and compare the hashes; 0: never
  bool json = false;     // one object for each run, no table
  bool verbose = false;  // schedules and last events of passes, too
  LogSettings world;
};

// What is added up over runs; travels from the processes that ran them as bytes, but for the
// probes, which run_jobs() carries.
struct LogSum {
  std::uint64_t runs = 0;
  std::uint64_t passed = 0;
  std::uint64_t twice = 0;
  Duration time{};  // virtual
  std::uint64_t handled = 0;
  std::uint64_t appends = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t reborn = 0;
  std::map<std::uint32_t, std::uint64_t> replicas;
  std::map<faults::Bounds, std::uint64_t> bounds;
  std::map<faults::FaultKind, std::uint64_t> carried_out;
  std::map<int, std::uint64_t> exits;
  ProbeCounts probes;

  void add(const LogSum& other);
  Bytes encode() const;
  static LogSum decode(std::string_view bytes);
};
LogSum sum_of(const LogResult& result);
// The table that ends a campaign, and what it names as never having happened.
std::string to_text(const LogSum& sum);

class LogCampaign final : public JobList {
 public:
  explicit LogCampaign(LogCampaignSettings settings) : settings_(std::move(settings)) {}

  std::size_t count() const override {
    return static_cast<std::size_t>(settings_.last_seed - settings_.first_seed + 1);
  }
  Outcome run(std::size_t index) override;
  Outcome died(std::size_t index, int signal) override;
  void done(std::size_t index, const Outcome& outcome) override;

  const LogSum& sum() const { return sum_; }
  // Of several the smallest above 0.
  int code() const { return code_; }
  std::string replay_command(std::uint64_t seed) const;

 private:
  std::uint64_t seed_of(std::size_t index) const { return settings_.first_seed + index; }
  std::string report(std::uint64_t seed, const LogResult& result) const;

  LogCampaignSettings settings_;
  LogSum sum_;
  int code_ = 0;
};

}  // namespace quorate::sim
