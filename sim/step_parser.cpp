#include "sim/step_parser.h"

#include <algorithm>
#include <utility>

#include "master/base/text.h"

namespace quorate::sim {
namespace {

using faults::Fault;
using faults::FaultKind;

std::vector<std::string_view> verbs() {
  std::vector<std::string_view> out;
  for (const auto& kind : faults::fault_kinds())
    if (kind.in_scenarios) out.push_back(kind.verb);
  for (std::string_view verb : {"client", "expect", "never", "eventually"}) out.push_back(verb);
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
      step.time = in_.duration();
      if (step.time.ns <= 0) in_.mistake("expected a time above 0 after 'every'");
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
    } else {
      for (const auto& kind : faults::fault_kinds())
        if (kind.in_scenarios && kind.verb == verb) step.action = fault(kind.kind);
    }
  }

  std::string known(bool masters_only, std::string_view what) {
    std::size_t column = in_.column();
    std::string name = in_.name(what);
    if (name.empty()) return name;
    if (masters_only ? names_.master(name) : names_.place(name)) return name;
    std::vector<std::string_view> candidates = names_.all();
    std::string_view near = nearest(name, candidates);
    in_.mistake_at(column, "expected " + std::string(what) + ", found '" + name + "'" +
                               (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
    return name;
  }

  std::vector<std::string> names_until_end(bool masters_only) {
    std::vector<std::string> out;
    do {
      out.push_back(
          known(masters_only, masters_only ? "a master" : "a master or ZooKeeper server"));
    } while (!in_.at_end());
    return out;
  }

  std::vector<std::string> side() {
    std::vector<std::string> out;
    if (!in_.accept("{")) {
      out.push_back(known(false, "a name or '{'"));
      return out;
    }
    while (!in_.at_end() && in_.peek() != "}")
      out.push_back(known(false, "a master, zookeeper, zk1.. or client"));
    in_.require("}");
    if (out.empty()) in_.mistake("expected a name between '{' and '}'");
    return out;
  }

  Fault fault(FaultKind kind) {
    Fault out;
    out.kind = kind;
    bool network = kind == FaultKind::Cut || kind == FaultKind::Heal;
    if (!network) {
      bool process_only =
          kind == FaultKind::Pause || kind == FaultKind::Resume || kind == FaultKind::PowerLoss;
      out.targets = names_until_end(process_only);
      for (const std::string& name : out.targets)
        if (name == "client") in_.mistake("'client' cannot be started or stopped");
      return out;
    }
    if (kind == FaultKind::Heal && in_.at_end()) return out;
    out.sides.push_back(side());
    if (in_.accept("->")) {
      out.one_way = true;
      out.sides.push_back(side());
      return out;
    }
    if (in_.peek() != "|") in_.mistake("expected '|' or '->' and another side");
    while (in_.accept("|")) out.sides.push_back(side());
    return out;
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
      if (what == "exit") out.name = known(true, "a master");
    } else if (first == "leader") {
      out.kind = in_.accept("not") ? ConditionKind::LeaderIsNot : ConditionKind::LeaderIs;
      out.name = known(true, "a master");
    } else if (first == "exit") {
      out.kind = ConditionKind::Exits;
      out.name = known(true, "a master");
      if (auto code = value_of("code=")) out.code = static_cast<int>(parse_i64(*code).value_or(-1));
    } else if (first == "all") {
      out.kind = ConditionKind::AllAgree;
      in_.require("masters");
      in_.require("agree");
    } else if (!first.empty()) {
      out.kind = first == "running" ? ConditionKind::Running : ConditionKind::Down;
      out.name = known(true, "a master");
    }
    return out;
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
      out.limit = in_.duration();
    } else if (in_.accept("for")) {
      out.limit = in_.duration();
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
    if (in_.accept("within")) out.limit = in_.duration();
    if (out.condition.kind == ConditionKind::OneLeader) bind(out.as);
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
    if (in_.accept("via")) out.via = known(true, "a master");
    out.follow = out.via.empty();
    if (in_.accept("follow")) out.follow = true;
    if (in_.accept("->")) answer(out);
    if (in_.accept("within")) out.within = in_.duration();
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

bool KnownNames::master(std::string_view name) const {
  return std::find(masters.begin(), masters.end(), name) != masters.end() ||
         bound.contains(std::string(name));
}

bool KnownNames::place(std::string_view name) const {
  if (master(name) || name == "zookeeper" || name == "client") return true;
  if (!name.starts_with("zk")) return false;
  auto number = parse_u64(name.substr(2));
  return number && *number >= 1 && *number <= zookeeper_servers;
}

std::vector<std::string_view> KnownNames::all() const {
  std::vector<std::string_view> out(masters.begin(), masters.end());
  out.insert(out.end(), bound.begin(), bound.end());
  out.push_back("zookeeper");
  out.push_back("client");
  return out;
}

Step parse_step(LineReader& in, KnownNames& names) { return StepParser(in, names).parse(); }

}  // namespace quorate::sim
