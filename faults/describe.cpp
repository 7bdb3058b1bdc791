#include <fmt/format.h>

#include "faults/fault.h"
#include "master/base/json.h"

// The table of kinds as documents have it.

namespace quorate::faults {
namespace {

constexpr Family kFamilies[] = {Family::Programs,    Family::Links,  Family::Messages,
                                Family::Disks,       Family::Clocks, Family::Operators,
                                Family::Coordination};

std::string_view cost_text(Cost cost) {
  switch (cost) {
    case Cost::Nothing: return "-";
    case Cost::Replica: return "replica";
    case Cost::OldReplica: return "old replica";
  }
  return "?";
}

std::string_view where(const FaultDescription& kind) {
  if (kind.in_scenarios && kind.in_log) return "scenarios, log";
  return kind.in_scenarios ? "scenarios" : "log";
}

// A '|' would end a cell.
std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

}  // namespace

std::string kinds_as_markdown() {
  std::string out = fmt::format(
      "# The kinds of faults\n\n"
      "<!-- Written by `quorate-sim faults --markdown > docs/faults.md` from the table in "
      "faults/kinds.cpp. Do not edit: a test compares. -->\n\n"
      "There are {} kinds. Each is a step of a scenario (`docs/scenarios.md`), of the schedules "
      "that `quorate-sim log` draws, or both.\n"
      "What a kind costs in terms of the guarantee is explained in `faults/README.md`: of "
      "2q - 1 replicas q - 1 may lose their votes in one phase.\n\n"
      "* `NAME` is a master, a name that an `expect` gave, and for `start`, `stop` and `kill` also "
      "`zookeeper` or `zk1`, `zk2`...\n"
      "* `after N`: it befalls the operation of its sort (a write, a sync, a read; for the others "
      "any operation of that host's disk) that follows N others. Without it: the next, or at "
      "once.\n"
      "* `in CLASS`: only operations on `metadata`, `segment` or `snapshot` files.\n"
      "* `TIME` is a whole number with `us`, `ms`, `s`, `min` or `h`; `PPM` is how many of a "
      "million.\n",
      fault_kinds().size());
  for (Family family : kFamilies) {
    std::string title(to_text(family));
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
    out += "\n## " + title +
           "\n\n| kind | step | what it does | cost | where |\n|---|---|---|---|---|\n";
    for (const FaultDescription& kind : fault_kinds())
      if (kind.family == family)
        out += fmt::format("| {} | `{}` | {} | {} | {} |\n", kind.name, cell(kind.form),
                           cell(kind.about), cost_text(kind.cost), where(kind));
  }
  return out;
}

std::string kinds_as_json() {
  JsonWriter out;
  out.begin_array();
  for (const FaultDescription& kind : fault_kinds()) {
    out.begin_object();
    out.member("kind", kind.name).member("verb", kind.verb).member("form", kind.form);
    out.member("about", kind.about).member("family", to_text(kind.family));
    out.member("cost", cost_text(kind.cost));
    out.member_boolean("in_scenarios", kind.in_scenarios).member_boolean("in_log", kind.in_log);
    out.end_object();
  }
  out.end_array();
  return out.take() + "\n";
}

}  // namespace quorate::faults
