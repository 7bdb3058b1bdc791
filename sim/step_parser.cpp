#include "sim/step_parser.h"

#include <utility>

#include "master/base/text.h"
#include "sim/fault_parser.h"

namespace quorate::sim {
namespace {

// Whose violations a scenario may call for.
constexpr std::string_view kOracles[] = {
    "agreement", "chain",     "disk-use",        "durability",
    "exits",     "fail-fast", "linearizability", "one-effective-leader",
    "redirects"};

std::vector<std::string_view> verbs() {
  std::vector<std::string_view> out = fault_verbs();
  for (std::string_view verb : {"client", "expect", "never", "eventually", "hazard"})
    out.push_back(verb);
  return out;
}

class StepParser {
 public:
  StepParser(LineReader& in, KnownNames& names) : in_(in), names_(names) {}

  Step parse() {
    Step step;
    if (in_.accept("at")) {
      step.timing = Timing::At;
      step.time = in_.duration();
      if (in_.at_end()) return step;
    } else if (in_.accept("every")) {
      step.timing = Timing::Every;
      step.time = in_.time_above_zero("'every'");
      in_.require("client");
      step.action = client();
      in_.end();
      return step;
    } else if (in_.accept("after")) {
      after(step);
    }
    action(step);
    in_.end();
    return step;
  }

 private:
  void after(Step& step) {
    step.timing = Timing::After;
    if (parse_time(in_.peek())) {
      step.time = in_.duration();
      return;
    }
    step.event = condition();
    std::string_view delay = in_.peek();
    if (!delay.starts_with('+')) return;
    if (auto parsed = parse_time(delay.substr(1))) {
      in_.word();
      step.time = *parsed;
    } else {
      in_.mistake("expected a delay like +1s, found '" + std::string(delay) + "'");
    }
  }

  void action(Step& step) {
    std::string_view verb = in_.one_of(verbs(), "a verb");
    if (verb.empty()) return;
    if (verb == "client") {
      step.action = client();
    } else if (verb == "expect") {
      step.action = expect();
    } else if (verb == "never") {
      step.action = NeverStep{condition()};
    } else if (verb == "eventually") {
      step.action = eventually();
    } else if (verb == "hazard") {
      step.action = hazard();
    } else {
      step.action = parse_fault(in_, names_, verb);
    }
  }

  Condition condition() {
    Condition out;
    std::string_view first =
        in_.one_of({"one", "no", "two", "leader", "exit", "running", "down", "all"}, "a condition");
    if (first == "one") {
      in_.require("leader");
    } else if (first == "two") {
      out.kind = ConditionKind::TwoLeaders;
      in_.require("leaders");
    } else if (first == "no") {
      std::string_view what = in_.one_of({"leader", "exit", "writes"}, "leader, exit or writes");
      out.kind = what == "leader" ? ConditionKind::NoLeader
                 : what == "exit" ? ConditionKind::NoExit
                                  : ConditionKind::NoWrites;
      if (what == "exit") out.name = known_name(in_, names_, NameKind::Master);
    } else if (first == "leader") {
      out.kind = in_.accept("not") ? ConditionKind::LeaderIsNot : ConditionKind::LeaderIs;
      out.name = known_name(in_, names_, NameKind::Master);
    } else if (first == "exit") {
      out.kind = ConditionKind::Exits;
      out.name = known_name(in_, names_, NameKind::Master);
      exit_code(out);
    } else if (first == "all") {
      out.kind = ConditionKind::AllAgree;
      in_.require("masters");
      in_.require("agree");
    } else if (!first.empty()) {
      out.kind = first == "running" ? ConditionKind::Running : ConditionKind::Down;
      out.name = known_name(in_, names_, NameKind::Master);
    }
    return out;
  }

  void exit_code(Condition& out) {
    const std::size_t column = in_.column();
    const auto code = value_of("code=");
    if (!code) return;
    const auto number = parse_u64(*code);
    if (!number || *number > 255)
      return in_.mistake_at(
          column, "expected an exit code from 0 to 255, like code=69, found 'code=" + *code + "'");
    out.code = static_cast<int>(*number);
  }

  std::optional<std::string> value_of(std::string_view key) {
    if (!in_.peek().starts_with(key)) return std::nullopt;
    return std::string(in_.word().substr(key.size()));
  }

  void bind(std::string& as) {
    if (!in_.accept("as")) return;
    as = in_.name("a new name");
    names_.bound.insert(as);
    for (std::size_t i = 1; i < names_.masters.size(); ++i)
      names_.bound.insert("other" + std::to_string(i));
  }

  ExpectStep expect() {
    ExpectStep out;
    out.condition = condition();
    out.limit = Duration::seconds(30);
    if (in_.accept("within")) {
      out.limit = in_.time_above_zero("'within'");
    } else if (in_.accept("for")) {
      out.limit = in_.time_above_zero("'for'");
      out.throughout = true;
    }
    bool leads = out.condition.kind == ConditionKind::OneLeader ||
                 out.condition.kind == ConditionKind::LeaderIsNot;
    if (leads) bind(out.as);
    if (out.condition.kind == ConditionKind::NoWrites && !out.throughout)
      in_.mistake("expected 'for' and a time: 'expect no writes for 20s'");
    return out;
  }

  EventuallyStep eventually() {
    EventuallyStep out;
    out.condition = condition();
    out.limit = Duration::seconds(60);
    if (in_.accept("within")) out.limit = in_.time_above_zero("'within'");
    if (out.condition.kind == ConditionKind::OneLeader) bind(out.as);
    return out;
  }

  HazardStep hazard() {
    HazardStep out;
    out.oracle = in_.one_of({std::begin(kOracles), std::end(kOracles)}, "an oracle");
    out.limit = Duration::seconds(60);
    if (in_.accept("within")) out.limit = in_.time_above_zero("'within'");
    return out;
  }

  ClientStep client() {
    ClientStep out;
    std::string_view method =
        in_.one_of({"GET", "POST", "PUT", "DELETE", "HEAD", "write"}, "an HTTP method or write");
    out.generated_write = method == "write";
    out.method = out.generated_write ? "POST" : std::string(method);
    out.path = out.generated_write ? "/maintenance/schedule" : std::string(in_.word());
    if (!out.path.starts_with("/")) in_.mistake("expected a path that starts with '/'");
    if (in_.peek().starts_with("{") || in_.peek().starts_with("[")) out.body = in_.json();
    if (in_.accept("via")) out.via = known_name(in_, names_, NameKind::Master);
    out.follow = out.via.empty();
    if (in_.accept("follow")) out.follow = true;
    if (in_.accept("->")) answer(out);
    if (in_.accept("within")) out.within = in_.time_above_zero("'within'");
    return out;
  }

  void answer(ClientStep& out) {
    std::size_t column = in_.column();
    auto status = static_cast<int>(in_.number("a status code"));
    if (!in_.mistake() && (status < 100 || status > 599))
      in_.mistake_at(column, "expected a status code from 100 to 599");
    out.status = status;
    while (!in_.at_end()) {
      if (auto location = value_of("location=")) {
        if (!names_.master(*location)) in_.mistake("expected a master after 'location='");
        out.location = *location;
      } else if (in_.accept("body")) {
        std::string_view how = in_.one_of({"contains", "lacks"}, "contains or lacks");
        (how == "lacks" ? out.lacks : out.contains).push_back(in_.quoted());
      } else {
        return;
      }
    }
  }

  LineReader& in_;
  KnownNames& names_;
};

}  // namespace

Step parse_step(LineReader& in, KnownNames& names) { return StepParser(in, names).parse(); }

}  // namespace quorate::sim
