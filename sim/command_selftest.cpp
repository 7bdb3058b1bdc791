#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "master/base/json.h"
#include "sim/cluster.h"
#include "sim/commands.h"
#include "sim/harness_faults.h"
#include "sim/master_node.h"
#include "sim/scenario_parser.h"
#include "sim/scenario_runner.h"
#include "sim/toy_node.h"

// quorate-sim selftest: errors planted in the harness itself are noticed.

namespace quorate::sim {
namespace {

// Something of everything that the checks of a run look at.
constexpr const char* kStory =
    "scenario: selftest\n"
    "profile: disks\n"
    "masters m1 m2 m3, quorum=2\n"
    "at 0s start m1 m2 m3\n"
    "expect one leader within 60s as L\n"
    "every 20ms client write\n"
    "after 2s power-loss m1 m2 m3\n"
    "after 1s start m1 m2 m3\n"
    "expect one leader within 60s as L\n"
    "after 1s power-loss m1 m2 m3\n"
    "after 1s start m1 m2 m3\n"
    "expect one leader within 60s as L\n"
    "after 1s cut {L} | {other1 other2}\n"
    "after 2s heal\n"
    "pause other1\n"
    "after 1s resume other1\n"
    "kill L\n"
    "expect leader not L within 60s as N\n"
    "start L\n"
    "after 1s power-loss m1 m2 m3\n"
    "after 1s start m1 m2 m3\n"
    "eventually all masters agree within 60s\n";
constexpr const char* kToyStory =
    "scenario: selftest\n"
    "masters m1 m2 m3\n"
    "at 0s start m1 m2 m3\n"
    "expect one leader within 20s as L\n"
    "client write via L -> 200\n"
    "at 10s stop other1\n";

RunResult run(const std::string& story, NodeFactory& nodes, std::uint64_t seed,
              const RunOptions& how) {
  ParsedScenario parsed = parse_scenario("selftest", story);
  if (!parsed.mistakes.empty()) {
    RunResult result;
    result.verdict = Verdict::ScenarioError;
    result.text = parsed.mistakes.front().text;
    return result;
  }
  return run_section(parsed.scenario, parsed.scenario.sections.at(0), seed, nodes, how);
}

RunOptions with(const HarnessFaults& planted) {
  RunOptions how;
  how.planted = planted;
  return how;
}

// Each check gives what it noticed. Of a sound harness none notices anything.
using Noticed = std::optional<std::string>;
using Check = std::function<Noticed(const HarnessFaults&)>;

// Whatever happens in a run, the run itself says that the harness is suspect.
Noticed a_run_suspects(const HarnessFaults& planted) {
  MasterFactory masters;
  RunResult result = run(kStory, masters, 1, with(planted));
  if (result.verdict == Verdict::Pass) return std::nullopt;
  std::string prefix = result.verdict == Verdict::HarnessSuspect ? "" : "(no suspicion) ";
  return prefix + result.text.substr(0, result.text.find(" (at "));
}

class Nobody final : public HostWatcher {
 public:
  void on_exit(const Host&, const ExitRecord&) override {}
  void on_replay_difference(const Host&, const std::string&) override {}
};

// Of many sectors that were not synced some must be lost with the power.
Noticed power_loses(const HarnessFaults& planted) {
  constexpr std::uint64_t kSectors = 64;
  Nobody nobody;
  ToyFactory toys;
  ClusterSpec spec;
  spec.masters.emplace_back();
  spec.masters.back().name = "m1";
  spec.masters.back().ip = Ipv4{0x0a000001};
  Cluster cluster(spec, toys, nobody);
  Host& host = *cluster.hosts().front();
  host.start();
  DiskImage& disk = host.disk().image();
  disk.make("canary").write(0, std::string(kSectors * FileImage::kSector, 'x'));
  planted.power_keeps_all ? host.kill() : host.lose_power();
  const FileImage* file = disk.find("canary");
  std::uint64_t kept = 0;
  for (std::uint64_t i = 0; file != nullptr && i < kSectors; ++i)
    if (file->read(i * FileImage::kSector, 1) == "x") ++kept;
  if (kept < kSectors) return std::nullopt;
  return "all of " + std::to_string(kept) + " sectors that were not synced outlived a power loss";
}

Noticed seeds_differ(const HarnessFaults& planted) {
  ToyFactory toys;
  std::uint64_t one = run(kToyStory, toys, 1, with(planted)).hash;
  if (one != run(kToyStory, toys, 2, with(planted)).hash) return std::nullopt;
  return "seeds 1 and 2 have the same hash";
}

Noticed effects_count(const HarnessFaults& planted) {
  ToyFactory plain, chatty;
  chatty.chatty = true;
  std::uint64_t one = run(kToyStory, plain, 1, with(planted)).hash;
  if (one != run(kToyStory, chatty, 1, with(planted)).hash) return std::nullopt;
  return "masters that log one line more have the same hash";
}

Noticed giving_up_is_told(const HarnessFaults& planted) {
  ToyFactory toys;
  RunOptions how = with(planted);
  how.linear_budget = 0;
  // The empty schedule is what the registry begins with: such a history has to be searched.
  const std::string story =
      std::string(kToyStory) + "client POST /maintenance/schedule {} via L -> 200\n";
  RunResult result = run(story, toys, 1, how);
  if (result.verdict == Verdict::HarnessSuspect) return std::nullopt;
  return "a checker without a budget gave '" + std::string(to_text(result.verdict)) + "'";
}

Noticed replays_are_compared(const HarnessFaults& planted) {
  ToyFactory broken;
  broken.broken = true;
  RunResult result = run(kToyStory, broken, 1, with(planted));
  if (result.verdict == Verdict::Nondeterminism) return std::nullopt;
  return "a node that looks outside of its events gave '" + std::string(to_text(result.verdict)) +
         "'";
}

struct Planted {
  std::string what;
  HarnessFaults faults;
  Check check;
};

std::vector<Planted> planted_errors() {
  std::vector<Planted> out;
  for (const char* oracle : {"durability", "one effective leader", "linearizability", "agreement",
                             "redirects", "fail-fast", "exits", "chain", "disk use", "liveness"}) {
    HarnessFaults faults;
    faults.skipped_oracle = oracle;
    out.push_back({std::string("the oracle '") + oracle + "' is skipped", faults, a_run_suspects});
  }
  using faults::FaultKind;
  for (FaultKind kind : {FaultKind::Kill, FaultKind::PowerLoss, FaultKind::Pause, FaultKind::Resume,
                         FaultKind::Cut, FaultKind::Heal}) {
    HarnessFaults faults;
    faults.idle_fault = kind;
    out.push_back({"'" + std::string(faults::description_of(kind).verb) + "' does nothing", faults,
                   a_run_suspects});
  }
  auto add = [&](const char* what, bool HarnessFaults::* fault, Check check) {
    HarnessFaults faults;
    faults.*fault = true;
    out.push_back({what, faults, std::move(check)});
  };
  add("a cut holds in one direction only", &HarnessFaults::half_cuts, a_run_suspects);
  add("power loss keeps what was not synced", &HarnessFaults::power_keeps_all, power_loses);
  add("clocks stand still", &HarnessFaults::clocks_stand, a_run_suspects);
  add("every third answer is missing in the history", &HarnessFaults::answers_dropped,
      a_run_suspects);
  add("every seed draws the same", &HarnessFaults::seed_ignored, seeds_differ);
  add("the hash leaves out effects", &HarnessFaults::effects_unhashed, effects_count);
  add("a checker that gives up passes", &HarnessFaults::giving_up_passes, giving_up_is_told);
  add("recordings are not replayed", &HarnessFaults::replay_skipped, replays_are_compared);
  return out;
}

class Table {
 public:
  explicit Table(bool json) : json_(json) {}

