#include "sim/line_reader.h"

#include <algorithm>

#include "master/base/text.h"

namespace quorate::sim {
namespace {

bool space(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool special(char c) { return c == '{' || c == '}' || c == '|' || c == ','; }

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = above;
    }
  }
  return row.back();
}

}  // namespace

std::optional<Duration> parse_time(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  auto number = parse_i64(text.substr(0, digits));
  if (!number || *number > 1'000'000) return std::nullopt;
  std::string_view unit = text.substr(digits);
  if (unit == "us") return Duration::microseconds(*number);
  if (unit == "ms") return Duration::milliseconds(*number);
  if (unit == "s") return Duration::seconds(*number);
  if (unit == "min") return Duration::minutes(*number);
  if (unit == "h") return Duration::minutes(*number * 60);
  return std::nullopt;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  std::size_t least = word.size() / 2 + 1;
  for (std::string_view candidate : candidates) {
    std::size_t d = distance(word, candidate);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

std::string_view without_comment(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && (i == 0 || line[i - 1] != '\\')) quoted = !quoted;
    if (line[i] == '#' && !quoted && (i == 0 || space(line[i - 1]))) return line.substr(0, i);
  }
  return line;
}

LineReader::LineReader(std::string_view text, std::size_t line)
    : text_(without_comment(text)), line_(line) {}

void LineReader::skip() {
  while (at_ < text_.size() && space(text_[at_])) ++at_;
}

std::size_t LineReader::column() {
  skip();
  return at_ + 1;
}

bool LineReader::at_end() {
  skip();
  return mistake_.has_value() || at_ >= text_.size();
}

std::size_t LineReader::word_size() const {
  std::string_view rest = text_.substr(at_);
  if (rest.empty()) return 0;
  if (special(rest.front())) return 1;
  std::size_t size = 0;
  while (size < rest.size() && !space(rest[size]) && !special(rest[size])) ++size;
  return size;
}

std::string_view LineReader::peek() {
  if (at_end()) return {};
  return text_.substr(at_, word_size());
}

std::string_view LineReader::word() {
  std::string_view found = peek();
  at_ += found.size();
  return found;
}

bool LineReader::accept(std::string_view expected) {
  if (peek() != expected) return false;
  at_ += expected.size();
  return true;
}

void LineReader::require(std::string_view expected) {
  if (accept(expected)) return;
  std::string found(peek());
  mistake("expected '" + std::string(expected) + "'" +
          (found.empty() ? " before the end of the line" : ", found '" + found + "'"));
}

std::string_view LineReader::one_of(const std::vector<std::string_view>& words,
                                    std::string_view what) {
  std::string_view found = peek();
  if (std::find(words.begin(), words.end(), found) != words.end()) return word();
  std::string text = "expected " + std::string(what);
  if (found.empty()) {
    text += " before the end of the line";
  } else {
    text += ", found '" + std::string(found) + "'";
    std::string_view near = nearest(found, words);
    if (!near.empty()) text += "; did you mean '" + std::string(near) + "'?";
  }
  mistake(std::move(text));
  return {};
}

std::string LineReader::name(std::string_view what) {
  std::string_view found = peek();
  bool good = !found.empty();
  for (char c : found)
    good = good &&
           ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
  if (good) return std::string(word());
  mistake("expected " + std::string(what) +
          (found.empty() ? " before the end of the line" : ", found '" + std::string(found) + "'"));
  return {};
}

Duration LineReader::duration() {
  std::string_view found = peek();
  if (auto parsed = parse_time(found)) {
    word();
    return *parsed;
  }
  mistake("expected a time like 500ms, 12s or 2min" +
          (found.empty() ? std::string(" before the end of the line")
                         : ", found '" + std::string(found) + "'"));
  return {};
}

Duration LineReader::time_above_zero(std::string_view after) {
  const std::size_t column = this->column();
  const Duration found = duration();
  if (!mistake_ && found.ns == 0)
    mistake_at(column, "expected a time above 0 after " + std::string(after));
  return found;
}

std::uint64_t LineReader::number(std::string_view what) {
  if (auto parsed = parse_u64(peek())) {
    word();
    return *parsed;
  }
  mistake("expected " + std::string(what) + ", found '" + std::string(peek()) + "'");
  return 0;
}

std::string LineReader::quoted() {
  if (at_end() || text_[at_] != '"') {
    mistake("expected a text in double quotes");
    return {};
  }
  std::string out;
  for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] == '"') {
      at_ = i + 1;
      return out;
    }
    if (text_[i] == '\\' && i + 1 < text_.size()) ++i;
    out.push_back(text_[i]);
  }
  mistake("expected a closing '\"'");
  return {};
}

std::string LineReader::json() {
  skip();
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = at_; i < text_.size(); ++i) {
    char c = text_[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) {
      std::string out(text_.substr(at_, i + 1 - at_));
      at_ = i + 1;
      return out;
    }
  }
  mistake("expected JSON with a closing '}' or ']' on this line");
  return {};
}

std::string LineReader::rest() {
  if (at_end()) return {};
  std::string out(trim(text_.substr(at_)));
  at_ = text_.size();
  return out;
}

void LineReader::end() {
  if (!at_end()) mistake("expected the end of the line, found '" + std::string(peek()) + "'");
}

void LineReader::mistake(std::string text) {
  skip();
  mistake_at(at_ + 1, std::move(text));
}

void LineReader::mistake_at(std::size_t column, std::string text) {
  if (!mistake_) mistake_ = Mistake{line_, column, std::move(text)};
}

}  // namespace quorate::sim
