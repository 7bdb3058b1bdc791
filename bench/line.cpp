#include "bench/line.h"

#include <utility>

#include "master/base/check.h"
#include "master/base/text.h"

namespace quorate::bench {

const std::string& Line::text(const std::string& name) const {
  auto at = fields.find(name);
  CHECK(at != fields.end());
  return at->second;
}

std::int64_t Line::number(const std::string& name) const {
  const std::optional<std::int64_t> value = parse_i64(text(name));
  CHECK(value.has_value());
  return *value;
}

Line& Line::with(const std::string& name, std::string value) {
  fields[name] = std::move(value);
  return *this;
}

Line& Line::with(const std::string& name, std::int64_t value) {
  return with(name, std::to_string(value));
}

std::string to_text(const Line& line) {
  std::string text = line.word;
  for (const auto& [name, value] : line.fields) text += " " + name + "=" + value;
  return text;
}

Result<Line> parse_line(std::string_view text) {
  Line line;
  for (const std::string& piece : split(text, ' ')) {
    const std::size_t equals = piece.find('=');
    if (line.word.empty() && !piece.empty() && equals == std::string::npos) {
      line.word = piece;
    } else if (!line.word.empty() && equals != std::string::npos && equals > 0) {
      line.fields[piece.substr(0, equals)] = piece.substr(equals + 1);
    } else {
      return failure("not a line of the bench: '" + std::string(text) + "'");
    }
  }
  return line;
}

}  // namespace quorate::bench
