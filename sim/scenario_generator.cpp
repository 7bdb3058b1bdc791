#include "sim/scenario_generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "master/base/check.h"
#include "sim/fault_drawer.h"

namespace quorate::sim {
namespace {

using faults::Fault;
using faults::FaultKind;
using faults::TimedFault;

constexpr Duration ms(std::int64_t count) { return Duration::milliseconds(count); }
constexpr Duration s(std::int64_t count) { return Duration::seconds(count); }

// Weights of families, in their order: programs, links, messages, disks, clocks, operators,
// coordination; how likely a story of an operator is.
struct CampaignProfile {
  std::string_view name;
  std::array<std::string_view, 3> worlds;  // profiles of the simulated world, drawn evenly
  std::array<std::uint32_t, 7> weights;
  std::uint32_t story_ppm;
  std::uint32_t disks_ppm;  // how many seeds have disk faults at all
};
constexpr std::array<CampaignProfile, 7> kProfiles = {{
    {"lan", {"lan", "lan", "lan"}, {10, 10, 4, 4, 2, 4, 4}, 100'000, 400'000},
    {"wan", {"wan", "wan", "wan"}, {8, 14, 6, 4, 2, 4, 4}, 100'000, 300'000},
    {"storm", {"storm", "storm", "lan"}, {10, 12, 6, 8, 4, 6, 6}, 150'000, 600'000},
    {"disks", {"disks", "disks", "lan"}, {8, 2, 1, 20, 1, 2, 1}, 50'000, 1'000'000},
    {"clocks", {"lan", "storm", "wan"}, {5, 4, 2, 1, 20, 2, 3}, 50'000, 100'000},
    {"coordination", {"lan", "wan", "storm"}, {4, 8, 1, 1, 2, 4, 20}, 100'000, 100'000},
    {"operators", {"lan", "lan", "wan"}, {14, 3, 1, 6, 3, 20, 6}, 1'000'000, 700'000},
}};

const CampaignProfile& profile_of(std::string_view name) {
  const auto* found = std::find_if(kProfiles.begin(), kProfiles.end(),
                                   [name](const CampaignProfile& p) { return p.name == name; });
  CHECK(found != kProfiles.end());
  return *found;
}

// As a person writes it: the largest unit that shows a whole number.
std::string time_text(Duration time) {
  const std::int64_t count = time.whole_milliseconds();
  return count % 1000 == 0 ? fmt::format("{}s", count / 1000) : fmt::format("{}ms", count);
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, " "));
}

class Generator {
 public:
  Generator(std::string_view profile, std::uint64_t seed)
      : profile_(profile_of(profile)), seed_(seed), random_(stream("head")) {}

  std::string write() {
    header();
    cluster();
    start();
    weigh();
    const std::size_t phases = 1 + random_.below(2);
    Duration begin = s(random_.between(20, 30));
    for (std::size_t i = 0; i < phases; ++i) {
      const Duration length = s(random_.between(8, 50));
      phase(i, begin, begin + length);
      heal();
      begin = begin + length + s(65);
    }
    line("client write -> 200 within 60s");
    return std::move(text_);
  }

 private:
  RandomStream stream(const std::string& name) const {
    return RandomStream(seed_, fmt::format("scenario/{}/{}", profile_.name, name));
  }
  void line(std::string_view text) {
    text_ += text;
    text_ += '\n';
  }

