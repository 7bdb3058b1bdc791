#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/base/time.h"

namespace quorate::sim {

// What is wrong with a scenario, and where. Lines and columns count from 1.
struct Mistake {
  std::size_t line = 0;
  std::size_t column = 0;
  std::string text;
};

// Reads one line of a scenario word by word. The first mistake stays; after it everything reads
// empty.
class LineReader {
 public:
  LineReader(std::string_view text, std::size_t line);

  bool at_end();
  // The next word without taking it: up to white space or one of { } | ; "->" is a word.
  std::string_view peek();
  std::string_view word();
  // Takes the next word if it is this one.
  bool accept(std::string_view expected);
  void require(std::string_view expected);
  // A word that is one of these; a mistake names the nearest.
  std::string_view one_of(const std::vector<std::string_view>& words, std::string_view what);
  std::string name(std::string_view what);
  Duration duration();
  // A time that comes after this word and is not 0.
  Duration time_above_zero(std::string_view after);
  std::uint64_t number(std::string_view what);
  std::string quoted();
  // A JSON value in braces or brackets, as written.
  std::string json();
  std::string rest();
  // Nothing may follow.
  void end();

  void mistake(std::string text);
  void mistake_at(std::size_t column, std::string text);
  const std::optional<Mistake>& mistake() const { return mistake_; }
  std::size_t column();

 private:
  void skip();
  std::size_t word_size() const;

  std::string_view text_;
  std::size_t line_;
  std::size_t at_ = 0;
  std::optional<Mistake> mistake_;
};

// "12s", "500ms", "2min", "1h", "50us"; nothing: not a time.
std::optional<Duration> parse_time(std::string_view text);
// The candidate with the smallest edit distance; empty if none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);
// A line without its comment: from a '#' at its start or after white space, outside of quotes.
std::string_view without_comment(std::string_view line);

}  // namespace quorate::sim
