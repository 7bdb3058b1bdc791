#include <fmt/format.h>

#include "master/base/text.h"
#include "master/config.h"
#include "master/flag_table.h"

// The table of flags as text for people: --help and docs/flags.md.

namespace quorate {
namespace {

using flags::Flag;
using flags::Group;
using flags::Status;
using flags::Type;

// Words in lines of at most 79 columns, each line behind `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent) {
  constexpr std::size_t kWidth = 79;
  std::string out;
  std::string line;
  for (const std::string& word : split(text, ' ')) {
    if (!line.empty() && indent + line.size() + 1 + word.size() > kWidth) {
      out += std::string(indent, ' ') + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return out + std::string(indent, ' ') + line + "\n";
}

std::string heading(const Flag& flag) {
  if (flag.type == Type::Bool) return fmt::format("--{0}, --no-{0}", flag.name);
  return fmt::format("--{}=<{}>", flag.name, to_text(flag.type));
}

std::string help_of(const Flag& flag) {
  std::string text(flag.help);
  if (!flag.default_text.empty()) text += fmt::format(" Default: {}.", flag.default_text);
  if (!flag.alias.empty()) text += fmt::format(" Older name: --{}.", flag.alias);
  if (flag.status == Status::Accepted) text += " (Accepted; no effect yet.)";
  return "  " + heading(flag) + "\n" + wrapped(text, 6);
}

std::string section(std::string_view title, std::initializer_list<std::string_view> paragraphs) {
  std::string out = fmt::format("\n{}\n", title);
  for (std::string_view paragraph : paragraphs) out += wrapped(paragraph, 2);
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string row(const Flag& flag) {
  std::string shown_default =
      flag.default_text.empty() ? "" : fmt::format("`{}`", escaped(flag.default_text));
  std::string alias = flag.alias.empty() ? "" : fmt::format("`{}`", flag.alias);
  return fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", flag.name, to_text(flag.type),
                     shown_default, alias, flag.status == Status::Acted ? "yes" : "not yet",
                     escaped(flag.help));
}

constexpr std::string_view kMarkdownIntro =
    R"(# Flags of quorate-master

<!-- Made from the table in master/flag_*.cpp; a test compares. To make it again:
     QUORATE_WRITE_FLAGS=docs/flags.md <build>/tests/master_test --gtest_filter='Flags.*' -->

Every flag of the Apache Mesos master is accepted, with its type and its older name. *Acted
on* says whether it has its effect here; a flag that has none yet is checked, and warns once
in the log when it is set. Wrong flags end the process with exit code 64 and a line that names
the flag.

## How flags are written

* `--name=value`; a flag of type bool also `--name` and `--no-name`. Names may be in any case.
* `--name value` is not understood. Arguments that do not start with `--` are ignored, with a
  warning; what follows a lone `--` is ignored silently.
* A flag may be given once, under its name or its older name. Unknown flags are refused.
* `MESOS_<NAME>` in the environment gives a flag as well; the command line has precedence,
  flag by flag. Unknown `MESOS_*` variables are ignored. `LIBPROCESS_IP`,
  `LIBPROCESS_ADVERTISE_IP` and `LIBPROCESS_ADVERTISE_PORT` count where `ip`, `advertise_ip`
  and `advertise_port` are not given.
* `--name=file:///path` takes the value from a file. For flags of type path it is the path
  itself.
* bool: `true`, `1`, `false`, `0`. duration: a number and one of `ns us ms secs mins hrs days
  weeks`. bytes: a whole number and one of `B KB MB GB TB`, 1024-based. list: `a,b,c`. JSON:
  an object.

## Where this differs from Apache Mesos

* `/flags` shows the password of a `zk` URL as `***`. Mesos shows it.
* `/flags` shows JSON flags as JSON. Mesos shows some of them in Protobuf's text format.
* The command line also beats the environment when one uses the older name or `no-`; Mesos
  refuses that. `--help` and `--version` count wherever they stand.
* `quorum`, timeouts and the servers in `zk` are checked for range and form; Mesos checks few
  of them.
* White space around a value that comes from a file is cut off.
* Exit code 64 instead of 1.

)";

}  // namespace

std::string help_text() {
  std::string out = "quorate-master " QUORATE_VERSION "\n";
  out += section("USAGE", {"quorate-master [--flag=value ...]"});
  out += section("DESCRIPTION",
                 {"A master for clusters built on Apache Mesos. Several masters elect a leader "
                  "through ZooKeeper (--zk) and keep the registry in a log on their own disks; a "
                  "majority of them must be alive. Without --zk a master stands alone.",
                  "Every flag may also come from the environment as MESOS_<FLAG>, and its value "
                  "from a file, as --flag=file:///path. The command line has precedence."});
  for (const Group& group : flags::groups()) {
    std::string title(group.title);
    for (char& c : title) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    out += "\n" + title + "\n";
    for (const Flag& flag : group.flags) out += help_of(flag);
  }
  out += section("VALUES", {"duration: 250ms, 10secs, 1.5mins (ns us ms secs mins hrs days weeks)",
                            "bytes: 64KB (B KB MB GB TB, 1024-based)", "bool: true, 1, false, 0"});
  out += section("EXIT STATUS",
                 {"0   asked to stop, or --help, --version", "64  a flag is unknown or malformed",
                  "65  the log on this disk is corrupt",
                  "69  leadership or the ZooKeeper session was lost; start again",
                  "74  disk error or disk full", "75  quorum or registry did not answer in time",
                  "77  this replica is not a member",
                  "78  the configuration cannot work, for instance the address"});
  out +=
      section("EXAMPLES", {"quorate-master --work_dir=/var/lib/quorate",
                           "quorate-master --zk=zk://zk1:2181,zk2:2181,zk3:2181/mesos --quorum=2 "
                           "--work_dir=/var/lib/quorate --ip=10.0.0.1"});
  return out;
}

std::string flags_markdown() {
  std::string out(kMarkdownIntro);
  for (const Group& group : flags::groups()) {
    out += fmt::format("## {}\n\n", group.title);
    out +=
        "| flag | type | default | older name | acted on | meaning |\n|---|---|---|---|---|---|\n";
    for (const Flag& flag : group.flags) out += row(flag);
    out += "\n";
  }
  out += "## Accepted, not acted on yet\n\n";
  std::string list;
  for (const Group& group : flags::groups()) {
    for (const Flag& flag : group.flags) {
      if (flag.status == Status::Acted) continue;
      list += fmt::format("{}`{}`", list.empty() ? "" : ",\n", flag.name);
    }
  }
  return out + list + "\n";
}

}  // namespace quorate
