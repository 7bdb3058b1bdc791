#include "sim/simpler_lines.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "master/base/text.h"
#include "sim/line_reader.h"

namespace quorate::sim {
namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> out;
  for (std::string& word : split(line, ' '))
    if (!word.empty()) out.push_back(std::move(word));
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty() && !out.ends_with('{') && word != "}") out += ' ';
    out += word;
  }
  return out;
}

bool is_name(const std::string& word) {
  return word == "L" || word.starts_with("other") || word == "zookeeper" || word == "client" ||
         (word.size() >= 2 && word.size() <= 4 && (word[0] == 'm' || word.starts_with("zk")) &&
          word.back() >= '0' && word.back() <= '9');
}

// Its last digits made zero, from the coarsest step down. Already round: nothing.
void rounder_times(const std::vector<std::string>& words, std::vector<std::string>& out) {
  if (words.size() < 2 || words[0] != "at") return;
  const auto time = parse_time(words[1]);
  if (!time) return;
  const std::int64_t ms = time->whole_milliseconds();
  for (std::int64_t unit : {10'000, 1000, 100}) {
    if (ms % unit == 0) return;
    std::vector<std::string> form = words;
    const std::int64_t round = ms / unit * unit;
    form[1] = round % 1000 == 0 ? fmt::format("{}s", round / 1000) : fmt::format("{}ms", round);
    out.push_back(joined(form));
  }
}

void fewer_names(const std::vector<std::string>& words, std::vector<std::string>& out) {
  const auto names = std::count_if(words.begin(), words.end(), is_name);
  if (names < 2) return;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_name(words[i])) continue;
    std::vector<std::string> form = words;
    form.erase(form.begin() + static_cast<std::ptrdiff_t>(i));
    out.push_back(joined(form));
  }
}

// "after 7" and "in segment" of a fault of a disk.
void without_pair(const std::vector<std::string>& words, std::string_view key,
                  std::vector<std::string>& out) {
  for (std::size_t i = 2; i + 1 < words.size(); ++i) {
    if (words[i] != key || parse_time(words[i + 1])) continue;
    std::vector<std::string> form = words;
    form.erase(form.begin() + static_cast<std::ptrdiff_t>(i),
               form.begin() + static_cast<std::ptrdiff_t>(i + 2));
    out.push_back(joined(form));
  }
}

}  // namespace

std::vector<std::string> simpler_steps(const std::string& line) {
  std::string spaced;
  for (char c : line) {
    const bool brace = c == '{' || c == '}';
    if (brace) spaced += ' ';
    spaced += c;
    if (brace) spaced += ' ';
  }
  // A body may hold braces of its own.
  if (line.find('"') != std::string::npos) spaced = line;
  const std::vector<std::string> words = words_of(spaced);
  std::vector<std::string> out;
  fewer_names(words, out);
  rounder_times(words, out);
  without_pair(words, "after", out);
  without_pair(words, "in", out);
  return out;
}

std::vector<std::string> simpler_headers(const std::string& line) {
  std::vector<std::string> out;
  if (line.starts_with("profile:") && line.find("lan") == std::string::npos)
    out.emplace_back("profile:  lan");
  if (line.starts_with("zookeeper:")) {
    const std::size_t comma = line.find(',');
    const std::string rest = comma == std::string::npos ? "" : line.substr(comma);
    if (line.find(" 1 server") == std::string::npos) out.push_back("zookeeper: 1 server" + rest);
  }
  if (line.starts_with("masters ")) {
    const std::vector<std::string> parts = split(line, ',');
    for (std::size_t i = 1; i < parts.size(); ++i) {
      if (parts[i].find("quorum=") != std::string::npos) continue;
      std::vector<std::string> form = parts;
      form.erase(form.begin() + static_cast<std::ptrdiff_t>(i));
      out.push_back(fmt::format("{}", fmt::join(form, ",")));
    }
  }
  return out;
}

}  // namespace quorate::sim