  void header() {
    const std::string_view world = profile_.worlds[random_.below(profile_.worlds.size())];
    storm_ = world == "storm";
    const std::uint64_t drawn = random_.below(10);
    zookeeper_servers_ = drawn < 2 ? 1 : drawn < 8 ? 3 : 5;
    constexpr std::array<std::int64_t, 4> kTimeouts = {4, 6, 10, 20};
    session_timeout_ = s(kTimeouts[random_.below(kTimeouts.size())]);
    if (storm_ && session_timeout_ < s(6)) session_timeout_ = s(10);
    line(fmt::format("scenario: {}_{}", profile_.name, seed_));
    line(fmt::format("about:    Drawn by quorate-sim search --profile={} from seed {}.",
                     profile_.name, seed_));
    line("world:    sim");
    line(fmt::format("seeds:    {}", seed_));
    line(fmt::format("profile:  {}", world));
    line(fmt::format("zookeeper: {} server{}, session-timeout={}", zookeeper_servers_,
                     zookeeper_servers_ == 1 ? "" : "s", time_text(session_timeout_)));
    line("");
  }

  void cluster() {
    const std::uint64_t drawn = random_.below(10);
    const std::size_t count = drawn < 1 ? 1 : drawn < 7 ? 3 : 5;
    for (std::size_t i = 1; i <= count; ++i) masters_.push_back(fmt::format("m{}", i));
    has_disk_faults_ = random_.chance_ppm(profile_.disks_ppm);
    std::vector<std::string> all = masters_;
    while (lost_.size() < (count - 1) / 2) {
      const auto at = static_cast<std::ptrdiff_t>(random_.below(all.size()));
      lost_.push_back(all[static_cast<std::size_t>(at)]);
      all.erase(all.begin() + at);
    }
    std::string flags = fmt::format("quorum={}", count / 2 + 1);
    if (random_.chance_ppm(400'000)) flags += ", log_repair=peers";
    line(fmt::format("masters {}, {}", joined(masters_), flags));
  }

  void start() {
    line(fmt::format("at 0s start {}", joined(masters_)));
    // Mostly faults come when all is well; sometimes while the log is being born.
    if (random_.chance_ppm(850'000)) {
      line("expect one leader within 60s as L");
      bound_ = true;
    }
    line(fmt::format("every {}ms client write", random_.between(2, 20) * 50));
    line(fmt::format("every {}ms client GET /maintenance/schedule", random_.between(5, 30) * 50));
    if (random_.chance_ppm(300'000))
      line(fmt::format("every {}s client GET /state", random_.between(1, 5)));
    if (random_.chance_ppm(300'000))
      line(fmt::format("every {}s client GET /metrics/snapshot", random_.between(1, 5)));
  }

  // Some kinds never come, some are frequent (swarm testing).
  void weigh() {
    for (FaultKind kind : drawable_kinds()) {
      const faults::FaultDescription& described = faults::description_of(kind);
      const auto family = static_cast<std::size_t>(described.family);
      if (described.family == faults::Family::Disks && !has_disk_faults_) continue;
      RandomStream random = stream("weight " + std::string(described.name));
      const std::uint64_t drawn = random.below(100);
      const std::uint32_t times = drawn < 35 ? 0 : drawn < 80 ? 1 : 5;
      if (times > 0) weights_.emplace_back(kind, profile_.weights[family] * times);
    }
  }

  // A disk that is older than what it acknowledged is told so by its peers only: they must be there
  // (faults/budget.h), so such a phase has nothing else.
  void phase(std::size_t number, Duration begin, Duration end) {
    number_ = number;
    faults_.clear();
    FaultGround ground{masters_, lost_, {}, zookeeper_servers_, end};
    if (bound_) {
      ground.by_role.emplace_back("L");
      for (std::size_t i = 1; i < masters_.size(); ++i)
        ground.by_role.push_back(fmt::format("other{}", i));
    }
    RandomStream random = stream(fmt::format("phase {}", number));
    const bool peers_tell = random.chance_ppm(300'000);
    const std::size_t count = 1 + random.below(10);
    for (std::size_t i = 0; i < count; ++i) {
      RandomStream one = stream(fmt::format("phase {} fault {}", number, i));
      draw(one, begin, end, ground, peers_tell);
    }
    if (!only_old_ && random.chance_ppm(profile_.story_ppm)) story(random, begin, end);
    only_old_ = false;
    for (const TimedFault& each : faults_)
      line(fmt::format("at {} {}", time_text(each.at), faults::to_text(each.fault)));
  }

  void draw(RandomStream& random, Duration begin, Duration end, const FaultGround& ground,
            bool peers_tell) {
    const bool old_possible = peers_tell && !lost_.empty() && weight(true) > 0;
    only_old_ = old_possible;
    const std::uint64_t sum = weight(old_possible);
    if (sum == 0) return;
    std::uint64_t drawn = random.below(sum);
    for (const auto& [kind, each] : weights_) {
      if (!fits(kind, old_possible)) continue;
      if (drawn >= each) {
        drawn -= each;
        continue;
      }
      const Duration at = ms(random.between(begin.whole_milliseconds(), end.whole_milliseconds()));
      for (TimedFault& fault : draw_fault(kind, at, ground, random))
        insert_by_time(faults_, std::move(fault));
      return;
    }
  }
  static bool fits(FaultKind kind, bool old_only) {
    const bool old = faults::description_of(kind).cost == faults::Cost::OldReplica;
    return old == old_only;
  }
  std::uint64_t weight(bool old_only) const {
    std::uint64_t sum = 0;
    for (const auto& [kind, each] : weights_)
      if (fits(kind, old_only)) sum += each;
    return sum;
  }

  // What operators do: restart all, one after another or all at once, masters or ZooKeeper.
  void story(RandomStream& random, Duration begin, Duration end) {
    const bool servers = random.chance_ppm(250'000);
    const bool at_once = random.chance_ppm(300'000);
    const bool gently = random.chance_ppm(700'000);
    const Duration pause = ms(random.between(200, 8000));
    std::vector<std::string> names = masters_;
    if (servers) names.clear();
    for (std::size_t i = 1; servers && i <= zookeeper_servers_; ++i)
      names.push_back(fmt::format("zk{}", i));
    Duration at = ms(random.between(begin.whole_milliseconds(), end.whole_milliseconds()));
    for (const std::string& name : names) {
      const FaultKind kind = gently ? FaultKind::Stop : FaultKind::Kill;
      insert_by_time(faults_, {std::min(at, end), {.kind = kind, .targets = {name}}});
      insert_by_time(faults_,
                     {std::min(at + pause, end), {.kind = FaultKind::Start, .targets = {name}}});
      if (!at_once) at = at + pause + ms(random.between(100, 6000));
    }
  }

  // What `eventually` does not do by itself, then liveness within its bound (simulation.md G17):
  // three session timeouts, and the pauses of the supervisor (30 s after 74).
  void heal() {
    // Who was asked to end has ended by then.
    line(fmt::format("after 5s start {}", joined(masters_)));
    Duration bound = session_timeout_ * 3 + s(35);
    if (storm_) bound = bound + s(30);
    line(fmt::format("eventually one leader within {} as L", time_text(bound)));
    line(
        fmt::format("eventually all masters agree within {}", time_text(session_timeout_ + s(20))));
    bound_ = true;
  }

  const CampaignProfile& profile_;
  std::uint64_t seed_;
  RandomStream random_;
  std::string text_;
  bool storm_ = false;
  bool has_disk_faults_ = false;
  bool bound_ = false;     // L and the others have their names
  bool only_old_ = false;  // the phase at hand
  std::size_t number_ = 0;
  std::size_t zookeeper_servers_ = 3;
  Duration session_timeout_{};
  std::vector<std::string> masters_;
  std::vector<std::string> lost_;
  std::vector<std::pair<FaultKind, std::uint64_t>> weights_;
  std::vector<TimedFault> faults_;
};

}  // namespace

std::vector<std::string_view> campaign_profiles() {
  std::vector<std::string_view> names;
  for (const CampaignProfile& profile : kProfiles) names.push_back(profile.name);
  return names;
}

std::string generate_scenario(std::string_view profile, std::uint64_t seed) {
  return Generator(profile, seed).write();
}

}  // namespace quorate::sim
