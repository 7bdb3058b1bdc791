#include "sim/scenario_parser.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "master/base/text.h"
#include "sim/profile.h"
#include "sim/section_checks.h"
#include "sim/step_parser.h"

namespace quorate::sim {
namespace {

const std::vector<std::string_view> kHeaders = {
    "scenario:", "about:", "world:", "seeds:", "profile:", "zookeeper:", "supervisor:"};

class FileParser {
 public:
  explicit FileParser(std::string file) { out_.scenario.file = std::move(file); }

  void line(std::string_view text, std::size_t number) {
    std::string_view bare = without_comment(text);
    if (trim(bare).empty()) return;
    LineReader in(text, number);
    std::string_view first = in.peek();
    if (first.starts_with('[')) {
      section(in, number);
    } else if (first.ends_with(':')) {
      header(in);
    } else if (first == "masters") {
      masters(in, number);
    } else {
      step(in, std::string(trim(bare)), number);
    }
    if (in.mistake()) out_.mistakes.push_back(*in.mistake());
  }

  ParsedScenario finish(std::size_t lines) {
    if (out_.scenario.name.empty()) at(1, "expected a line 'scenario: NAME'");
    if (out_.scenario.sections.empty())
      at(lines, "expected a line 'masters m1 m2 m3, quorum=2' and steps after it");
    for (const Section& section : out_.scenario.sections) {
      if (section.masters.empty())
        at(section.line, "expected a line 'masters ...' in this section");
      if (section.steps.empty()) at(section.line, "expected at least one step in this section");
      for (Mistake& mistake : check_section(section)) out_.mistakes.push_back(std::move(mistake));
    }
    std::sort(out_.mistakes.begin(), out_.mistakes.end(), [](const Mistake& a, const Mistake& b) {
      return std::tie(a.line, a.column, a.text) < std::tie(b.line, b.column, b.text);
    });
    return std::move(out_);
  }

 private:
  void at(std::size_t line, std::string text) {
    out_.mistakes.push_back({line, 1, std::move(text)});
  }

  void header(LineReader& in) {
    if (!out_.scenario.sections.empty() && !out_.scenario.sections.back().steps.empty())
      return in.mistake("expected header lines before the first step");
    std::string_view key = in.one_of(kHeaders, "a header");
    Scenario& s = out_.scenario;
    if (key == "scenario:") {
      s.name = in.rest();
      if (s.name.empty()) in.mistake("expected a name");
    } else if (key == "about:") {
      s.about += (s.about.empty() ? "" : " ") + in.rest();
    } else if (key == "world:") {
      s.world = in.one_of({"sim", "real", "both"}, "sim, real or both");
    } else if (key == "seeds:") {
      seeds(in);
    } else if (key == "profile:") {
      s.profile = in.one_of(profile_names(), "a profile");
    } else if (key == "zookeeper:") {
      zookeeper(in);
    } else if (key == "supervisor:") {
      supervised_ = in.one_of({"on", "off"}, "on or off") == "on";
    }
    in.end();
  }

  void seeds(LineReader& in) {
    std::string_view word = in.peek();
    std::size_t dots = word.find("..");
    auto first = parse_u64(word.substr(0, dots));
    auto last = dots == std::string_view::npos ? first : parse_u64(word.substr(dots + 2));
    if (!first || !last || *first > *last)
      return in.mistake("expected seeds like 7 or 1..200, found '" + std::string(word) + "'");
    in.word();
    out_.scenario.first_seed = *first;
    out_.scenario.last_seed = *last;
  }

  void zookeeper(LineReader& in) {
    std::uint64_t servers = in.number("a number of servers");
    if (!in.mistake() && (servers < 1 || servers > 9)) in.mistake("expected 1 to 9 servers");
    out_.scenario.zookeeper_servers = servers;
    in.one_of({"server", "servers"}, "'servers'");
    if (!in.accept(",")) return;
    std::string_view word = in.peek();
    constexpr std::string_view kKey = "session-timeout=";
    auto timeout = word.starts_with(kKey) ? parse_time(word.substr(kKey.size())) : std::nullopt;
    if (!timeout)
      return in.mistake("expected session-timeout=10s or the like, found '" + std::string(word) +
                        "'");
    in.word();
    out_.scenario.session_timeout = *timeout;
  }

