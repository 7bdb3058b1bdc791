#include "faults/generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/random.h"

namespace quorate::faults {
namespace {

Duration ms(std::int64_t count) { return Duration::milliseconds(count); }

struct Weight {
  FaultKind kind;
  std::uint32_t weight;
};
// How often each kind is begun in a storm; kinds that undo others come with those.
constexpr Weight kStorm[] = {
    {FaultKind::Kill, 10},
    {FaultKind::PowerLoss, 16},
    {FaultKind::Stop, 3},
    {FaultKind::Pause, 5},
    {FaultKind::Cut, 14},
    {FaultKind::TornWrite, 6},
    {FaultKind::BitRot, 6},
    {FaultKind::FailedSync, 6},
    {FaultKind::SlowSync, 8},
    {FaultKind::DiskFull, 5},
    {FaultKind::Wipe, 4},
    {FaultKind::LoseMessages, 6},
    {FaultKind::DuplicateMessages, 4},
    {FaultKind::DelayMessages, 6},
    {FaultKind::MutateMessages, 2},
    {FaultKind::TwoLeaders, 8},
    {FaultKind::SaveCopy, 3},
    {FaultKind::LostWrite, 6},
    {FaultKind::MisdirectedWrite, 6},
    {FaultKind::RestoreCopy, 6},
};

// Draws the faults of one phase.
class PhaseMaker {
 public:
  PhaseMaker(std::uint64_t seed, std::size_t number, const GeneratorSettings& settings)
      : seed_(seed), number_(number), settings_(settings), random_(stream("phase")) {}

