#include "sim/log_campaign.h"

#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "master/base/json.h"
#include "sim/report.h"

namespace quorate::sim {
namespace {

using faults::Bounds;

constexpr std::size_t kProgressEvery = 1000;

std::string_view to_text(Bounds bounds) {
  switch (bounds) {
    case Bounds::Budget: return "within the budget";
    case Bounds::Telling: return "beyond, each can tell";
    case Bounds::None: return "beyond, nobody can tell";
  }
  return "";
}

template <typename Key>
void put(ByteWriter& out, const std::map<Key, std::uint64_t>& counts) {
  out.u32(static_cast<std::uint32_t>(counts.size()));
  for (const auto& [key, count] : counts) {
    out.u32(static_cast<std::uint32_t>(key));
    out.u64(count);
  }
}
template <typename Key>
void get(ByteReader& in, std::map<Key, std::uint64_t>& counts) {
  const std::uint32_t size = in.u32();
  for (std::uint32_t i = 0; i < size && !in.failed(); ++i) {
    const auto key = static_cast<Key>(in.u32());
    counts[key] = in.u64();
  }
}
template <typename Key>
void add_counts(std::map<Key, std::uint64_t>& to, const std::map<Key, std::uint64_t>& from) {
  for (const auto& [key, count] : from) to[key] += count;
}

std::string json_line(std::uint64_t seed, const LogResult& result, const std::string& replay) {
  JsonWriter out;
  out.begin_object();
  out.member_integer("seed", static_cast<std::int64_t>(seed));
  out.member("verdict", sim::to_text(result.verdict));
  out.member_integer("code", static_cast<std::int64_t>(result.verdict));
  out.member("hash", fmt::format("{:016x}", result.hash));
  out.member_integer("replicas", result.replicas);
  out.member("bounds", to_text(result.bounds));
  out.member_integer("simulated_ms", result.time.ns / 1'000'000);
  out.member_integer("events", static_cast<std::int64_t>(result.handled));
  out.member_integer("appends", static_cast<std::int64_t>(result.appends));
  out.member_integer("acknowledged", static_cast<std::int64_t>(result.acknowledged));
  if (result.verdict != Verdict::Pass) out.member("text", result.text).member("replay", replay);
  out.end_object();
  return out.take() + "\n";
}

}  // namespace

void LogSum::add(const LogSum& other) {
  runs += other.runs;
  passed += other.passed;
  twice += other.twice;
  time = time + other.time;
  handled += other.handled;
  appends += other.appends;
  acknowledged += other.acknowledged;
  reborn += other.reborn;
  add_counts(replicas, other.replicas);
  add_counts(bounds, other.bounds);
  add_counts(carried_out, other.carried_out);
  add_counts(exits, other.exits);
  probes.add(other.probes);
}

Bytes LogSum::encode() const {
  ByteWriter out;
  for (std::uint64_t value : {runs, passed, twice, handled, appends, acknowledged, reborn})
    out.u64(value);
  out.i64(time.ns);
  put(out, replicas);
  put(out, bounds);
  put(out, carried_out);
  put(out, exits);
  return out.take();
}

LogSum LogSum::decode(std::string_view bytes) {
  ByteReader in(bytes);
  LogSum sum;
  for (std::uint64_t* value : {&sum.runs, &sum.passed, &sum.twice, &sum.handled, &sum.appends,
                               &sum.acknowledged, &sum.reborn})
    *value = in.u64();
  sum.time = {in.i64()};
  get(in, sum.replicas);
  get(in, sum.bounds);
  get(in, sum.carried_out);
  get(in, sum.exits);
  return sum;
}

LogSum sum_of(const LogResult& result) {
  LogSum sum;
  sum.runs = 1;
  sum.passed = result.verdict == Verdict::Pass ? 1 : 0;
  sum.time = {result.time.ns};
  sum.handled = result.handled;
  sum.appends = result.appends;
  sum.acknowledged = result.acknowledged;
  sum.reborn = result.reborn;
  sum.replicas[result.replicas] = 1;
  sum.bounds[result.bounds] = 1;
  sum.carried_out = result.carried_out;
  sum.exits = result.exits;
  return sum;
}

std::string to_text(const LogSum& sum) {
  std::string out = fmt::format(
      "runs                  {}, {} passed, {} run twice with equal hashes\n"
      "virtual time          {} s\nevents handled        {}\n"
      "appends               {}, {} acknowledged\nreplicas reborn       {}\n",
      sum.runs, sum.passed, sum.twice, sum.time.ns / 1'000'000'000, sum.handled, sum.appends,
      sum.acknowledged, sum.reborn);
  for (const auto& [count, runs] : sum.replicas)
    out += fmt::format("with {} replicas       {}\n", count, runs);
  for (const auto& [bounds, runs] : sum.bounds)
    out += fmt::format("{:<25} {}\n", to_text(bounds), runs);
  for (const auto& [exit, count] : sum.exits)
    out += fmt::format("exits with {:<3}        {}\n", exit, count);
  std::string never;
  for (const faults::FaultDescription& kind : faults::fault_kinds()) {
    if (!kind.in_log) continue;
    auto found = sum.carried_out.find(kind.kind);
    if (found == sum.carried_out.end()) {
      never += " " + std::string(kind.name);
    } else {
      out += fmt::format("{:<21} {}\n", kind.name, found->second);
    }
  }
  out += never.empty() ? "every kind of fault occurred\n" : "never occurred:" + never + "\n";
  return out + summary(sum.probes);
}

std::string LogCampaign::replay_command(std::uint64_t seed) const {
  return fmt::format("{} log --replay={}{}", settings_.program, seed, settings_.options);
}

std::string LogCampaign::report(std::uint64_t seed, const LogResult& result) const {
  const bool pass = result.verdict == Verdict::Pass;
  if (settings_.json) return json_line(seed, result, replay_command(seed));
  if (pass && !settings_.verbose) return {};
  std::string out = fmt::format(
      "{}seed {}: {}, {} replicas, {}, hash {:016x}, {} s, {} events, {} of {} appends "
      "acknowledged\n",
      pass ? "" : "FAIL  ", seed, sim::to_text(result.verdict), result.replicas,
      to_text(result.bounds), result.hash, result.time.ns / 1'000'000'000, result.handled,
      result.acknowledged, result.appends);
  if (!pass) out += "      " + result.text + "\n";
  for (const std::string& line : result.faults) out += "      " + line + "\n";
  for (const std::string& line : result.events) out += "      | " + line + "\n";
  if (!pass) out += "      replay: " + replay_command(seed) + " -v\n";
  return out;
}

JobList::Outcome LogCampaign::run(std::size_t index) {
  const std::uint64_t seed = seed_of(index);
  LogResult result = LogWorld(seed, settings_.world).run();
  LogSum sum = sum_of(result);
  if (settings_.twice_every > 0 && seed % settings_.twice_every == 0) {
    const LogResult again = LogWorld(seed, settings_.world).run();
    sum.twice = 1;
    if (again.hash != result.hash && result.verdict == Verdict::Pass) {
      result.verdict = Verdict::Nondeterminism;
      result.text = "the same seed gave two hashes";
      sum.passed = 0;
    }
  }
  ByteWriter out;
  out.sized(report(seed, result));
  out.sized(sum.encode());
  return {static_cast<int>(result.verdict), out.take()};
}

JobList::Outcome LogCampaign::died(std::size_t index, int signal) {
  LogSum sum;
  sum.runs = 1;
  ByteWriter out;
  out.sized(fmt::format("FAIL  seed {}: an invariant is broken (signal {})\n      replay: {} -v\n",
                        seed_of(index), signal, replay_command(seed_of(index))));
  out.sized(sum.encode());
  return {static_cast<int>(Verdict::SafetyViolated), out.take()};
}

void LogCampaign::done(std::size_t index, const Outcome& outcome) {
  ByteReader in(outcome.text);
  const std::string_view text = in.sized();
  sum_.add(LogSum::decode(in.sized()));
  sum_.probes.add(outcome.probes);
  if (outcome.code != 0 && (code_ == 0 || outcome.code < code_)) code_ = outcome.code;
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!text.empty()) std::fflush(stdout);
  if ((index + 1) % kProgressEvery == 0 && index + 1 < count())
    std::fprintf(stderr, "%zu of %zu runs, %llu failed\n", index + 1, count(),
                 static_cast<unsigned long long>(sum_.runs - sum_.passed));
}

}  // namespace quorate::sim
