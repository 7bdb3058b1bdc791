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
    const std::size_t count = 1 + random_.below(peers_tell ? 3 : 9);
    for (std::size_t i = 0; i < count; ++i) {
      RandomStream random = stream("fault " + std::to_string(i));
      peers_tell ? unseen_loss(random) : storm(random, settings_.bounds == Bounds::None);
    }
    return std::move(phase_);
  }

 private:
  RandomStream stream(const std::string& name) const {
    return RandomStream(seed_, fmt::format("faults/{}/{}", number_, name));
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
    if (cost == Cost::Replica && lost_.empty()) return false;
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

  // One replica forgets what it acknowledged, and the others are well.
  void unseen_loss(RandomStream& random) {
    std::vector<FaultKind> kinds;
    for (FaultKind kind :
         {FaultKind::LostWrite, FaultKind::MisdirectedWrite, FaultKind::RestoreCopy})
      if (wanted(kind)) kinds.push_back(kind);
    if (kinds.empty()) return storm(random, false);
    begin(random, kinds[random.below(kinds.size())]);
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
    const bool costs = description_of(kind).cost != Cost::Nothing;
    const std::string name = one_of(random, costs ? lost_ : everybody());
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
    std::vector<std::string> one;
    std::vector<std::string> other;
    for (const std::string& name : everybody())
      (random.chance_ppm(500'000) ? one : other).push_back(name);
    const bool coordination = one.empty() || other.empty() || random.chance_ppm(250'000);
    if (coordination) {
      one = {one_of(random, everybody())};
      other = {"zookeeper"};
    }
    Fault fault{.kind = FaultKind::Cut, .sides = {one, other}};
    fault.one_way = !coordination && random.chance_ppm(300'000);
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
