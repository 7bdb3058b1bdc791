#include "sim/scenario_run.h"

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/text.h"
#include "sim/scenario_parser.h"
#include "sim/section_checks.h"
#include "sim/state_digest.h"

namespace quorate::sim {
namespace {

using faults::Fault;

constexpr Duration kAgain = Duration::milliseconds(300);
constexpr Duration kClientLimit = Duration::seconds(10);
constexpr Duration kAttemptLimit = Duration::seconds(5);
constexpr std::uint64_t kMostSteps = 50'000'000;
// Situations are looked at after every so many steps.
constexpr std::uint64_t kStatesEvery = 16;

// The oracle that a violation names: "one effective leader: ..." is one-effective-leader.
std::string hazard_name(const std::string& text) {
  std::string name = text.substr(0, text.find(':'));
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

// What the servers grant: 2 to 20 ticks of 2 s.
Duration session_timeout(const Scenario& scenario) {
  return std::clamp(scenario.session_timeout, Duration::seconds(4), Duration::seconds(40));
}

ExitOracle::World circumstances(const Scenario& scenario, const Section& section) {
  ExitOracle::World out;
  out.slow = scenario.profile == "storm" || scenario.profile == "disks";
  for (const std::string& flag : section.flags)
    if (flag.starts_with("quorum="))
      out.wrong = section.masters.size() > 2 * parse_u64(flag.substr(7)).value_or(0) - 1;
  return out;
}

}  // namespace

ScenarioRun::ScenarioRun(const Scenario& scenario, const Section& section, const ClusterSpec& spec,
                         NodeFactory& factory, const RunOptions& options)
    : scenario_(scenario),
      section_(section),
      options_(options),
      cluster_(spec, factory, *this),
      faults_(cluster_, [this](const std::string& name) { return host(name); }),
      clients_(cluster_),
      workload_(cluster_, clients_, options.planted),
      observer_(cluster_, clients_, *this),
      readers_(cluster_, clients_, *this),
      judges_(cluster_, {session_timeout(scenario), circumstances(scenario, section)},
              options_.planted),
      states_(options.states),
      bystander_(options.bystander),
      bystander_at_(options.bystander_at) {
  cluster_.world().trace = options.trace;
  if (options.tracing != nullptr) tracer_.emplace(*options.tracing, cluster_, clients_);
  if (options_.planted.skipped_oracle != "agreement") agreement_.emplace(cluster_);
  for (const auto& each : cluster_.hosts()) {
    if (options_.planted.clocks_stand) each->clock().rate_ppb = -999'999'000;
    clocks_.push_back(each->clock().mono({}));
  }
}

RunResult ScenarioRun::run() {
  observer_.begin();
  readers_.begin();
  for (const Step& step : section_.steps) {
    current_ = &step;
    wait_for_its_time(step);
    if (failed()) break;
    if (world().trace != nullptr)
      world().trace->line(world().now(), "scenario", std::to_string(step.line) + ": " + step.text);
    if (tracer_) tracer_->step(step.line, step.text, std::holds_alternative<Fault>(step.action));
    if (step.timing == Timing::Every) {
      every(static_cast<std::size_t>(&step - section_.steps.data()));
    } else {
      carry_out(step);
    }
    if (failed()) break;
  }
  if (!failed()) after_event();  // what the last step brought
  if (!failed()) current_ = nullptr;
  if (!failed()) live_again();
  if (!failed()) judge_at_the_end();
  judge_history();
  suspect_the_harness();
  if (failed())
    for (const auto& each : cluster_.hosts())
      for (const std::string& line : each->notes().log)
        result_.notes.push_back(each->spec().name + ": " + line);
  if (tracer_) tracer_->finish();
  cluster_.finish();
  result_.hash = world().hash();
  result_.time = world().now();
  result_.events = world().events();
  result_.faults = world().faults_felt();
  result_.acknowledged_writes = workload_.acknowledged_writes();
  return std::move(result_);
}

// A violation that the scenario calls for is no failure; what follows from it is none either.
bool ScenarioRun::is_hazard(const std::string& text) {
  const std::string oracle = hazard_name(text);
  const bool named =
      std::any_of(section_.steps.begin(), section_.steps.end(), [&](const Step& step) {
        const auto* hazard = std::get_if<HazardStep>(&step.action);
        return hazard != nullptr && hazard->oracle == oracle;
      });
  if (!named && result_.hazards.empty()) return false;
  if (result_.hazards.emplace(oracle, text + " (at " + to_text(world().now()).text + ")").second)
    changed_ = true;
  return true;
}

void ScenarioRun::hazard(const HazardStep& step) {
  const auto detected = [&] { return result_.hazards.contains(step.oracle); };
  if (wait(world().now() + step.limit, detected)) return;
  judges_.look_at_disks();
  if (agreement_) agreement_->look_at_disks();
  judge_now();
  if (detected()) return;
  fail(Verdict::ExpectationNotMet, "the oracle of " + step.oracle +
                                       " detected no violation within " +
                                       duration_text(step.limit));
}

void ScenarioRun::fail(Verdict verdict, std::string text) {
  if (failed()) return;
  if (verdict == Verdict::SafetyViolated && is_hazard(text)) return;
  result_.verdict = verdict;
  result_.text = std::move(text) + " (at " + to_text(world().now()).text + "; " + present() + ")";
  if (current_ == nullptr) return;
  result_.line = current_->line;
  result_.step = current_->text;
}

void ScenarioRun::wait_for_its_time(const Step& step) {
  if (step.timing == Timing::At) return pass(SimTime{} + step.time);
  if (step.timing != Timing::After) return;
  if (step.event) {
    SimTime limit = world().now() + Duration::seconds(60);
    SimTime since = mark_;
    if (!wait(limit, [&] { return holds(*step.event, since); }))
      return fail(Verdict::ExpectationNotMet,
                  "'" + to_text(*step.event) + "' did not come within 60 s");
  }
  pass(world().now() + step.time);
}

void ScenarioRun::carry_out(const Step& step) {
  if (const auto* fault = std::get_if<Fault>(&step.action)) {
    befall(*fault);
  } else if (const auto* asked = std::get_if<ClientStep>(&step.action)) {
    client(*asked);
  } else if (const auto* expected = std::get_if<ExpectStep>(&step.action)) {
    observer_.hurry(true);
    expected->throughout ? hold_throughout(*expected) : expect(*expected);
    observer_.hurry(false);
  } else if (const auto* never = std::get_if<NeverStep>(&step.action)) {
    // The name means whom it means here, also when it is given to another one later.
    Condition condition = never->condition;
    if (Host* named = host(condition.name)) condition.name = named->spec().name;
    nevers_.emplace_back(&step, std::move(condition));
    changed_ = true;
  } else if (const auto* finally = std::get_if<EventuallyStep>(&step.action)) {
    observer_.hurry(true);
    eventually(*finally);
  } else if (const auto* called_for = std::get_if<HazardStep>(&step.action)) {
    hazard(*called_for);
  }
}

void ScenarioRun::befall(const Fault& fault) {
  mark_ = world().now();
  changed_ = true;
  judges_.befell(fault, befallen(fault));
  before(fault);
  Fault done = fault;
  const HarnessFaults& planted = options_.planted;
  if (planted.half_cuts) done.one_way = true;
  if (planted.power_keeps_all && fault.kind == faults::FaultKind::PowerLoss)
    done.kind = faults::FaultKind::Kill;
  if (planted.idle_fault != fault.kind) faults_.carry_out(done);
  prove(fault);
  if (auto wrong = over_budget(section_, faults_.lost_votes()))
    fail(Verdict::ScenarioError, *wrong);
}

void ScenarioRun::client(const ClientStep& step) {
  SimTime until = world().now() + step.within.value_or(Duration{0});
  std::string wrong;
  std::size_t attempt = 0;
  do {
    Duration limit = step.within ? kAttemptLimit : kClientLimit;
    const Host* to = host(step.via);
    // Who tries again asks the next master. Taking turns with the clients of `every` would not do:
    // in step with them it came back to the same one each time, which was down.
    if (to == nullptr && attempt > 0)
      to = cluster_.hosts()[attempt % cluster_.hosts().size()].get();
    ++attempt;
    workload_.ask_and_keep(step, to, limit);
    wait(world().now() + limit * 2, [&] { return workload_.kept_reply() != nullptr; });
    if (failed()) return;
    const HttpReply* reply = workload_.kept_reply();
    if (reply == nullptr) return fail(Verdict::HarnessSuspect, "a client was not called back");
    Host* leader = host(step.location);
    auto found =
        unexpected(step, *reply, leader != nullptr ? leader->spec().name : "", cluster_.names());
    if (!found) return;
    wrong = *found;
    if (world().now() < until) pass(world().now() + kAgain);
  } while (world().now() < until && !failed());
  fail(Verdict::ExpectationNotMet, wrong);
}

void ScenarioRun::expect(const ExpectStep& step) {
  bool counts_from_fault = step.condition.kind == ConditionKind::Exits;
  SimTime since = counts_from_fault ? mark_ : world().now();
  if (!wait(world().now() + step.limit, [&] { return holds(step.condition, since); }))
    return fail(
        Verdict::ExpectationNotMet,
        "'" + to_text(step.condition) + "' did not come within " + duration_text(step.limit));
  if (!step.as.empty()) bind(step.as);
}

void ScenarioRun::hold_throughout(const ExpectStep& step) {
  SimTime since = world().now();
  SimTime until = since + step.limit;
  bool writes = step.condition.kind == ConditionKind::NoWrites;
  while (!failed() && world().now() < until) {
    if (writes) workload_.write(nullptr, kAttemptLimit);
    SimTime next = std::min(until, world().now() + Duration::milliseconds(500));
    if (wait(next, [&] { return !holds(step.condition, since); }))
      fail(Verdict::ExpectationNotMet, "'" + to_text(step.condition) + "' was broken");
  }
}

void ScenarioRun::eventually(const EventuallyStep& step) {
  faults_.heal_everything();
  SimTime since = world().now();
  if (!wait(since + step.limit, [&] { return holds(step.condition, since); }))
    return fail(Verdict::LivenessViolated, "'" + to_text(step.condition) +
                                               "' did not come within " +
                                               duration_text(step.limit) + " after healing");
  if (!step.as.empty()) bind(step.as);
}

void ScenarioRun::every(std::size_t number) {
  const Step& step = section_.steps[number];
  const auto& asked = std::get<ClientStep>(step.action);
  workload_.ask(asked, host(asked.via), kAttemptLimit);
  world().after(step.time, *this, {0, number, 0});
}

void ScenarioRun::act(const Task& task) {
  if (!failed()) every(task.a);
}

// Runs until `done` or the time has come; it asks again only when something changed.
bool ScenarioRun::wait(SimTime until, const Question& done) {
  changed_ = true;
  while (!failed()) {
    if (std::exchange(changed_, false)) {
      after_event();
      if (!failed() && done()) return true;
      continue;
    }
    if (!step(until)) return done();
    if (states_ != nullptr && world().steps() % kStatesEvery == 0)
      states_->add(state_digest(cluster_.hosts()));
    judge_now();
    if (world().steps() > kMostSteps)
      fail(Verdict::LivenessViolated,
           "more than " + std::to_string(kMostSteps) + " steps: something goes round and round");
  }
  return false;
}

bool ScenarioRun::step(SimTime until) {
  if (bystander_ == nullptr || bystander_at_ > until) return world().step(until);
  if (world().step(bystander_at_)) return true;
  std::exchange(bystander_, nullptr)->look(cluster_);
  return world().step(until);
}

void ScenarioRun::pass(SimTime until) {
  wait(until, [] { return false; });
}

// What must never be is looked at whenever something changed.
void ScenarioRun::after_event() {
  for (const auto& [step, condition] : nevers_) {
    if (!holds(condition, SimTime{})) continue;
    current_ = step;
    return fail(Verdict::ExpectationNotMet, "'" + to_text(condition) + "' came");
  }
}

bool ScenarioRun::holds(const Condition& condition, SimTime since) {
  Host* named = host(condition.name);
  switch (condition.kind) {
    case ConditionKind::OneLeader: return observer_.one_leader() != nullptr;
    case ConditionKind::NoLeader: return observer_.no_leader();
    // Whether two lead at once is for the oracle of one effective leader, which judges every
    // answer.
    case ConditionKind::TwoLeaders: return false;
    case ConditionKind::LeaderIs: return observer_.one_leader() == named;
    case ConditionKind::LeaderIsNot: {
      Host* leader = observer_.one_leader();
      return leader != nullptr && leader != named;
    }
    case ConditionKind::Exits: return exited(condition, since);
    case ConditionKind::NoExit: return !exited(condition, since);
    case ConditionKind::Running: return named->running();
    case ConditionKind::Down: return named->state() == Host::State::Down;
    case ConditionKind::AllAgree: return observer_.all_agree();
    case ConditionKind::NoWrites: return !workload_.acknowledged_since(since);
  }
  return false;
}

bool ScenarioRun::exited(const Condition& condition, SimTime since) {
  for (const ExitRecord& exit : host(condition.name)->exits())
    if (exit.at >= since && (!condition.code || exit.code == *condition.code)) return true;
  return false;
}

std::string ScenarioRun::present() const {
  std::string out;
  for (const auto& each : cluster_.hosts_const()) {
    if (!out.empty()) out += ", ";
    out += each->spec().name;
    switch (each->state()) {
      case Host::State::Down: out += " is down"; break;
      case Host::State::Paused: out += " is paused"; break;
      case Host::State::Restarting: out += " restarts"; break;
      case Host::State::Running: {
        std::string leader = observer_.leader_of(*each);
        out += leader.empty() ? " knows no leader" : " follows " + leader;
      }
    }
    if (!each->exits().empty())
      out += ", last exit " + std::to_string(each->exits().back().code) + " '" +
             each->exits().back().why + "'";
  }
  return out;
}

void ScenarioRun::bind(const std::string& as) {
  Host* leader = observer_.one_leader();
  CHECK(leader != nullptr);
  bound_[as] = leader->spec().name;
  std::size_t number = 0;
  for (const auto& each : cluster_.hosts())
    if (each.get() != leader && is_planned(*each))
      bound_["other" + std::to_string(++number)] = each->spec().name;
}

bool ScenarioRun::is_planned(const Host& host) const {
  const std::vector<std::string>& planned = section_.masters;
  return std::find(planned.begin(), planned.end(), host.spec().name) != planned.end();
}

Host* ScenarioRun::host(const std::string& name) {
  auto found = bound_.find(name);
  return cluster_.find(found == bound_.end() ? name : found->second);
}

void ScenarioRun::on_exit(const Host& host, const ExitRecord& exit) {
  judges_.ended(host, exit);
  observer_.forget(host);
  changed_ = true;
}

void ScenarioRun::on_replay_difference(const Host&, const std::string& difference) {
  fail(Verdict::Nondeterminism, "a replay of the recorded events differs: " + difference);
}

void ScenarioRun::on_answer_seen(const HttpQuestion& asked, const HttpReply& reply) {
  workload_.observed(asked, reply);
  judges_.answered(asked, reply);
}

}  // namespace quorate::sim
