#include "sim/report.h"

#include <cstdio>

#include "master/base/bytes.h"
#include "master/base/json.h"

namespace quorate::sim {
namespace {

std::string place(const RunId& id, const RunResult& result) {
  return result.line == 0 ? id.file : id.file + ":" + std::to_string(result.line);
}

}  // namespace

std::string to_text(const RunId& id) {
  return id.section.empty() ? id.scenario : id.scenario + "[" + id.section + "]";
}

std::string replay_command(const RunId& id) {
  std::string section = id.section.empty() ? "" : "--section=" + id.section + " ";
  return id.program + " run --seed=" + std::to_string(id.seed) + " " + section + id.file;
}

std::string text_report(const RunId& id, const RunResult& result) {
  bool pass = result.verdict == Verdict::Pass;
  std::string out = pass ? "" : "FAIL  ";
  out += to_text(id) + " seed " + std::to_string(id.seed) + ": ";
  char figures[160];
  const std::uint64_t learned = result.learned_seen.on_wires + result.learned_seen.on_disks;
  std::snprintf(figures, sizeof figures,
                "hash %s, %lld.%lld s, %llu events, %zu writes, %llu learned",
                hex(result.hash).c_str(), static_cast<long long>(result.time.ns / 1'000'000'000),
                static_cast<long long>(result.time.ns / 100'000'000 % 10),
                static_cast<unsigned long long>(result.events), result.acknowledged_writes,
                static_cast<unsigned long long>(learned));
  std::string picture = result.picture.empty() ? "" : "      picture: " + result.picture + "\n";
  std::string hazards;
  for (const auto& [oracle, text] : result.hazards) hazards += "      detected: " + text + "\n";
  if (pass) return out + "ok, " + figures + "\n" + hazards + picture;
  out += std::string(to_text(result.verdict)) + "\n";
  out += "      " + place(id, result) + (result.step.empty() ? "" : ": " + result.step) + "\n";
  out += "      " + result.text + "\n";
  for (const std::string& note : result.notes) out += "      | " + note + "\n";
  out += "      " + std::string(figures) + "\n";
  return out + picture + "      replay: " + replay_command(id) + "\n";
}

std::string json_report(const RunId& id, const RunResult& result) {
  JsonWriter out;
  out.begin_object();
  out.member("scenario", id.scenario).member("section", id.section).member("file", id.file);
  out.member_integer("seed", static_cast<std::int64_t>(id.seed));
  out.member("verdict", to_text(result.verdict));
  out.member_integer("code", static_cast<std::int64_t>(result.verdict));
  out.member("hash", hex(result.hash));
  out.member_integer("simulated_ms", result.time.ns / 1'000'000);
  out.member_integer("events", static_cast<std::int64_t>(result.events));
  out.key("faults").begin_object();
  for (const auto& [kind, count] : result.faults)
    out.member_integer(faults::description_of(kind).name, static_cast<std::int64_t>(count));
  out.end_object();
  if (!result.hazards.empty()) {
    out.key("hazards").begin_object();
    for (const auto& [oracle, text] : result.hazards) out.member(oracle, text);
    out.end_object();
  }
  out.member_integer("writes", static_cast<std::int64_t>(result.acknowledged_writes));
  if (!result.picture.empty()) out.member("picture", result.picture);
  if (result.verdict != Verdict::Pass) {
    out.member_integer("line", static_cast<std::int64_t>(result.line));
    out.member("step", result.step).member("text", result.text);
    out.member("replay", replay_command(id));
  }
  out.end_object();
  return out.take() + "\n";
}

}  // namespace quorate::sim
