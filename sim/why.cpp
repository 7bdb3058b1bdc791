#include "sim/why.h"

#include <utility>

#include <fmt/format.h>

#include "master/base/json.h"
#include "sim/master_node.h"

namespace quorate::sim {
namespace {

constexpr int kSigabrt = 6;

class Reseeder final : public Bystander {
 public:
  explicit Reseeder(std::uint64_t turn) : turn_(turn) {}
  void look(Cluster& cluster) override { cluster.world().reseed(turn_); }

 private:
  std::uint64_t turn_;
};

std::uint64_t percent(const WhyPoint& point) {
  return point.tries == 0 ? 0 : point.failed * 100 / point.tries;
}

// Of several equal rises the last: that is nearest to the failure.
std::size_t steepest(const std::vector<WhyPoint>& points) {
  std::size_t best = 0;
  std::uint64_t most = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (percent(points[i]) <= percent(points[i - 1])) continue;
    const std::uint64_t rise = percent(points[i]) - percent(points[i - 1]);
    if (rise >= most) {
      most = rise;
      best = i;
    }
  }
  return best;
}

}  // namespace

WhyBatch::WhyBatch(const Scenario& scenario, std::uint64_t seed, Signature wanted,
                   const std::vector<SimTime>& points, std::uint64_t tries)
    : scenario_(scenario), seed_(seed), wanted_(std::move(wanted)), tries_(tries) {
  for (SimTime at : points) points_.push_back({at, 0, 0});
}

JobList::Outcome WhyBatch::run(std::size_t index) {
  MasterFactory masters;
  Reseeder reseeder(index % tries_);
  RunOptions options;
  options.replay_check = false;
  options.bystander = &reseeder;
  options.bystander_at = points_[index / tries_].at;
  const RunResult result =
      run_section(scenario_, scenario_.sections.front(), seed_, masters, options);
  return {static_cast<int>(result.verdict),
          signature_of(result.verdict, result.step, result.text).what};
}

JobList::Outcome WhyBatch::died(std::size_t, int signal) {
  if (signal != kSigabrt) return {static_cast<int>(Verdict::HarnessSuspect), ""};
  return {static_cast<int>(Verdict::SafetyViolated), std::string(kBrokenInvariant)};
}

void WhyBatch::done(std::size_t index, const Outcome& outcome) {
  WhyPoint& point = points_[index / tries_];
  ++point.tries;
  if (Signature{static_cast<Verdict>(outcome.code), outcome.text} == wanted_) ++point.failed;
}

std::vector<SimTime> evenly(SimTime end, std::size_t points) {
  std::vector<SimTime> out;
  for (std::size_t i = 0; i < points; ++i)
    out.push_back({end.ns / static_cast<std::int64_t>(points) * static_cast<std::int64_t>(i)});
  return out;
}

std::string to_text(const std::vector<WhyPoint>& points, const Section& section) {
  std::string out = "other chance from    fails in the same way\n";
  for (const WhyPoint& point : points)
    out += fmt::format("{:>18}   {:>3} % of {:<4} {}\n", to_text(point.at).text, percent(point),
                       point.tries, std::string(percent(point) / 4, '#'));
  const std::size_t best = steepest(points);
  if (best == 0) return out + "It does not rise: no moment of this run decides.\n";
  const SimTime from = points[best - 1].at;
  const SimTime to = points[best].at;
  out += fmt::format("It rises most between {} and {}.", to_text(from).text, to_text(to).text);
  std::string steps;
  for (const Step& step : section.steps)
    if (step.timing == Timing::At && SimTime{} + step.time >= from && SimTime{} + step.time < to)
      steps += fmt::format("  {}: {}\n", step.line, step.text);
  return out + (steps.empty() ? " No step is timed there.\n" : " There:\n" + steps);
}

std::string json_text(const std::vector<WhyPoint>& points) {
  JsonWriter out;
  out.begin_object().key("points").begin_array();
  for (const WhyPoint& point : points)
    out.begin_object()
        .member_integer("at_ns", point.at.ns)
        .member_integer("tries", static_cast<std::int64_t>(point.tries))
        .member_integer("failed", static_cast<std::int64_t>(point.failed))
        .end_object();
  out.end_array().end_object();
  return out.take() + "\n";
}

}  // namespace quorate::sim
