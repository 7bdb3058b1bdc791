#include "sim/junit.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "sim/scenario_runner.h"

namespace quorate::sim {
namespace {

constexpr int kLastFailure = static_cast<int>(Verdict::ExpectationNotMet);

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      default: out.push_back(c >= ' ' && c < 127 ? c : '?');
    }
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + escaped(value) + "\"";
}

struct Counts {
  std::size_t tests = 0, failures = 0, errors = 0;

  void add(const JunitCase& run) {
    ++tests;
    if (run.code != 0) ++(run.code <= kLastFailure ? failures : errors);
  }
  std::string attributes() const {
    return attribute("tests", std::to_string(tests)) +
           attribute("failures", std::to_string(failures)) +
           attribute("errors", std::to_string(errors));
  }
};

std::string element(const JunitCase& run) {
  std::string out =
      "    <testcase" + attribute("classname", run.group) + attribute("name", run.name);
  if (run.code == 0) return out + "/>\n";
  std::string tag = run.code <= kLastFailure ? "failure" : "error";
  std::string verdict(to_text(static_cast<Verdict>(run.code)));
  return out + ">\n      <" + tag + attribute("type", verdict) + attribute("message", verdict) +
         ">" + escaped(run.text) + "</" + tag + ">\n    </testcase>\n";
}

}  // namespace

std::string junit_xml(const std::vector<JunitCase>& cases) {
  std::vector<std::string> suites;
  std::map<std::string, Counts> counts;
  std::map<std::string, std::string> elements;
  Counts all;
  for (const JunitCase& run : cases) {
    if (!counts.contains(run.suite)) suites.push_back(run.suite);
    counts[run.suite].add(run);
    elements[run.suite] += element(run);
    all.add(run);
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += "<testsuites" + attribute("name", "quorate-sim") + all.attributes() + ">\n";
  for (const std::string& suite : suites)
    out += "  <testsuite" + attribute("name", suite) + counts[suite].attributes() + ">\n" +
           elements[suite] + "  </testsuite>\n";
  return out + "</testsuites>\n";
}

}  // namespace quorate::sim
