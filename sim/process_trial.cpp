#include "sim/process_trial.h"

#include <optional>
#include <utility>

#include "sim/master_node.h"
#include "sim/scenario_parser.h"

namespace quorate::sim {
namespace {

constexpr int kSigabrt = 6;

class Batch final : public JobList {
 public:
  Batch(const std::vector<std::string>& texts, std::uint64_t seed) : texts_(texts), seed_(seed) {}

  std::size_t count() const override { return texts_.size(); }
  Outcome run(std::size_t index) override {
    MasterFactory masters;
    Signature each = try_scenario(texts_[index], seed_, masters);
    return {static_cast<int>(each.verdict), std::move(each.what)};
  }
  Outcome died(std::size_t, int signal) override {
    const bool aborted = signal == kSigabrt;
    const Verdict verdict = aborted ? Verdict::SafetyViolated : Verdict::HarnessSuspect;
    // As SearchBatch and `run` call it.
    return {static_cast<int>(verdict),
            aborted ? signature_of(verdict, {}, kBrokenInvariant).what : ""};
  }
  void done(std::size_t, const Outcome& outcome) override {
    seen.push_back({static_cast<Verdict>(outcome.code), outcome.text});
  }

  std::vector<Signature> seen;

 private:
  const std::vector<std::string>& texts_;
  std::uint64_t seed_;
};

}  // namespace

Signature try_scenario(const std::string& text, std::uint64_t seed, NodeFactory& factory) {
  const ParsedScenario parsed = parse_scenario("tried", text);
  if (!parsed.mistakes.empty()) return {Verdict::ScenarioError, {}};
  const RunResult result =
      run_section(parsed.scenario, parsed.scenario.sections.front(), seed, factory, {});
  return signature_of(result.verdict, result.step, result.text);
}

std::vector<Signature> ProcessTrial::run(const std::vector<std::string>& texts) {
  Batch batch(texts, settings_.seed);
  run_jobs(batch, settings_.jobs);
  return std::move(batch.seen);
}

}  // namespace quorate::sim