  Phase make() {
    phase_.length = ms(random_.between(1500, 5000));
    choose_lost();
    const bool peers_tell =
        settings_.bounds == Bounds::Budget && !lost_.empty() && random_.chance_ppm(250'000);
    if (peers_tell) {
      unseen_losses();
      return std::move(phase_);
    }
    if (settings_.replicas > 1 && random_.chance_ppm(200'000)) duel();
    const std::size_t count = 1 + random_.below(9);
    for (std::size_t i = 0; i < count; ++i) {
      RandomStream random = stream("fault " + std::to_string(i));
      storm(random, settings_.bounds == Bounds::None);
    }
    return std::move(phase_);
  }

 private:
  RandomStream stream(const std::string& name) const {
    return RandomStream(seed_, fmt::format("faults/{}/{}", number_, name));
  }

  // Whom such a fault may befall. A log whose every disk is empty cannot know that it ever was:
  // that is the business of the birth record (protocol.md 30), so one disk keeps something.
  std::vector<std::string> candidates(FaultKind kind) const {
    if (description_of(kind).cost == Cost::Nothing) return everybody();
    if (kind == FaultKind::Wipe && settings_.bounds == Bounds::Telling)
      return {lost_.begin() + 1, lost_.end()};
    return lost_;
  }

  // Who may lose its votes in this phase.
  void choose_lost() {
    std::vector<std::string> all = everybody();
    std::size_t most = all.size();
    if (settings_.bounds == Bounds::Budget) most = (all.size() - 1) / 2;
    while (lost_.size() < most) {
      const std::size_t at = random_.below(all.size());
      lost_.push_back(all[at]);
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }

  std::vector<std::string> everybody() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < settings_.replicas; ++i) all.push_back(replica_name(i));
    return all;
  }
  std::vector<std::string> well() const {
    std::vector<std::string> names = everybody();
    std::erase_if(names, [this](const std::string& name) {
      return std::find(lost_.begin(), lost_.end(), name) != lost_.end();
    });
    return names;
  }
  static std::string one_of(RandomStream& random, const std::vector<std::string>& names) {
    return names[random.below(names.size())];
  }

  bool wanted(FaultKind kind) const {
    return settings_.kinds.empty() || settings_.kinds.contains(kind);
  }
  bool possible(FaultKind kind, bool unseen) const {
    if (!wanted(kind)) return false;
    const Cost cost = description_of(kind).cost;
    if (cost == Cost::OldReplica && !unseen) return false;
    if (cost == Cost::Replica && candidates(kind).empty()) return false;
    return settings_.replicas > 1 || kind != FaultKind::TwoLeaders;
  }

  void storm(RandomStream& random, bool unseen) {
    std::uint32_t sum = 0;
    for (const Weight& each : kStorm)
      if (possible(each.kind, unseen)) sum += each.weight;
    if (sum == 0) return;
    std::uint64_t drawn = random.below(sum);
    for (const Weight& each : kStorm) {
      if (!possible(each.kind, unseen)) continue;
      if (drawn < each.weight) return begin(random, each.kind);
      drawn -= each.weight;
    }
  }

  // Leader after leader, while messages are lost and old ones arrive late: the stories of several
  // ballots.
  void duel() {
    RandomStream random = stream("duel");
    for (FaultKind kind : {FaultKind::LoseMessages, FaultKind::DelayMessages})
      if (wanted(kind)) messages(random, kind, {}, phase_.length);
    if (!wanted(FaultKind::TwoLeaders)) return;
    const std::int64_t step = random.between(100, 500);
    for (std::int64_t at = step; at < phase_.length.whole_milliseconds(); at += step)
      add(ms(at), {.kind = FaultKind::TwoLeaders, .targets = {one_of(random, everybody())}});
  }

  // Some replicas forget what they acknowledged while others were cut off; then all are joined, and
  // only then those that forgot come back.
  void unseen_losses() {
    joined_at_ = phase_.length / 2;
    const std::size_t before = random_.below(4);
    for (std::size_t i = 0; i < before; ++i) {
      RandomStream random = stream("cut " + std::to_string(i));
      const Duration at = ms(random.between(0, joined_at_.whole_milliseconds() - 1));
      const Duration until = std::min(joined_at_, at + ms(random.between(100, 1500)));
      if (wanted(FaultKind::Cut) && random.chance_ppm(700'000)) {
        cut_hosts(random, everybody(), at, until);
      } else if (wanted(FaultKind::LoseMessages)) {
        messages(random, FaultKind::LoseMessages, at, until);
      }
    }
    // What parts those that remember may last: the lost ones hear them all.
    RandomStream apart = stream("apart");
    const Duration parted_at = ms(apart.between(0, joined_at_.whole_milliseconds()));
    if (wanted(FaultKind::Cut) && apart.chance_ppm(600'000))
      cut_hosts(apart, well(), parted_at, phase_.length + ms(500));
    const std::size_t losses = 1 + random_.below(3);
    for (std::size_t i = 0; i < losses; ++i) {
      RandomStream random = stream("loss " + std::to_string(i));
      unseen_loss(random);
    }
  }

  void unseen_loss(RandomStream& random) {
    std::vector<FaultKind> kinds;
    for (FaultKind kind :
         {FaultKind::LostWrite, FaultKind::MisdirectedWrite, FaultKind::RestoreCopy})
      if (wanted(kind)) kinds.push_back(kind);
    if (kinds.empty()) return;
    const FaultKind kind = kinds[random.below(kinds.size())];
    const std::vector<std::string> names = {one_of(random, lost_)};
    const std::int64_t half = joined_at_.whole_milliseconds();
    const Duration at = ms(random.between(0, half));
    const Duration down = ms(random.between(half, half + 800));
    const Duration up = down + ms(random.between(10, 400));
    if (kind == FaultKind::RestoreCopy) {
      add(at, {.kind = FaultKind::SaveCopy, .targets = names});
      add(down, {.kind = kind, .targets = names});
    } else {
      Fault fault{.kind = kind, .targets = names};
      fault.after = random.below(20);
      fault.file = some_files(random);
      add(at, std::move(fault));
      add(down, {.kind = FaultKind::PowerLoss, .targets = names});
    }
    add(up, {.kind = FaultKind::Start, .targets = names});
  }

  // Those of one time in the order in which they were drawn.
  void add(Duration at, Fault fault) {
    const auto place =
        std::upper_bound(phase_.faults.begin(), phase_.faults.end(), at,
                         [](Duration time, const TimedFault& other) { return time < other.at; });
    phase_.faults.insert(place, {at, std::move(fault)});
  }

  void begin(RandomStream& random, FaultKind kind) {
    const Duration at = ms(random.between(0, phase_.length.whole_milliseconds()));
    const Duration until = at + ms(random.between(100, 2500));
    Fault fault{.kind = kind};
    switch (kind) {
      case FaultKind::Cut: return cut(random, at, until);
      case FaultKind::LoseMessages:
      case FaultKind::DuplicateMessages:
      case FaultKind::DelayMessages:
      case FaultKind::MutateMessages: return messages(random, kind, at, until);
      default: break;
    }
    const std::string name = one_of(random, candidates(kind));
    fault.targets = {name};
    switch (kind) {
      case FaultKind::Kill:
      case FaultKind::PowerLoss:
        if (random.chance_ppm(700'000)) fault.after = random.below(40);
        break;
      case FaultKind::TornWrite:
      case FaultKind::LostWrite:
      case FaultKind::MisdirectedWrite:
      case FaultKind::FailedSync:
        fault.after = random.below(20);
        fault.file = some_files(random);
        break;
      case FaultKind::BitRot: fault.file = some_files(random); break;
      case FaultKind::SlowSync:
        fault.file = some_files(random);
        fault.by =
            ms(random.chance_ppm(500'000) ? random.between(10, 100) : random.between(100, 3000));
        break;
      default: break;
    }
    add(at, std::move(fault));
    afterwards(random, kind, name, at, until);
  }

  // What undoes a fault, or brings it to light.
  void afterwards(RandomStream& random, FaultKind kind, const std::string& name, Duration at,
                  Duration until) {
    const Fault start{.kind = FaultKind::Start, .targets = {name}};
    switch (kind) {
      case FaultKind::Kill:
      case FaultKind::PowerLoss:
      case FaultKind::Stop:
      case FaultKind::TornWrite:
      case FaultKind::Wipe: return add(until, start);
      case FaultKind::RestoreCopy: {
        const std::int64_t earlier = random.between(0, at.whole_milliseconds());
        add(ms(earlier), {.kind = FaultKind::SaveCopy, .targets = {name}});
        return add(until, start);
      }
      case FaultKind::LostWrite:
      case FaultKind::MisdirectedWrite:
      case FaultKind::BitRot:
        if (!random.chance_ppm(700'000)) return;
        add(until, {.kind = FaultKind::PowerLoss, .targets = {name}});
        return add(until + ms(200), start);
      case FaultKind::Pause: return add(until, {.kind = FaultKind::Resume, .targets = {name}});
      case FaultKind::DiskFull:
        return add(until + ms(1000), {.kind = FaultKind::DiskFreed, .targets = {name}});
      default: return;
    }
  }

  static FileClass some_files(RandomStream& random) {
    const std::uint64_t drawn = random.below(10);
    if (drawn < 5) return FileClass::Segment;
    if (drawn < 8) return FileClass::Metadata;
    return drawn < 9 ? FileClass::Snapshot : FileClass::Any;
  }

  void cut(RandomStream& random, Duration at, Duration until) {
    if (settings_.replicas > 1 && random.chance_ppm(750'000))
      return cut_hosts(random, everybody(), at, until);
    const Fault fault{.kind = FaultKind::Cut,
                      .sides = {{one_of(random, everybody())}, {"zookeeper"}}};
    join(fault, at, until);
  }

  void cut_hosts(RandomStream& random, std::vector<std::string> other, Duration at,
                 Duration until) {
    std::vector<std::string> one;
    const std::size_t count = 1 + random.below(other.size() - 1);
    while (one.size() < count) {
      const std::size_t drawn = random.below(other.size());
      one.push_back(other[drawn]);
      other.erase(other.begin() + static_cast<std::ptrdiff_t>(drawn));
    }
    Fault fault{.kind = FaultKind::Cut, .sides = {one, other}};
    fault.one_way = random.chance_ppm(300'000);
    join(std::move(fault), at, until);
  }

  void join(Fault fault, Duration at, Duration until) {
    add(at, fault);
    fault.kind = FaultKind::Heal;
    fault.one_way = false;
    add(until, std::move(fault));
  }

  void messages(RandomStream& random, FaultKind kind, Duration at, Duration until) {
    Fault fault{.kind = kind};
    fault.ppm = static_cast<std::uint32_t>(random.between(10'000, 300'000));
    if (kind == FaultKind::DelayMessages) fault.by = ms(random.between(5, 800));
    add(at, fault);
    fault.ppm = 0;
    fault.by = {};
    add(until, std::move(fault));
  }

  std::uint64_t seed_;
  std::size_t number_;
  const GeneratorSettings& settings_;
  RandomStream random_;
  std::vector<std::string> lost_;
  Phase phase_;
  Duration joined_at_{};
};

}  // namespace

Schedule generate(std::uint64_t seed, const GeneratorSettings& settings) {
  RandomStream random(seed, "faults");
  Schedule schedule;
  // Beyond the budget there is no coming back, so there is one phase only.
  const std::size_t phases = settings.bounds == Bounds::Budget ? 1 + random.below(3) : 1;
  for (std::size_t i = 0; i < phases; ++i)
    schedule.phases.push_back(PhaseMaker(seed, i, settings).make());
  return schedule;
}

}  // namespace quorate::faults