  void section(LineReader& in, std::size_t number) {
    std::string_view word = in.word();
    if (word.size() < 3 || !word.ends_with(']'))
      return in.mistake_at(1, "expected a section like [recorded]");
    in.end();
    Section fresh;
    fresh.name = word.substr(1, word.size() - 2);
    for (const Section& other : out_.scenario.sections)
      if (other.name == fresh.name)
        in.mistake_at(1, "the section [" + fresh.name + "] is there already");
    fresh.line = number;
    fresh.supervised = supervised_;
    open(std::move(fresh));
  }

  void open(Section fresh) {
    out_.scenario.sections.push_back(std::move(fresh));
    names_ = KnownNames{};
    names_.zookeeper_servers = out_.scenario.zookeeper_servers;
  }

  void masters(LineReader& in, std::size_t number) {
    in.require("masters");
    if (out_.scenario.sections.empty()) {
      Section whole;
      whole.line = number;
      whole.supervised = supervised_;
      open(std::move(whole));
    }
    Section& section = out_.scenario.sections.back();
    if (!section.masters.empty()) return in.mistake_at(1, "the masters are given already");
    do {
      std::size_t column = in.column();
      std::string name = in.name("a master's name");
      if (name == "zookeeper" || name == "client" || name.starts_with("zk"))
        in.mistake_at(column, "'" + name + "' cannot be a master's name");
      if (std::find(section.masters.begin(), section.masters.end(), name) != section.masters.end())
        in.mistake_at(column, "'" + name + "' is named twice");
      section.masters.push_back(std::move(name));
    } while (!in.at_end() && in.peek() != ",");
    if (section.masters.size() > 9) in.mistake_at(1, "expected at most 9 masters");
    while (in.accept(",")) {
      std::string_view flag = in.word();
      if (flag.find('=') == std::string_view::npos || flag.starts_with('-'))
        return in.mistake("expected a master's flag like quorum=2, found '" + std::string(flag) +
                          "'");
      section.flags.emplace_back(flag);
    }
    in.end();
    if (!in.mistake())
      if (auto wrong = wrong_flags(section.flags)) in.mistake_at(1, *wrong);
    names_.masters = section.masters;
  }

  void step(LineReader& in, std::string text, std::size_t number) {
    if (out_.scenario.sections.empty())
      return in.mistake("expected a header, a section or a line 'masters ...', found '" +
                        std::string(in.peek()) + "'");
    Step parsed = parse_step(in, names_);
    parsed.line = number;
    parsed.text = std::move(text);
    out_.scenario.sections.back().steps.push_back(std::move(parsed));
  }

  ParsedScenario out_;
  KnownNames names_;
  bool supervised_ = true;
};

}  // namespace

ParsedScenario parse_scenario(std::string file, std::string_view text) {
  FileParser parser(std::move(file));
  std::size_t number = 0;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    parser.line(text.substr(0, end), ++number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parser.finish(number);
}

std::string to_text(const Condition& condition) {
  switch (condition.kind) {
    case ConditionKind::OneLeader: return "one leader";
    case ConditionKind::NoLeader: return "no leader";
    case ConditionKind::TwoLeaders: return "two leaders";
    case ConditionKind::LeaderIs: return "leader " + condition.name;
    case ConditionKind::LeaderIsNot: return "leader not " + condition.name;
    case ConditionKind::Exits:
      return "exit " + condition.name +
             (condition.code ? " code=" + std::to_string(*condition.code) : "");
    case ConditionKind::NoExit: return "no exit " + condition.name;
    case ConditionKind::Running: return "running " + condition.name;
    case ConditionKind::Down: return "down " + condition.name;
    case ConditionKind::AllAgree: return "all masters agree";
    case ConditionKind::NoWrites: return "no writes";
  }
  return {};
}

}  // namespace quorate::sim
