#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "master/base/result.h"

namespace quorate::bench {

// What the bench and its replicas say to each other, one line each, over pipes:
//
//   load depth=256 size=256
//
// A word, then fields; neither holds blanks. The bench and its replicas are one program, so a field
// that is missing is a bug (CHECK).
struct Line {
  std::string word;
  std::map<std::string, std::string> fields;

  bool operator==(const Line&) const = default;
  const std::string& text(const std::string& name) const;
  std::int64_t number(const std::string& name) const;
  Line& with(const std::string& name, std::string value);
  Line& with(const std::string& name, std::int64_t value);
};

std::string to_text(const Line& line);
Result<Line> parse_line(std::string_view text);

}  // namespace quorate::bench
