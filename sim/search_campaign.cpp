#include "sim/search_campaign.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "master/base/check.h"
#include "master/base/json.h"
#include "master/base/text.h"
#include "sim/master_node.h"
#include "sim/scenario_files.h"
#include "sim/scenario_generator.h"
#include "sim/shrink.h"

namespace quorate::sim {
namespace {

constexpr std::uint64_t kWindow = 200;
constexpr int kSigabrt = 6;  // the same on every Linux

std::uint64_t hours_hundredths(Duration time) {
  return static_cast<std::uint64_t>(time.ns / (Duration::seconds(36).ns));
}

std::string verbs(const std::vector<faults::FaultKind>& kinds) {
  std::string out;
  for (faults::FaultKind kind : kinds)
    out += (out.empty() ? "" : ", ") + std::string(faults::description_of(kind).name);
  return out;
}

// What a run that came to its failing step has carried out; all of it, if it passed.
std::map<faults::FaultKind, std::uint64_t> carried_out(const Section& section,
                                                       const RunResult& result) {
  std::map<faults::FaultKind, std::uint64_t> out;
  for (const Step& step : section.steps) {
    if (result.line != 0 && step.line >= result.line) break;
    if (const auto* fault = std::get_if<faults::Fault>(&step.action)) ++out[fault->kind];
  }
  return out;
}

}  // namespace

Bytes SearchOutcome::encode() const {
  ByteWriter out;
  out.u64(seed);
  out.u32(static_cast<std::uint32_t>(verdict));
  out.u64(line);
  out.sized(step);
  out.sized(text);
  out.u32(static_cast<std::uint32_t>(notes.size()));
  for (const std::string& note : notes) out.sized(note);
  out.u64(hash);
  out.i64(time.ns);
  out.u64(events);
  out.u64(acknowledged_writes);
  out.u32(static_cast<std::uint32_t>(faults.size()));
  for (const auto& [kind, count] : faults) {
    out.u8(static_cast<std::uint8_t>(kind));
    out.u64(count);
  }
  out.u32(static_cast<std::uint32_t>(states.size()));
  for (std::uint64_t state : states) out.u64(state);
  return out.take();
}

std::optional<SearchOutcome> SearchOutcome::decode(std::string_view bytes) {
  ByteReader in(bytes);
  SearchOutcome out;
  out.seed = in.u64();
  out.verdict = static_cast<Verdict>(in.u32());
  out.line = in.u64();
  out.step = std::string(in.sized());
  out.text = std::string(in.sized());
  std::uint32_t count = in.u32();
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) out.notes.emplace_back(in.sized());
  out.hash = in.u64();
  out.time = Duration{in.i64()};
  out.events = in.u64();
  out.acknowledged_writes = in.u64();
  count = in.u32();
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
    const auto kind = static_cast<faults::FaultKind>(in.u8());
    out.faults[kind] = in.u64();
  }
  count = in.u32();
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) out.states.push_back(in.u64());
  if (!in.done()) return std::nullopt;
  return out;
}

SearchOutcome search_once(std::string_view profile, std::uint64_t seed, NodeFactory& factory,
                          bool replay_check) {
  SearchOutcome out;
  out.seed = seed;
  const ParsedScenario parsed = parse_scenario("drawn", generate_scenario(profile, seed));
  if (!parsed.mistakes.empty()) {
    out.verdict = Verdict::HarnessSuspect;
    out.text = "the generator wrote a mistake: " + to_text("drawn", parsed.mistakes.front());
    return out;
  }
  StateSet states;
  const Section& section = parsed.scenario.sections.front();
  RunOptions options;
  options.replay_check = replay_check;
  options.states = &states;
  RunResult result = run_section(parsed.scenario, section, seed, factory, options);
  out.verdict = result.verdict;
  out.line = result.line;
  out.step = std::move(result.step);
  out.text = std::move(result.text);
  out.notes = std::move(result.notes);
  out.hash = result.hash;
  out.time = result.time - SimTime{};
  out.events = result.events;
  out.acknowledged_writes = result.acknowledged_writes;
  out.faults = carried_out(section, result);
  out.states.assign(states.all().begin(), states.all().end());
  return out;
}

bool SearchSum::add(const SearchOutcome& outcome) {
  const bool pass = outcome.verdict == Verdict::Pass;
  if (runs_ % 1000 == 0) new_states_.push_back(0);
  ++runs_;
  passed_ += pass ? 1 : 0;
  time_ = time_ + outcome.time;
  events_ += outcome.events;
  writes_ += outcome.acknowledged_writes;
  for (const auto& [kind, count] : outcome.faults) faults_[kind] += count;
  ++verdicts_[outcome.verdict];
  probes_.add(outcome.probes);
  std::uint64_t fresh = 0;
  for (std::uint64_t state : outcome.states) fresh += states_.add(state) ? 1 : 0;
  new_states_.back() += fresh;
  new_by_run_.push_back(fresh);
  hashes_[outcome.seed] = outcome.hash;
  return !pass;
}

bool SearchSum::add_second(const SearchOutcome& outcome) {
  ++twice_;
  const auto first = hashes_.find(outcome.seed);
  CHECK(first != hashes_.end());
  if (first->second == outcome.hash) return false;
  ++differed_;
  ++verdicts_[Verdict::Nondeterminism];
  return true;
}

