#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "master/base/json.h"
#include "sim/commands.h"
#include "sim/explore.h"

// quorate-sim explore

namespace quorate::sim {
namespace {

constexpr int kNotComplete = 3;

struct Options {
  ExploreSettings what;
  bool no_learning = false;
  std::uint64_t states_max = 250'000'000;
  std::uint64_t seconds_max = 600;
  bool json = false;
  bool quiet = false;
};

using SteadyClock = std::chrono::steady_clock;

std::uint64_t milliseconds_since(SteadyClock::time_point begin) {
  const auto passed = SteadyClock::now() - begin;
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(passed).count());
}

std::string as_json(const ExploreFound& found, std::uint64_t ms) {
  const ExploreProgress& progress = found.progress;
  JsonWriter out;
  out.begin_object();
  out.member_boolean("complete", found.complete);
  out.key("states").unsigned_integer(progress.states);
  out.key("transitions").unsigned_integer(progress.transitions);
  out.key("depth").unsigned_integer(progress.depth);
  out.key("milliseconds").unsigned_integer(ms);
  out.key("states_per_second").unsigned_integer(progress.states * 1000 / (ms + 1));
  out.key("memory_bytes").unsigned_integer(progress.bytes);
  out.member("violation", found.violation);
  out.key("path").begin_array();
  for (const std::string& event : found.path) out.string(event);
  out.end_array();
  out.end_object();
  return out.take() + "\n";
}

std::string as_text(const ExploreFound& found, std::uint64_t ms) {
  const ExploreProgress& progress = found.progress;
  std::string out = fmt::format(
      "states       {}{}\ntransitions  {}\ndepth        {} events\ntime         {}.{:03} s, {} "
      "states/s\nmemory       {} MiB\nparts        {}\n",
      progress.states, found.complete ? ", all there are" : "", progress.transitions,
      progress.depth, ms / 1000, ms % 1000, progress.states * 1000 / (ms + 1), progress.bytes >> 20,
      found.parts);
  if (!found.violation.empty()) {
    out += fmt::format("VIOLATION: {}; the shortest way there:\n", found.violation);
    for (std::size_t i = 0; i < found.path.size(); ++i)
      out += fmt::format("{:>4}  {}\n", i + 1, found.path[i]);
    return out;
  }
  return out + (found.complete ? "no violation\n"
                               : "NOT COMPLETE: no violation so far; --seconds and --states-max "
                                 "give it more\n");
}

int explore(Options options) {
  options.what.learning = !options.no_learning;
  const SteadyClock::time_point begin = SteadyClock::now();
  std::uint64_t told_ms = 0;
  const ExploreFound found = Explore(options.what).run([&](const ExploreProgress& progress) {
    const std::uint64_t ms = milliseconds_since(begin);
    if (!options.quiet && ms - told_ms >= 5000) {
      told_ms = ms;
      std::fprintf(stderr, "%llu s: %llu states, %llu events tried, depth %llu, %llu MiB\n",
                   static_cast<unsigned long long>(ms / 1000),
                   static_cast<unsigned long long>(progress.states),
                   static_cast<unsigned long long>(progress.transitions),
                   static_cast<unsigned long long>(progress.depth),
                   static_cast<unsigned long long>(progress.bytes >> 20));
    }
    return ms < options.seconds_max * 1000 && progress.states < options.states_max;
  });
  const std::uint64_t ms = milliseconds_since(begin);
  std::fputs((options.json ? as_json(found, ms) : as_text(found, ms)).c_str(), stdout);
  if (!found.violation.empty()) return 1;
  return found.complete ? 0 : kNotComplete;
}

constexpr const char* kFooter =
    "Goes through every state that three replicas can reach for the first position of an empty\n"
    "log, where two of them propose, each ballot a value of its own: every order in which "
    "messages\n"
    "can arrive, any of them lost (it never arrives), and a crash of a process at every event,\n"
    "with every part of what was not synced lost. The replicas are the acceptor, learner and\n"
    "proposer of the product. In each state: at most one value is learned or counted as chosen,\n"
    "now or ever; a quorum holds it; and each replica keeps master/paxos/invariants.h, in itself\n"
    "and from state to state.\n\n"
    "States are remembered as hashes of 128 bits; memory is about 40 bytes a state. What is left\n"
    "out of the space, and why that is sound, stands in docs/simulator.md.\n\n"
    "Exit codes: 0 all states were seen and are good; 1 a violation, with the shortest sequence "
    "of\n"
    "events to it; 3 not complete within --seconds or --states-max; 4 a mistake in an option.\n\n"
    "Examples:\n"
    "  quorate-sim explore\n"
    "  quorate-sim explore --ballots=1 --crashes=2 --repeats=1\n"
    "  quorate-sim explore --quorum=1          an error on purpose: shows a violation";

}  // namespace

void add_explore_command(CLI::App& app, Commands& commands) {
  CLI::App* command =
      app.add_subcommand("explore", "Try every order of events of the Paxos core in a small case");
  auto options = std::make_shared<Options>();
  command
      ->add_option("--ballots", options->what.ballots_each,
                   "Ballots of each of the two proposers (default 2)")
      ->check(CLI::Range(1, 4));
  command->add_option("--crashes", options->what.crashes, "Crashes of any process (default 1)")
      ->check(CLI::Range(0, 3));
  command->add_option("--repeats", options->what.repeats, "Messages that arrive twice (default 0)")
      ->check(CLI::Range(0, 3));
  command->add_flag("--no-learning", options->no_learning,
                    "Watermarks and fetched entries are not sent: a smaller space");
  command
      ->add_option("--quorum", options->what.quorum,
                   "What the proposers take for a quorum (default 2); 1 plants an error")
      ->check(CLI::Range(1, 3));
  command->add_option("--seconds", options->seconds_max, "Stop after this time (default 600)");
  command->add_option("--states-max", options->states_max,
                      "Stop at so many states (default 250000000, about 10 GiB)");
  command->add_flag("--json", options->json, "One JSON object instead of the table");
  command->add_flag("--quiet", options->quiet, "No line of progress every 5 s on stderr");
  command->footer(kFooter);
  commands.push_back({command, [options] { return explore(*options); }});
}

}  // namespace quorate::sim
