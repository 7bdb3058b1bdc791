#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "master/base/json.h"
#include "sim/commands.h"

// quorate-sim probes

namespace quorate::sim {
namespace {

std::string as_json() {
  JsonWriter out;
  out.begin_array();
  for (const ProbeDescription& description : probe_descriptions()) {
    out.begin_object();
    out.member("name", description.name);
    out.member("room", description.room);
    out.member("what", description.sentence);
    out.end_object();
  }
  out.end_array();
  return out.take() + "\n";
}

std::string as_text() {
  std::string out;
  for (const ProbeDescription& description : probe_descriptions())
    out +=
        fmt::format("{:<14} {:<23} {}\n", description.room, description.name, description.sentence);
  return out + fmt::format("{} probes\n", probe_descriptions().size());
}

constexpr const char* kFooter =
    "A probe is a named rare state of the protocol, a line in the code of the master where it\n"
    "happens. It is counted in the simulator and does nothing in production. A campaign tells how\n"
    "often each was reached: one that never is means that the faults of the campaign do not get\n"
    "there, so nothing was tested of it.\n\n"
    "Examples:\n"
    "  quorate-sim log --seeds=1..2000 --probes\n"
    "  quorate-sim run scenarios --seeds=1..10 --quiet --probes";

}  // namespace

void add_probes_command(CLI::App& app, Commands& commands) {
  CLI::App* command = app.add_subcommand("probes", "List the probes: room, name, what it means");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "An array of objects: name, room, what");
  command->footer(kFooter);
  commands.push_back({command, [json] {
                        std::fputs((*json ? as_json() : as_text()).c_str(), stdout);
                        return 0;
                      }});
}

}  // namespace quorate::sim
