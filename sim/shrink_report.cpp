#include "sim/shrink_report.h"

#include <fmt/format.h>

#include "master/base/json.h"

namespace quorate::sim {

std::string shrunk_file(const Shrunk& shrunk, const Signature& wanted, std::uint64_t seed,
                        std::string_view build) {
  std::string out =
      fmt::format("# Fails with seed {}: {}. Build {}.\n", seed, to_text(wanted), build);
  out += fmt::format("# Shrunk from {} events to {} in {} runs.\n", shrunk.events_before,
                     shrunk.events, shrunk.runs);
  if (!shrunk.minimal)
    out += "# Perhaps it can be smaller: the time was over before all was tried.\n";
  if (!shrunk.needs.empty()) out += "# Without one of these lines:\n";
  for (const Need& need : shrunk.needs)
    out += fmt::format("#   {:<44} -> {}\n", need.event, need.without);
  return out + shrunk.text;
}

std::string json_report(const Shrunk& shrunk, const Signature& wanted, std::uint64_t seed,
                        std::string_view replay) {
  const auto whole = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
  JsonWriter out;
  out.begin_object().member_integer("seed", whole(seed));
  out.member("verdict", to_text(wanted.verdict)).member("what", wanted.what);
  out.member_integer("code", static_cast<std::int64_t>(wanted.verdict));
  out.member_integer("events_before", whole(shrunk.events_before));
  out.member_integer("events", whole(shrunk.events)).member_integer("runs", whole(shrunk.runs));
  out.member_boolean("minimal", shrunk.minimal).key("needs").begin_array();
  for (const Need& need : shrunk.needs)
    out.begin_object().member("event", need.event).member("without", need.without).end_object();
  out.end_array().member("scenario", shrunk.text).member("replay", replay).end_object();
  return out.take() + "\n";
}

}  // namespace quorate::sim
