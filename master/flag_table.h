#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The one table of flags. Parsing, --help, /flags and docs/flags.md are all made from it.

namespace quorate::flags {

enum class Type : std::uint8_t {
  Bool,
  Text,
  Path,      // of a file; "file://" before it is taken off, the file is not read
  Duration,  // 10secs
  Bytes,     // 16MB
  Int,
  Size,  // a whole number, not negative
  Port,
  Real,
  Ip,
  TextSet,  // a,b,c without repetition
  Json,     // an object: inline, file://path, or (deprecated) an absolute path
  ZkUrl,
};
// "duration", as help and docs name it.
std::string_view to_text(Type type);

enum class Status : std::uint8_t {
  Acted,     // it does what the help says
  Accepted,  // its value is checked; it has no effect yet, and one warning says so
};

struct Flag {
  std::string_view name;
  Type type = Type::Text;
  Status status = Status::Accepted;
  std::string_view default_text;  // empty: unset
  std::string_view alias;         // the older name in Mesos; empty: none
  std::string_view help;          // sentences, one paragraph
};

struct Group {
  std::string_view title;
  std::vector<Flag> flags;  // by name
};

// The groups, in the order in which help and docs show them; each in a file of its own.
Group address_flags();
Group coordination_flags();
Group registry_flags();
Group agent_flags();
Group framework_flags();
Group access_flags();
Group http_flags();
Group process_flags();

const std::vector<Group>& groups();
// The flag of this name or alias, in lower case; nullptr: none.
const Flag* find(std::string_view name);
// The known name or alias that is most like `name`; empty when none is near.
std::string nearest(std::string_view name);

}  // namespace quorate::flags