std::uint64_t SearchSum::new_states_lately() const {
  const std::uint64_t runs = std::min<std::uint64_t>(kWindow, new_by_run_.size());
  std::uint64_t sum = 0;
  for (std::size_t i = new_by_run_.size() - runs; i < new_by_run_.size(); ++i)
    sum += new_by_run_[i];
  return runs == 0 ? 0 : sum * 1000 / runs;
}

std::vector<faults::FaultKind> SearchSum::never_hit() const {
  std::vector<faults::FaultKind> out;
  for (const faults::FaultDescription& each : faults::fault_kinds())
    if (each.in_scenarios && !faults_.contains(each.kind)) out.push_back(each.kind);
  return out;
}

int SearchSum::code() const {
  for (const auto& [verdict, count] : verdicts_)
    if (verdict != Verdict::Pass && count > 0) return static_cast<int>(verdict);
  return 0;
}

std::string to_text(const SearchSum& sum) {
  std::string out;
  const std::uint64_t hours = hours_hundredths(sum.time());
  out += fmt::format("runs                  {}, {} failed, {} run twice, {} with two hashes\n",
                     sum.runs(), sum.failed(), sum.run_twice(), sum.differed());
  out += fmt::format("simulated time        {}.{:02} h\n", hours / 100, hours % 100);
  out += fmt::format("events                {}\n", sum.events());
  out += fmt::format("writes acknowledged   {}\n", sum.acknowledged_writes());
  out += fmt::format("protocol states       {}; new in each 1000 runs:", sum.states());
  for (std::uint64_t fresh : sum.new_states()) out += fmt::format(" {}", fresh);
  out += "\nfaults carried out\n";
  for (const auto& [kind, count] : sum.faults())
    out += fmt::format("  {:<20}{}\n", faults::description_of(kind).name, count);
  if (const auto never = sum.never_hit(); !never.empty())
    out += fmt::format("faults never hit      {}\n", verbs(never));
  out += summary(sum.probes());
  for (const auto& [verdict, count] : sum.verdicts())
    out += fmt::format("{:<22}{}\n", to_text(verdict), count);
  return out;
}

std::string json_text(const SearchSum& sum, std::string_view profile, std::string_view build) {
  const auto whole = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
  JsonWriter out;
  out.begin_object().member("profile", profile).member("build", build);
  out.member_integer("runs", whole(sum.runs())).member_integer("failed", whole(sum.failed()));
  out.member_integer("run_twice", whole(sum.run_twice()));
  out.member_integer("two_hashes", whole(sum.differed()));
  out.member_integer("simulated_ms", sum.time().whole_milliseconds());
  out.member_integer("events", whole(sum.events()));
  out.member_integer("writes", whole(sum.acknowledged_writes()));
  out.member_integer("states", whole(sum.states())).key("new_states").begin_array();
  for (std::uint64_t fresh : sum.new_states()) out.integer(whole(fresh));
  out.end_array().key("faults").begin_object();
  for (const auto& [kind, count] : sum.faults())
    out.member_integer(faults::description_of(kind).name, whole(count));
  out.end_object().key("faults_never_hit").begin_array();
  for (faults::FaultKind kind : sum.never_hit()) out.string(faults::description_of(kind).name);
  out.end_array().key("verdicts").begin_object();
  for (const auto& [verdict, count] : sum.verdicts())
    out.member_integer(to_text(verdict), whole(count));
  out.end_object()
      .key("probes")
      .raw(to_json(sum.probes()))
      .member_integer("code", sum.code())
      .end_object();
  return out.take() + "\n";
}

std::optional<Shard> parse_shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto index = parse_u64(text.substr(0, slash));
  const auto count = parse_u64(text.substr(slash + 1));
  if (!index || !count || *index < 1 || *index > *count) return std::nullopt;
  return Shard{*index, *count};
}

std::string failure_file(std::string_view scenario, const SearchOutcome& outcome,
                         std::string_view build) {
  std::string out = fmt::format("# {} with seed {}, build {}, hash {:016x}\n",
                                to_text(outcome.verdict), outcome.seed, build, outcome.hash);
  for (std::string_view line : split(outcome.text.substr(0, 600), '\n'))
    out += fmt::format("# {}\n", line);
  return out + std::string(scenario);
}

JobList::Outcome SearchBatch::run(std::size_t index) {
  MasterFactory masters;
  const SearchOutcome outcome = search_once(profile_, seeds_[index], masters, replay_check_);
  return {static_cast<int>(outcome.verdict), outcome.encode()};
}

JobList::Outcome SearchBatch::died(std::size_t index, int signal) {
  SearchOutcome outcome;
  outcome.seed = seeds_[index];
  outcome.verdict = signal == kSigabrt ? Verdict::SafetyViolated : Verdict::HarnessSuspect;
  outcome.text = signal == kSigabrt
                     ? std::string(kBrokenInvariant) + ": a line on stderr says which"
                     : fmt::format("the simulator ended by signal {}", signal);
  return {static_cast<int>(outcome.verdict), outcome.encode()};
}

void SearchBatch::done(std::size_t, const Outcome& outcome) {
  std::optional<SearchOutcome> decoded = SearchOutcome::decode(outcome.text);
  CHECK(decoded.has_value());
  decoded->probes = outcome.probes;
  outcomes_.push_back(std::move(*decoded));
}

}  // namespace quorate::sim