  void row(const std::string& what, bool good, const std::string& noticed) {
    ++rows_;
    good_ += good ? 1 : 0;
    if (json_) {
      JsonWriter out;
      out.begin_object().key("planted").string(what).key("caught").boolean(good);
      std::puts(out.key("noticed").string(noticed).end_object().take().c_str());
    } else {
      std::printf("%-48s %-10s %s\n", what.c_str(), good ? "caught" : "NOT CAUGHT",
                  noticed.c_str());
    }
  }
  int end() const {
    if (!json_) std::printf("%zu of %zu are caught\n", good_, rows_);
    return static_cast<int>(good_ == rows_ ? Verdict::Pass : Verdict::HarnessSuspect);
  }

 private:
  bool json_;
  std::size_t rows_ = 0;
  std::size_t good_ = 0;
};

int selftest(bool json) {
  Table table(json);
  for (const Check& check :
       {Check(a_run_suspects), Check(seeds_differ), Check(effects_count), Check(giving_up_is_told),
        Check(replays_are_compared), Check(power_loses)}) {
    Noticed noticed = check(HarnessFaults{});
    if (!noticed) continue;
    table.row("nothing is planted: a false alarm", false, *noticed);
    return table.end();
  }
  for (const Planted& planted : planted_errors()) {
    Noticed noticed = planted.check(planted.faults);
    bool good = noticed && !noticed->starts_with("(no suspicion)");
    table.row(planted.what, good, noticed.value_or("nothing was noticed"));
  }
  return table.end();
}

}  // namespace

void add_selftest_command(CLI::App& app, Commands& commands) {
  CLI::App* command =
      app.add_subcommand("selftest", "Plant errors in the simulator itself; each must be noticed");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "One JSON object for each planted error");
  command->footer(
      "First every check runs with nothing planted and must be silent. Then each oracle is left\n"
      "out, faults do nothing, clocks stand, answers get lost and so on, one at a time, and the\n"
      "line of each says by what it was noticed.\n"
      "Exit codes: 0 all are caught, 5 one is not, or a check raises a false alarm.");
  commands.push_back({command, [json] { return selftest(*json); }});
}

}  // namespace quorate::sim
