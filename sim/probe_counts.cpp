#include "sim/probe_counts.h"

#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "master/base/json.h"

namespace quorate {
namespace {

constexpr Probe kAll[] = {
#define QUORATE_PROBE(room, name, sentence) Probe::name,
    QUORATE_PROBES(QUORATE_PROBE)
#undef QUORATE_PROBE
};
constexpr std::size_t kProbes = std::size(kAll);

// Counts only: nothing in a run ever reads it. A process runs one world at a time.
std::array<std::uint64_t, kProbes> counted{};

}  // namespace

// What the weak reference in the core finds in this program.
void count_probe(Probe reached) { ++counted[static_cast<std::size_t>(reached)]; }

namespace sim {

void ProbeCounts::add(const ProbeCounts& other) {
  for (const auto& [probe, count] : other.counts_) counts_[probe] += count;
}

std::uint64_t ProbeCounts::of(Probe probe) const {
  const auto found = counts_.find(probe);
  return found == counts_.end() ? 0 : found->second;
}

Bytes ProbeCounts::encode() const {
  ByteWriter out;
  out.u16(static_cast<std::uint16_t>(counts_.size()));
  for (const auto& [probe, count] : counts_) {
    out.u16(static_cast<std::uint16_t>(probe));
    out.u64(count);
  }
  return out.take();
}

ProbeCounts ProbeCounts::decode(std::string_view bytes) {
  ByteReader in(bytes);
  ProbeCounts counts;
  const std::uint16_t size = in.u16();
  for (std::uint16_t i = 0; i < size; ++i) {
    const std::uint16_t number = in.u16();
    const std::uint64_t count = in.u64();
    if (in.failed() || number >= kProbes) break;
    counts.counts_[static_cast<Probe>(number)] = count;
  }
  return counts;
}

ProbeCounts take_probe_counts() {
  const std::array<std::uint64_t, kProbes> all = std::exchange(counted, {});
  ProbeCounts counts;
  for (const ProbeDescription& description : probe_descriptions()) {
    const std::uint64_t count = all[static_cast<std::size_t>(description.probe)];
    if (count > 0) counts.add(description.probe, count);
  }
  return counts;
}

std::string summary(const ProbeCounts& counts) {
  std::string never;
  for (const ProbeDescription& description : probe_descriptions())
    if (counts.of(description.probe) == 0) never += " " + std::string(description.name);
  std::string out = fmt::format("probes reached        {} of {}", counts.reached(), kProbes);
  if (!never.empty()) out += "; never:" + never;
  return out + "\n";
}

std::string to_text(const ProbeCounts& counts) {
  std::string out;
  for (const ProbeDescription& description : probe_descriptions())
    if (const std::uint64_t count = counts.of(description.probe); count > 0)
      out += fmt::format("{:<14} {:<23} {}\n", description.room, description.name, count);
  return out + summary(counts);
}

std::string to_json(const ProbeCounts& counts) {
  JsonWriter out;
  out.begin_object();
  out.member_integer("reached", static_cast<std::int64_t>(counts.reached()));
  out.member_integer("of", static_cast<std::int64_t>(kProbes));
  out.key("counts").begin_object();
  for (const ProbeDescription& description : probe_descriptions())
    if (const std::uint64_t count = counts.of(description.probe); count > 0)
      out.member_integer(description.name, static_cast<std::int64_t>(count));
  out.end_object();
  out.key("never").begin_array();
  for (const ProbeDescription& description : probe_descriptions())
    if (counts.of(description.probe) == 0) out.string(description.name);
  out.end_array();
  out.end_object();
  return out.take();
}

}  // namespace sim
}  // namespace quorate
