#include "sim/scenario_json.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "master/base/json.h"
#include "master/base/text.h"
#include "sim/line_reader.h"
#include "sim/scenario_files.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kFormat = "quorate-scenario-1";

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::string& word : split(text, ' '))
    if (!word.empty()) out.push_back(std::move(word));
  return out;
}

// How many words say when a step is carried out.
std::size_t timing_words(const Step& step, const std::vector<std::string>& words) {
  if (step.timing == Timing::Next) return 0;
  if (!step.event) return 2;
  const std::size_t condition = 1 + words_of(to_text(*step.event)).size();
  const bool delayed = words.size() > condition && words[condition].starts_with('+');
  return condition + (delayed ? 1 : 0);
}

// The rest of a text after so many words.
std::string_view after_words(std::string_view text, std::size_t count) {
  text = trim(text);
  for (; count > 0 && !text.empty(); --count)
    text = trim(text.substr(std::min(text.size(), text.find(' '))));
  return text;
}

const Step* step_at(const Scenario& scenario, std::size_t line) {
  for (const Section& section : scenario.sections)
    for (const Step& step : section.steps)
      if (step.line == line) return &step;
  return nullptr;
}

class Writer {
 public:
  explicit Writer(const Scenario& scenario) : scenario_(scenario) {}

  std::string write(std::string_view text) {
    out_.begin_object().member("format", kFormat).key("lines").begin_array();
    std::size_t number = 0;
    for (const std::string& line : split(text, '\n')) write_line(line, ++number);
    out_.end_array().end_object();
    return out_.take() + "\n";
  }

 private:
  void write_line(const std::string& line, std::size_t number) {
    const std::string_view bare = trim(without_comment(line));
    if (trim(line).empty()) return;
    out_.begin_object();
    const std::size_t colon = bare.find(':');
    const Step* step = step_at(scenario_, number);
    if (bare.empty()) {
      out_.member("comment", trim(trim(line).substr(1)));
    } else if (step != nullptr) {
      write_step(*step);
    } else if (bare.starts_with('[')) {
      out_.member("section", bare.substr(1, bare.size() - 2));
    } else if (bare.starts_with("masters ")) {
      write_masters(bare);
    } else {
      out_.member("header", bare.substr(0, colon)).member("value", trim(bare.substr(colon + 1)));
    }
    out_.end_object();
  }

  void write_step(const Step& step) {
    const std::size_t count = timing_words(step, words_of(step.text));
    const std::string_view action = after_words(step.text, count);
    const auto timing = static_cast<std::size_t>(action.data() - step.text.data());
    const std::string_view when = action.empty() ? std::string_view(step.text)
                                                 : std::string_view(step.text).substr(0, timing);
    if (count > 0) out_.member("when", trim(when));
    if (!action.empty()) out_.member("do", action);
  }

  void write_masters(std::string_view bare) {
    const std::vector<std::string> parts = split(bare, ',');
    out_.key("masters").begin_array();
    for (const std::string& name : words_of(after_words(parts.front(), 1))) out_.string(name);
    out_.end_array().key("flags").begin_array();
    for (std::size_t i = 1; i < parts.size(); ++i) out_.string(trim(parts[i]));
    out_.end_array();
  }

  const Scenario& scenario_;
  JsonWriter out_;
};

std::string text_of(const Json& line, std::string_view name) {
  const Json* found = line.find(name);
  return found != nullptr && found->string() != nullptr ? *found->string() : "";
}

std::string joined(const Json& line, std::string_view name, std::string_view between) {
  std::string out;
  const Json* found = line.find(name);
  if (found == nullptr || found->array() == nullptr) return out;
  for (const Json& each : *found->array())
    if (each.string() != nullptr) out += std::string(out.empty() ? "" : between) + *each.string();
  return out;
}

std::string line_of(const Json& line) {
  if (line.find("comment") != nullptr) return "# " + text_of(line, "comment");
  if (line.find("section") != nullptr) return "\n[" + text_of(line, "section") + "]";
  if (line.find("header") != nullptr)
    return fmt::format("{:<9} {}", text_of(line, "header") + ":", text_of(line, "value"));
  if (line.find("masters") != nullptr) {
    const std::string flags = joined(line, "flags", ", ");
    return "masters " + joined(line, "masters", " ") + (flags.empty() ? "" : ", " + flags);
  }
  const std::string when = text_of(line, "when");
  const std::string action = text_of(line, "do");
  return when + (when.empty() || action.empty() ? "" : " ") + action;
}

std::string mistake_in(const Mistake& mistake) { return to_text("line", mistake); }

}  // namespace

Result<std::string> scenario_to_json(std::string_view text) {
  const ParsedScenario parsed = parse_scenario("scenario", text);
  if (!parsed.mistakes.empty()) return failure(mistake_in(parsed.mistakes.front()));
  return Writer(parsed.scenario).write(text);
}

Result<std::string> scenario_from_json(std::string_view json) {
  const Result<Json> parsed = parse_json(json);
  if (!parsed) return failure("not JSON: " + parsed.error().text);
  if (text_of(*parsed, "format") != kFormat)
    return failure(fmt::format("expected an object with \"format\": \"{}\", found '{}'", kFormat,
                               text_of(*parsed, "format")));
  const Json* lines = parsed->find("lines");
  if (lines == nullptr || lines->array() == nullptr) return failure("expected an array \"lines\"");
  std::string out;
  for (const Json& line : *lines->array()) {
    const std::string text = line_of(line);
    if (text.empty() || text.find('\n', 1) != std::string::npos)
      return failure("a line is none of comment, header, section, masters and step: " +
                     json_text(line));
    out += text + "\n";
  }
  const ParsedScenario scenario = parse_scenario("scenario", out);
  if (!scenario.mistakes.empty()) return failure(mistake_in(scenario.mistakes.front()));
  return out;
}

}  // namespace quorate::sim
