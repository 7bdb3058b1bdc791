#include "sim/fail_fast_oracle.h"

#include <algorithm>

namespace quorate::sim {
namespace {

constexpr Duration kLearning = Duration::milliseconds(500);
constexpr Duration kWaking = Duration::seconds(1);
// A leader that gives its node up by itself ends within 2.5 s.
constexpr Duration kLeaving = Duration::seconds(3);
// A watch, the answer that lists the nodes, and a connection that is made again on the way.
constexpr Duration kElected = Duration::seconds(5);

std::string at(SimTime time) { return to_text(time).text; }
std::string name(const RunOfMaster& run) {
  return run.host + " (run " + std::to_string(run.incarnation) + ")";
}

}  // namespace

std::optional<std::string> FailFastOracle::look(SimTime now, const Look& look) {
  bool leads = history_.leader() == look.run;
  bool has_led = leads || history_.term_of(look.run).has_value();
  if (!has_led) return std::nullopt;
  ++judged_;
  State& state = states_[look.run];
  if (!leads || look.paused || look.disturbed)
    state.leading.reset();
  else if (!state.leading)
    state.leading = now;
  if (state.leading && now > *state.leading + kElected) state.knows = true;
  if (look.paused) state.resumed = look.clock + kWaking;
  if (look.reaches) state.cut.reset();
  if (!look.reaches && !state.cut && leads) {
    state.cut = look.clock;
    state.cut_at = now;
  }
  if (leads) state.gone.reset();
  if (!leads && !state.gone) state.gone = look.clock;
  if (!state.knows || look.paused || look.clock < state.resumed) return std::nullopt;

  auto wrong = late(now, look, state);
  if (!wrong) state.overdue.reset();
  if (wrong && !state.overdue) state.overdue = now;
  // Its clock may just have leapt: it learns of that by its next event.
  return wrong && now > *state.overdue + kLearning ? wrong : std::nullopt;
}

std::optional<std::string> FailFastOracle::late(SimTime now, const Look& look,
                                                const State& state) const {
  if (state.cut && look.clock > *state.cut + timeout_)
    return name(look.run) + " leads, is cut from ZooKeeper since " + at(state.cut_at) +
           ", and still runs at " + at(now) + ": longer than its session on its own clock";
  if (state.gone && !look.clock_is_wrong && look.clock > *state.gone + kLeaving + look.unaware)
    return name(look.run) + " led until its node was gone, at " +
           at(history_.ended(look.run).value_or(now)) + ", and still runs at " + at(now);
  return std::nullopt;
}

std::optional<std::string> FailFastOracle::confirmed(const RunOfMaster& run, SimTime sent,
                                                     SimTime done) {
  auto term = history_.term_of(run);
  if (!term) return std::nullopt;
  ++judged_;
  auto [known, fresh] = confirmed_.try_emplace(*term, run, done);
  if (!fresh) known->second.second = std::min(known->second.second, done);
  for (auto later = std::next(known); later != confirmed_.end(); ++later) {
    const auto& [other, first] = later->second;
    if (first < sent)
      return name(run) + " was confirmed from " + at(sent) + " to " + at(done) + ", though " +
             name(other) + ", elected after it, was confirmed at " + at(first) + " already";
  }
  return std::nullopt;
}

}  // namespace quorate::sim
