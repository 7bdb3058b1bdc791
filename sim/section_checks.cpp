#include "sim/section_checks.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "master/base/text.h"
#include "master/config.h"

namespace quorate::sim {
namespace {

using faults::Cost;
using faults::Fault;
using faults::FaultKind;

bool has_hazard(const Section& section) {
  return std::any_of(section.steps.begin(), section.steps.end(), [](const Step& step) {
    return std::holds_alternative<HazardStep>(step.action);
  });
}

// How many masters may lose their votes.
std::size_t bearable(const Section& section) {
  for (const std::string& flag : section.flags)
    if (flag.starts_with("quorum="))
      if (const auto quorum = parse_u64(flag.substr(7)); quorum && *quorum > 0) return *quorum - 1;
  return section.masters.empty() ? 0 : (section.masters.size() - 1) / 2;
}

std::string too_many(const std::set<std::string>& lost, std::size_t most) {
  std::string names;
  for (const std::string& name : lost) names += (names.empty() ? "" : ", ") + name;
  return "over the budget: " + names + " lose their votes, and only " + std::to_string(most) +
         " may before an 'eventually' heals all; expected fewer, or a line 'hazard ORACLE within "
         "60s' that calls for the violation";
}

// The time that must have passed when a step is over.
class Times {
 public:
  std::optional<std::string> step(const Step& step) {
    std::optional<std::string> wrong;
    if (step.timing == Timing::At) {
      if (step.time < last_at_) {
        wrong = "the time lies before that of the step above; steps are in the order of time";
      } else if (step.time < least_) {
        wrong = "the steps above take until " + duration_text(least_) + " at least";
      }
      last_at_ = std::max(last_at_, step.time);
      least_ = std::max(least_, step.time);
    }
    if (step.timing == Timing::After) least_ = least_ + step.time;
    if (const auto* expect = std::get_if<ExpectStep>(&step.action))
      if (expect->throughout) least_ = least_ + expect->limit;
    return wrong;
  }

 private:
  Duration last_at_;
  Duration least_;
};

// Names of the file that surely mean different masters: those of the masters' line, or those that
// one `as` gave.
class Lost {
 public:
  explicit Lost(const Section& section) : section_(section) {}

  void healed() { planned_.clear(), found_.clear(); }
  void bound() { found_.clear(); }
  void fault(const Fault& fault) {
    if (faults::description_of(fault.kind).cost == Cost::Nothing) return;
    const std::size_t first = fault.kind == FaultKind::CloneDisk ? 1 : 0;
    for (std::size_t i = first; i < fault.targets.size(); ++i) {
      const std::string& name = fault.targets[i];
      const bool planned = std::find(section_.masters.begin(), section_.masters.end(), name) !=
                           section_.masters.end();
      (planned ? planned_ : found_).insert(name);
    }
  }
  const std::set<std::string>& surely() const {
    return planned_.size() >= found_.size() ? planned_ : found_;
  }

 private:
  const Section& section_;
  std::set<std::string> planned_;
  std::set<std::string> found_;
};

}  // namespace

std::vector<Mistake> check_section(const Section& section) {
  std::vector<Mistake> mistakes;
  Times times;
  Lost lost(section);
  const std::size_t most = bearable(section);
  const bool hazard = has_hazard(section);
  bool told = false;
  for (const Step& step : section.steps) {
    if (auto wrong = times.step(step)) mistakes.push_back({step.line, 1, std::move(*wrong)});
    if (const auto* fault = std::get_if<Fault>(&step.action)) lost.fault(*fault);
    const auto* expect = std::get_if<ExpectStep>(&step.action);
    if (expect != nullptr && !expect->as.empty()) lost.bound();
    if (std::holds_alternative<EventuallyStep>(step.action)) lost.healed();
    if (hazard || told || lost.surely().size() <= most) continue;
    mistakes.push_back({step.line, 1, too_many(lost.surely(), most)});
    told = true;
  }
  return mistakes;
}

std::optional<std::string> over_budget(const Section& section, const std::set<std::string>& lost) {
  const std::size_t most = bearable(section);
  if (lost.size() <= most || has_hazard(section)) return std::nullopt;
  return too_many(lost, most);
}

std::optional<std::string> wrong_flags(const std::vector<std::string>& flags) {
  std::vector<std::string> arguments = {"--ip=10.0.0.1", "--zk=zk://zk1:2181/quorate",
                                        "--work_dir=/var/lib/quorate"};
  for (const std::string& flag : flags) arguments.push_back("--" + flag);
  // What is left out is no mistake here: a world of nodes that are no masters needs no quorum.
  const bool has_quorum = std::any_of(flags.begin(), flags.end(), [](const std::string& flag) {
    return flag.starts_with("quorum=");
  });
  if (!has_quorum) arguments.emplace_back("--quorum=2");
  const auto no_file = [](const std::string& path) -> Result<std::string> {
    return failure("the simulated host has no file " + path);
  };
  const Result<ParsedFlags> parsed = parse_config(arguments, {}, no_file);
  if (parsed) return std::nullopt;
  return "no master takes these flags: " + parsed.error().text;
}

}  // namespace quorate::sim
