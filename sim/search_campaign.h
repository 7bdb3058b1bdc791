#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "faults/fault.h"
#include "sim/jobs.h"
#include "sim/node.h"
#include "sim/probe_counts.h"
#include "sim/scenario_runner.h"
#include "sim/state_digest.h"

namespace quorate::sim {

// Random scenarios, one for each seed, and what they add up to.

// What one run leaves; it travels from the process that ran it as bytes.
struct SearchOutcome {
  std::uint64_t seed = 0;
  Verdict verdict = Verdict::Pass;
  std::uint64_t line = 0;  // of the failing step; 0: none
  std::string step;
  std::string text;
  std::vector<std::string> notes;
  std::uint64_t hash = 0;
  Duration time{};
  std::uint64_t events = 0;
  std::uint64_t acknowledged_writes = 0;
  std::map<faults::FaultKind, std::uint64_t> faults;  // carried out, by kind
  std::vector<std::uint64_t> states;
  ProbeCounts probes;  // taken by run_jobs(), so not part of the bytes

  Bytes encode() const;
  // Nothing: these are not the bytes of an outcome.
  static std::optional<SearchOutcome> decode(std::string_view bytes);
};

// Generates the scenario of (profile, seed) and runs it. A scenario with a mistake is a
// HarnessSuspect.
SearchOutcome search_once(std::string_view profile, std::uint64_t seed, NodeFactory& factory,
                          bool replay_check);

// The sum of a campaign.
class SearchSum {
 public:
  // True if it failed.
  bool add(const SearchOutcome& outcome);
  // The same seed again; true if the hashes differ.
  bool add_second(const SearchOutcome& outcome);

  std::uint64_t runs() const { return runs_; }
  std::uint64_t failed() const { return runs_ - passed_; }
  std::uint64_t run_twice() const { return twice_; }
  std::uint64_t differed() const { return differed_; }
  Duration time() const { return time_; }
  std::uint64_t events() const { return events_; }
  std::uint64_t acknowledged_writes() const { return writes_; }
  std::size_t states() const { return states_.size(); }
  // New situations in each whole thousand of runs, in order; the last one may be of less.
  const std::vector<std::uint64_t>& new_states() const { return new_states_; }
  // New situations for each 1 000 runs, over the last 200 runs or more.
  std::uint64_t new_states_lately() const;
  const std::map<faults::FaultKind, std::uint64_t>& faults() const { return faults_; }
  // Kinds of the language of scenarios that were not carried out once.
  std::vector<faults::FaultKind> never_hit() const;
  const ProbeCounts& probes() const { return probes_; }
  const std::map<Verdict, std::uint64_t>& verdicts() const { return verdicts_; }
  // The exit code: of several verdicts the smallest above 0.
  int code() const;

 private:
  std::uint64_t runs_ = 0;
  std::uint64_t passed_ = 0;
  std::uint64_t twice_ = 0;
  std::uint64_t differed_ = 0;
  Duration time_{};
  std::uint64_t events_ = 0;
  std::uint64_t writes_ = 0;
  std::map<faults::FaultKind, std::uint64_t> faults_;
  std::map<Verdict, std::uint64_t> verdicts_;
  StateSet states_;
  ProbeCounts probes_;
  std::vector<std::uint64_t> new_states_;
  std::vector<std::uint64_t> new_by_run_;
  std::map<std::uint64_t, std::uint64_t> hashes_;  // by seed
};

// The table that ends a campaign.
std::string to_text(const SearchSum& sum);
// The same as one JSON object in one line.
std::string json_text(const SearchSum& sum, std::string_view profile, std::string_view build);

// The seeds of one share of a campaign: the I-th of N takes every N-th seed.
struct Shard {
  std::uint64_t index = 1;  // from 1
  std::uint64_t count = 1;
  bool has(std::uint64_t seed) const { return seed % count == index % count; }
};
// "3/8".
std::optional<Shard> parse_shard(std::string_view text);

// A failure as a file: the scenario with its verdict, seed, hash and build id in comments above it.
std::string failure_file(std::string_view scenario, const SearchOutcome& outcome,
                         std::string_view build);

// Runs many of them in processes.
class SearchBatch final : public JobList {
 public:
  SearchBatch(std::string profile, std::vector<std::uint64_t> seeds, bool replay_check)
      : profile_(std::move(profile)), seeds_(std::move(seeds)), replay_check_(replay_check) {}

  std::size_t count() const override { return seeds_.size(); }
  Outcome run(std::size_t index) override;
  Outcome died(std::size_t index, int signal) override;
  void done(std::size_t index, const Outcome& outcome) override;
  // In the order of the seeds.
  std::vector<SearchOutcome> take() { return std::move(outcomes_); }

 private:
  std::string profile_;
  std::vector<std::uint64_t> seeds_;
  bool replay_check_;
  std::vector<SearchOutcome> outcomes_;
};

}  // namespace quorate::sim
