#include <algorithm>
#include <utility>

#include "sim/scenario_run.h"

// How a run is judged: by the oracles after every step and at the end, by the liveness that must
// follow the last healing, and by what shows that the harness itself did what it says.

namespace quorate::sim {
namespace {

using faults::Fault;
using faults::FaultKind;

constexpr Duration kProbe = Duration::milliseconds(500);
constexpr Duration kProbeLimit = Duration::seconds(5);
// A supervisor's longest delay (design.md 8), and once more.
constexpr Duration kPatience = Duration::seconds(80);
// So many sectors that chance cannot keep or lose them all.
constexpr std::uint64_t kManySectors = 32;

Bytes padded(const FileImage* file, std::uint64_t offset) {
  Bytes out = file == nullptr ? Bytes() : file->read(offset, FileImage::kSector);
  out.resize(FileImage::kSector);
  return out;
}

}  // namespace

void ScenarioRun::judge_now() {
  judges_.look();
  if (!workload_.violations().empty())
    fail(Verdict::SafetyViolated, workload_.violations().front());
  if (!judges_.violations().empty()) fail(Verdict::SafetyViolated, judges_.violations().front());
  if (agreement_ && agreement_->violation())
    fail(Verdict::SafetyViolated, "agreement: " + *agreement_->violation());
}

std::size_t ScenarioRun::running() const {
  std::size_t out = 0;
  for (const auto& each : cluster_.hosts_const()) out += each->running() ? 1 : 0;
  return out;
}

// Everything is healed; if a majority of the masters runs, or is being restarted, there must be a
// leader and an acknowledged write within three session timeouts (simulation.md G17).
void ScenarioRun::live_again() {
  if (options_.planted.skipped_oracle == "liveness" || !result_.hazards.empty()) return;
  nevers_.clear();  // they were for the steps
  const std::set<std::string> lost = faults_.lost_votes();
  faults_.heal_everything();
  judged_alive_ = true;
  std::size_t alive = 0;
  for (const auto& each : cluster_.hosts())
    if (each->state() != Host::State::Down && !lost.contains(each->spec().name)) ++alive;
  std::size_t majority = cluster_.hosts().size() / 2 + 1;
  if (alive < majority || judges_.flags_are_wrong()) return;
  Duration limit = std::max(scenario_.session_timeout, Duration::seconds(4)) * 3;
  SimTime begin = world().now();
  SimTime healthy = running() >= majority ? begin : SimTime::never();
  observer_.hurry(true);
  while (!failed()) {
    if (running() < majority) healthy = SimTime::never();
    if (running() >= majority) healthy = std::min(healthy, world().now());
    if (healthy != SimTime::never() && world().now() > healthy + limit) break;
    if (world().now() > begin + limit + kPatience) break;
    workload_.write(nullptr, kProbeLimit);
    auto alive_again = [&] {
      return workload_.acknowledged_since(begin) && observer_.one_leader() != nullptr;
    };
    if (wait(world().now() + kProbe, alive_again)) return;
  }
  fail(Verdict::LivenessViolated,
       "liveness: no leader with an acknowledged write within three session timeouts after "
       "healing, at " +
           std::string(to_text(begin).text) + ", though a majority runs");
}

void ScenarioRun::judge_at_the_end() {
  judges_.look_at_disks();
  if (agreement_) {
    agreement_->look_at_disks();
    result_.learned_seen = {agreement_->seen_on_wires(), agreement_->seen_on_disks()};
  }
  judge_now();
}

// Also when an expectation was not met: a broken promise of the registry explains it.
void ScenarioRun::judge_history() {
  bool graver = result_.verdict == Verdict::SafetyViolated ||
                result_.verdict == Verdict::Nondeterminism ||
                result_.verdict == Verdict::HarnessSuspect;
  if (graver || options_.planted.skipped_oracle == "linearizability") return;
  LinearVerdict verdict = workload_.history().judge(options_.linear_budget);
  if (verdict.result == LinearResult::Linearizable) return;
  if (verdict.result == LinearResult::GaveUp && options_.planted.giving_up_passes) return;
  Verdict before = std::exchange(result_.verdict, Verdict::Pass);
  bool gave_up = verdict.result == LinearResult::GaveUp;
  fail(gave_up ? Verdict::HarnessSuspect : Verdict::SafetyViolated,
       "linearizability: " + verdict.text);
  if (!failed()) result_.verdict = before;  // the scenario calls for it
}

// --- The harness itself

void ScenarioRun::suspect_the_harness() {
  if (result_.verdict == Verdict::SafetyViolated || result_.verdict == Verdict::Nondeterminism ||
      result_.verdict == Verdict::HarnessSuspect)
    return;
  auto wrong = suspicion();
  if (!wrong || !result_.hazards.empty()) return;
  result_.verdict = Verdict::Pass;
  fail(Verdict::HarnessSuspect, *wrong);
}

std::optional<std::string> ScenarioRun::suspicion() {
  if (auto wrong = workload_.suspicion()) return wrong;
  if (auto wrong = judges_.idle()) return wrong;
  for (std::size_t i = 0; i < clocks_.size(); ++i) {
    Host& each = *cluster_.hosts()[i];
    Duration shown = each.clock().mono(world().now()) - clocks_[i];
    Duration passed = world().now() - SimTime{};
    if (passed > Duration::seconds(1) && shown.ns < passed.ns / 1000)
      return "the clock of " + each.spec().name + " stands still";
  }
  if (power_sectors_ >= kManySectors && (power_lost_ == 0 || power_lost_ == power_sectors_))
    return "of " + std::to_string(power_sectors_) +
           " sectors that were not synced when the power "
           "went, " +
           std::to_string(power_lost_) + " were lost: each should be, by chance";
  if (result_.verdict != Verdict::Pass) return std::nullopt;
  if (!judged_alive_) return "whether the masters live after healing was not judged";
  bool wrote = workload_.acknowledged_writes() > 0 && cluster_.hosts().size() > 1;
  bool real = cluster_.zookeeper().tree().find("/quorate") != nullptr;
  if (wrote && real && (!agreement_ || agreement_->seen_on_wires() == 0))
    return "the oracle 'agreement' saw nothing on the wires, though writes were acknowledged";
  return std::nullopt;
}

std::set<std::string> ScenarioRun::befallen(const Fault& fault) {
  std::set<std::string> out;
  auto add = [&](const std::string& name) {
    Host* named = host(name);
    out.insert(named != nullptr ? named->spec().name : name);
  };
  for (const std::string& name : fault.targets) add(name);
  for (const auto& side : fault.sides)
    for (const std::string& name : side) add(name);
  return out;
}

// What is not synced of the disks whose power is about to go.
void ScenarioRun::before(const Fault& fault) {
  unsynced_.clear();
  if (fault.kind != FaultKind::PowerLoss || fault.after) return;
  for (const std::string& name : fault.targets) {
    Host* target = host(name);
    if (target == nullptr) continue;
    for (const auto& [file, image] : target->disk().image().files()) {
      FileImage on_disk = image.on_disk();
      std::uint64_t end = std::max(image.written_end(), on_disk.written_end());
      for (std::uint64_t at = 0; at < end; at += FileImage::kSector) {
        Bytes old_bytes = padded(&on_disk, at);
        if (padded(&image, at) != old_bytes)
          unsynced_.push_back({target, file, at, std::move(old_bytes)});
      }
    }
  }
}

// A fault that changes nothing would make every run a pass (simulation.md 3).
void ScenarioRun::prove(const Fault& fault) {
  if (auto wrong = not_carried_out(fault)) fail(Verdict::HarnessSuspect, *wrong);
  for (const Unsynced& sector : unsynced_) {
    const FileImage* file = sector.host->disk().image().find(sector.file);
    ++power_sectors_;
    if (padded(file, sector.offset) == sector.old_bytes) ++power_lost_;
  }
}

std::optional<std::string> ScenarioRun::not_carried_out(const Fault& fault) {
  if (auto wrong = process_unchanged(fault)) return wrong;
  if (fault.kind != FaultKind::Cut && fault.kind != FaultKind::Heal) return std::nullopt;
  for (std::size_t i = 0; i < fault.sides.size(); ++i)
    for (std::size_t j = i + 1; j < fault.sides.size(); ++j)
      if (auto wrong = links_unchanged(fault, fault.sides[i], fault.sides[j])) return wrong;
  if (fault.kind == FaultKind::Cut || !fault.sides.empty()) return std::nullopt;
  for (std::uint32_t from = 0; from < cluster_.links().size(); ++from)
    for (std::uint32_t to = 0; to < cluster_.links().size(); ++to)
      if (!cluster_.links().open(Place(from), Place(to)))
        return "'heal' left " + cluster_.links().name(Place(from)) + " and " +
               cluster_.links().name(Place(to)) + " parted";
  return std::nullopt;
}

std::optional<std::string> ScenarioRun::process_unchanged(const Fault& fault) {
  if (fault.after) return std::nullopt;  // it comes later
  for (const std::string& name : fault.targets) {
    Host* target = host(name);
    if (target == nullptr) continue;
    bool down = target->state() == Host::State::Down;
    bool wrong = false;
    switch (fault.kind) {
      case FaultKind::Kill:
      case FaultKind::PowerLoss: wrong = !down; break;
      case FaultKind::Start: wrong = down && target->exits().empty(); break;
      case FaultKind::Pause: wrong = target->running(); break;
      // paused() is also who is busy: of a slow processor each event keeps others waiting.
      case FaultKind::Resume: wrong = target->state() == Host::State::Paused; break;
      default: return std::nullopt;
    }
    if (wrong)
      return "'" + std::string(faults::description_of(fault.kind).verb) + " " + name +
             "' changed nothing";
  }
  return std::nullopt;
}

std::optional<std::string> ScenarioRun::links_unchanged(const Fault& fault,
                                                        const std::vector<std::string>& side,
                                                        const std::vector<std::string>& other) {
  bool cut = fault.kind == FaultKind::Cut;
  for (Place from : faults_.places(side))
    for (Place to : faults_.places(other)) {
      if (from == to) continue;
      bool there = cluster_.links().open(from, to) != cut;
      bool back = fault.one_way || cluster_.links().open(to, from) != cut;
      if (!there || !back)
        return "'" + faults::to_text(fault) + "' left " + cluster_.links().name(from) + " and " +
               cluster_.links().name(to) + (cut ? " joined" : " parted");
    }
  return std::nullopt;
}

}  // namespace quorate::sim
