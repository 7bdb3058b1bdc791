#include "sim/bench.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "master/base/check.h"
#include "master/base/random.h"
#include "sim/agent_stand_ins.h"
#include "sim/explore.h"
#include "sim/linearizability.h"
#include "sim/master_node.h"
#include "sim/scenario_parser.h"
#include "sim/search_campaign.h"
#include "sim/silent_ports.h"

namespace quorate::sim {
namespace {

constexpr std::uint64_t kThousandth = 1000;
constexpr std::size_t kAgents = 100;
constexpr Duration kAgentsCome = Duration::seconds(20);

#if defined(__SANITIZE_ADDRESS__)
#define QUORATE_BENCH_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define QUORATE_BENCH_SANITIZED 1
#endif
#endif
#if defined(QUORATE_BENCH_SANITIZED)
constexpr std::uint64_t kCoreLimit = 50'000;
#else
constexpr std::uint64_t kCoreLimit = 500'000;
#endif

// What a run cost, and what went wrong in it.
struct Spent {
  std::uint64_t ns = 0;
  std::int64_t simulated_ns = 0;
  std::uint64_t events = 0;
  std::uint64_t hash = 0;  // of the last run
  std::size_t runs = 0;
  std::string wrong = {};
};

// Thousandths of simulated hours for a minute of processor time.
std::uint64_t hours_a_minute(const Spent& spent) {
  const auto simulated_ms = static_cast<std::uint64_t>(spent.simulated_ns / 1'000'000);
  const std::uint64_t spent_ms = std::max<std::uint64_t>(spent.ns / 1'000'000, 1);
  return simulated_ms * 60 * kThousandth / 3600 / spent_ms;
}

void finish(Measure& measure, const Spent& spent) {
  measure.processor_ns = spent.ns;
  measure.wrong = spent.wrong;
}

// Runs `work` between two looks at the clock, and looks where its time goes if that is wanted.
template <typename Work>
void timed(Measure& measure, bool shares, const ProcessorClock& clock, Spent& spent, Work work) {
  std::optional<CostSampler> sampler;
  if (shares) sampler.emplace();
  const std::uint64_t before = clock();
  work();
  spent.ns = clock() - before;
  if (!sampler) return;
  measure.shares = sampler->stop();
  measure.samples = sampler->samples();
}

void run_steady(Duration time, std::uint64_t seed, NodeFactory& factory, Spent& spent) {
  const ParsedScenario parsed = parse_scenario("steady", steady_scenario(time));
  CHECK(parsed.mistakes.empty());
  AgentStandIns agents(kAgents);
  RunOptions options;
  options.replay_check = false;
  options.bystander = &agents;
  options.bystander_at = SimTime{} + kAgentsCome;
  const RunResult result =
      run_section(parsed.scenario, parsed.scenario.sections.front(), seed, factory, options);
  ++spent.runs;
  spent.simulated_ns += (result.time - SimTime{}).ns;
  spent.events += result.events;
  spent.hash = result.hash;
  if (result.verdict != Verdict::Pass)
    spent.wrong = fmt::format("seed {}: {}: {}", seed, to_text(result.verdict), result.text);
  if (agents.answered() + kAgents < agents.asked())
    spent.wrong = fmt::format("of {} requests of agents only {} were answered", agents.asked(),
                              agents.answered());
}

void run_storm(const BenchSettings& settings, bool replay_check, Spent& spent) {
  for (std::uint64_t seed = settings.first_seed; seed <= settings.last_seed; ++seed) {
    MasterFactory masters;
    const SearchOutcome outcome = search_once("storm", seed, masters, replay_check);
    ++spent.runs;
    spent.simulated_ns += outcome.time.ns;
    spent.events += outcome.events;
    if (outcome.verdict != Verdict::Pass)
      spent.wrong = fmt::format("seed {}: {}: {}", seed, to_text(outcome.verdict), outcome.text);
  }
}

// One life of a master: what it was made from and what it was given.
struct Life {
  HostSpec spec;
  std::uint64_t seed = 0;
  Now started;
  std::vector<std::pair<Now, Event>> events;
};

// Makes masters that also write down what they are given.
class LifeWriter final : public NodeFactory {
 public:
  std::unique_ptr<Node> make(const HostSpec& spec, const Ports& ports,
                             std::uint64_t seed) override {
    lives_.push_back(std::make_unique<Life>(Life{spec, seed, {}, {}}));
    return std::make_unique<Written>(masters_.make(spec, ports, seed), *lives_.back());
  }
  const std::vector<std::unique_ptr<Life>>& lives() const { return lives_; }

