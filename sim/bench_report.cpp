#include <fmt/format.h>

#include "master/base/json.h"
#include "sim/bench.h"

namespace quorate::sim {
namespace {

// "51.2", "512 000": thousandths as people read them.
std::string shown(std::uint64_t thousandths) {
  if (thousandths < 1'000'000)
    return fmt::format("{}.{:03}", thousandths / 1000, thousandths % 1000);
  std::string out = std::to_string(thousandths / 1000);
  for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, 1, ' ');
  return out;
}

std::string verdict(const Measure& measure) {
  if (!measure.wrong.empty()) return "FAILED: " + measure.wrong;
  return measure.holds() ? "holds" : "not reached";
}

// Kinds down, measures across.
std::string shares_text(const std::vector<Measure>& measures) {
  std::vector<const Measure*> sampled;
  for (const Measure& measure : measures)
    if (measure.samples > 0) sampled.push_back(&measure);
  if (sampled.empty()) return {};
  std::string out = fmt::format("\n{:<22}", "where the time goes");
  for (const Measure* measure : sampled) out += fmt::format("{:>14}", measure->name);
  for (std::size_t i = 0; i < sampled.front()->shares.size(); ++i) {
    out += fmt::format("\n  {:<20}", sampled.front()->shares[i].kind);
    for (const Measure* measure : sampled) {
      const std::uint64_t share = measure->shares[i].per_mille;
      out += fmt::format("{:>12} %", fmt::format("{}.{}", share / 10, share % 10));
    }
  }
  out += fmt::format("\n  {:<20}", "samples");
  for (const Measure* measure : sampled) out += fmt::format("{:>14}", measure->samples);
  return out + "\n";
}

}  // namespace

std::string to_text(const std::vector<Measure>& measures) {
  std::string out;
  for (const Measure& measure : measures) {
    out += fmt::format("{:<4}{:<16}{:>12} {:<20} {} {:<9} {}\n", measure.goal, measure.name,
                       shown(measure.figure), measure.unit,
                       measure.at_least ? ">=" : "<=", shown(measure.limit), verdict(measure));
    out +=
        fmt::format("    {}; {}.{:02} CPU-s\n", measure.what, measure.processor_ns / 1'000'000'000,
                    measure.processor_ns / 10'000'000 % 100);
  }
  return out + shares_text(measures);
}

std::string json_text(const std::vector<Measure>& measures, std::string_view build) {
  JsonWriter out;
  out.begin_object().member("build", build).key("measures").begin_array();
  for (const Measure& measure : measures) {
    out.begin_object().member("goal", measure.goal).member("name", measure.name);
    out.member("what", measure.what).member("unit", measure.unit);
    out.key("figure_thousandths").unsigned_integer(measure.figure);
    out.key("limit_thousandths").unsigned_integer(measure.limit);
    out.member("rule", measure.at_least ? "at least" : "at most");
    out.member_boolean("holds", measure.holds()).member("wrong", measure.wrong);
    out.key("processor_ms").unsigned_integer(measure.processor_ns / 1'000'000);
    out.key("samples").unsigned_integer(measure.samples).key("shares_per_mille").begin_object();
    for (const CostSampler::Share& share : measure.shares)
      out.key(share.kind).unsigned_integer(share.per_mille);
    out.end_object().end_object();
  }
  out.end_array().end_object();
  return out.take() + "\n";
}

}  // namespace quorate::sim