 private:
  class Written final : public Node {
   public:
    Written(std::unique_ptr<Node> node, Life& life) : node_(std::move(node)), life_(life) {}
    void start(Now now) override {
      life_.started = now;
      node_->start(now);
    }
    void handle(Now now, const Event& event) override {
      life_.events.emplace_back(now, event);
      node_->handle(now, event);
    }
    Glance glance() const override { return node_->glance(); }

   private:
    std::unique_ptr<Node> node_;
    Life& life_;
  };

  MasterFactory masters_;
  std::vector<std::unique_ptr<Life>> lives_;
};

// Gives the number of events that a fresh master took.
std::uint64_t live_again(const Life& life) {
  MasterFactory masters;
  SilentPorts silent;
  std::uint64_t taken = 0;
  try {
    const std::unique_ptr<Node> node = masters.make(life.spec, silent.ports(), life.seed);
    node->start(life.started);
    for (const auto& [now, event] : life.events) {
      node->handle(now, event);
      ++taken;
    }
  } catch (const ProcessEnded&) { return taken; }
  return taken;
}

}  // namespace

std::string steady_scenario(Duration time) {
  std::string out =
      "scenario: steady\n"
      "about:    The steady profile of quorate-sim bench.\n"
      "profile:  lan\n\n"
      "masters m1 m2 m3, quorum=2\n"
      "at 0s start m1 m2 m3\n"
      "expect one leader within 19s as L\n"
      "at 30s\n";
  for (const char* path : {"/health", "/metrics/snapshot"})
    for (const char* master : {"m1", "m2", "m3"})
      out += fmt::format("every 1s client GET {} via {}\n", path, master);
  out += "every 1s client write\nevery 60s client GET /state via L\n";
  out += fmt::format("at {}s\nclient write -> 200\n", time.ns / Duration::seconds(1).ns);
  return out;
}

Measure bench_steady(const BenchSettings& settings, const ProcessorClock& clock) {
  Measure out{.goal = "G1",
              .name = "steady",
              .what =
                  "3 masters, 100 stand-ins for agents, 9 GETs and 1 write a second, event "
                  "hash and oracles on, replay check off",
              .unit = "simulated hours/min",
              .limit = 50 * kThousandth};
  Spent best;
  for (std::size_t round = 0; round < settings.rounds; ++round) {
    Spent spent;
    Measure seen;
    timed(seen, settings.shares, clock, spent, [&] {
      MasterFactory masters;
      run_steady(settings.steady_time, settings.first_seed, masters, spent);
    });
    if (round > 0 && spent.hash != best.hash) spent.wrong = "two runs have two hashes";
    if (round > 0 && spent.wrong.empty() && (spent.ns >= best.ns || !best.wrong.empty())) continue;
    best = std::move(spent);
    out.shares = std::move(seen.shares);
    out.samples = seen.samples;
  }
  out.figure = hours_a_minute(best);
  out.what += fmt::format("; {} s, {} events, the best of {} runs",
                          best.simulated_ns / 1'000'000'000, best.events, settings.rounds);
  finish(out, best);
  return out;
}

Measure bench_storm(const BenchSettings& settings, const ProcessorClock& clock) {
  Measure out{.goal = "G1",
              .name = "storm",
              .what = "scenarios drawn from the storm profile, replay check off",
              .unit = "simulated hours/min",
              .limit = 8 * kThousandth};
  Spent spent;
  timed(out, settings.shares, clock, spent, [&] { run_storm(settings, false, spent); });
  out.figure = hours_a_minute(spent);
  out.what += fmt::format("; {} seeds, {} s, {} events", spent.runs,
                          spent.simulated_ns / 1'000'000'000, spent.events);
  finish(out, spent);
  return out;
}

Measure bench_core(const BenchSettings& settings, const ProcessorClock& clock) {
  Measure out{.goal = "G2",
              .name = "core",
              .what = "the events of a steady run, given to fresh masters under silent ports",
              .unit = "events/s",
              .limit = kCoreLimit * kThousandth};
  Spent spent;
  LifeWriter writer;
  run_steady(std::min(settings.steady_time, Duration::minutes(5)), settings.first_seed, writer,
             spent);
  std::uint64_t events = 0;
  timed(out, settings.shares, clock, spent, [&] {
    while (events < settings.core_events && spent.wrong.empty()) {
      for (const std::unique_ptr<Life>& life : writer.lives()) {
        const std::uint64_t taken = live_again(*life);
        events += taken;
        if (taken != life->events.size())
          spent.wrong = life->spec.name + " ended, which it had not when its events were recorded";
      }
    }
  });
  const std::uint64_t us = std::max<std::uint64_t>(spent.ns / 1000, 1);
  out.figure = events * 1'000'000 / us * kThousandth;
  out.what += fmt::format("; {} events", events);
  finish(out, spent);
  return out;
}

Measure bench_storm_seed(const BenchSettings& settings, const ProcessorClock& clock) {
  Measure out{.goal = "G3",
              .name = "storm seed",
              .what = "300 simulated seconds of storm as a campaign runs them, replay check on",
              .unit = "CPU-s",
              .limit = 550,
              .at_least = false};
  Spent spent;
  timed(out, settings.shares, clock, spent, [&] { run_storm(settings, true, spent); });
  const auto simulated_ms =
      std::max<std::uint64_t>(static_cast<std::uint64_t>(spent.simulated_ns / 1'000'000), 1);
  out.figure = spent.ns / 1'000'000 * 300 * kThousandth / simulated_ms;
  out.what += fmt::format("; mean over {} seeds of {} s on average", spent.runs,
                          simulated_ms / 1000 / std::max<std::size_t>(spent.runs, 1));
  finish(out, spent);
  return out;
}

Measure bench_linearizability(const BenchSettings& settings, const ProcessorClock& clock) {
  Measure out{.goal = "G16",
              .name = "linearizability",
              .what = fmt::format("a check of {} operations: the slower of 12 clients with own "
                                  "values, and 4 clients with machines that go down and up",
                                  settings.operations),
              .unit = "CPU-s",
              .limit = kThousandth,
              .at_least = false};
  for (bool modes : {false, true}) {
    std::vector<RegistryOperation> history =
        drawn_history(settings.first_seed, modes ? 4 : 12, settings.operations, modes);
    const std::uint64_t before = clock();
    const LinearVerdict verdict = check_linearizable(history);
    const std::uint64_t ns = clock() - before;
    out.processor_ns = std::max(out.processor_ns, ns);
    if (verdict.result != LinearResult::Linearizable)
      out.wrong = "a legal history is called illegal: " + verdict.text;
  }
  out.figure = out.processor_ns / 1'000'000;
  return out;
}

Measure bench_explore(const ProcessorClock& clock) {
  Measure out{.goal = "G21",
              .name = "explore",
              .what = {},
              .unit = "CPU-s",
              .limit = 600 * kThousandth,
              .at_least = false};
  const std::uint64_t before = clock();
  const ExploreFound found = Explore({}).run([](const ExploreProgress&) { return true; });
  out.processor_ns = clock() - before;
  out.figure = out.processor_ns / 1'000'000;
  out.what = fmt::format("every order of events of the Paxos core; {} states, {} events",
                         found.progress.states, found.progress.transitions);
  if (!found.violation.empty() || !found.complete)
    out.wrong = found.complete ? found.violation : "not complete";
  return out;
}

}  // namespace quorate::sim
