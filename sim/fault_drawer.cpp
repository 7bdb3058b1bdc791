#include "sim/fault_drawer.h"

#include <algorithm>
#include <utility>

namespace quorate::sim {
namespace {

using faults::Fault;
using faults::FaultKind;
using faults::TimedFault;

constexpr Duration ms(std::int64_t count) { return Duration::milliseconds(count); }

// What ends or shows others; drawn with those only.
bool only_follows(FaultKind kind) {
  return kind == FaultKind::Start || kind == FaultKind::Resume || kind == FaultKind::Heal ||
         kind == FaultKind::DiskFreed || kind == FaultKind::SaveCopy;
}

bool is_of_messages(FaultKind kind) {
  return kind >= FaultKind::LoseMessages && kind <= FaultKind::MutateMessages;
}

class Drawer {
 public:
  Drawer(const FaultGround& ground, RandomStream& random) : ground_(ground), random_(random) {}

  std::vector<TimedFault> draw(FaultKind kind, Duration at) {
    at_ = at;
    until_ = std::min(ground_.until, at + lasting());
    switch (kind) {
      case FaultKind::Kill:
      case FaultKind::Stop: process_or_server(kind); break;
      case FaultKind::PowerLoss: power_loss(); break;
      case FaultKind::Pause: pair(kind, {a_master()}, FaultKind::Resume); break;
      case FaultKind::Cut: cut(); break;
      case FaultKind::TornWrite:
      case FaultKind::Wipe: lossy(kind, FaultKind::Start); break;
      case FaultKind::LostWrite:
      case FaultKind::MisdirectedWrite:
      case FaultKind::BitRot: damage(kind); break;
      case FaultKind::FailedSync:
      case FaultKind::SlowSync: add(at_, of_files(kind, {a_machine()})); break;
      case FaultKind::DiskFull: pair(kind, {a_machine()}, FaultKind::DiskFreed); break;
      case FaultKind::RestoreCopy: copy(); break;
      default:
        if (is_of_messages(kind)) messages(kind);
        break;
    }
    return std::move(out_);
  }

 private:
  void add(Duration at, Fault fault) { insert_by_time(out_, {at, std::move(fault)}); }
  void pair(FaultKind kind, const std::vector<std::string>& targets, FaultKind end) {
    add(at_, {.kind = kind, .targets = targets});
    add(until_, {.kind = end, .targets = targets});
  }

  // Short against a session, about a session, or longer.
  Duration lasting() {
    const std::uint64_t drawn = random_.below(100);
    if (drawn < 45) return ms(random_.between(50, 3000));
    if (drawn < 85) return ms(random_.between(3000, 16'000));
    return ms(random_.between(16'000, 45'000));
  }

  std::string one_of(const std::vector<std::string>& names) {
    return names[random_.below(names.size())];
  }
  // By its name or by what it was found to be.
  std::string a_master() {
    if (!ground_.by_role.empty() && random_.chance_ppm(400'000)) return one_of(ground_.by_role);
    return a_machine();
  }
  std::string a_machine() { return one_of(ground_.masters); }
  std::string a_server() {
    return "zk" + std::to_string(1 + random_.below(ground_.zookeeper_servers));
  }

  // One, or with luck several at once.
  std::vector<std::string> some_masters() {
    if (ground_.masters.size() < 2 || random_.chance_ppm(800'000)) return {a_master()};
    std::vector<std::string> all = ground_.masters;
    if (random_.chance_ppm(500'000)) all.erase(all.begin() + drawn_below(all.size()));
    return all;
  }
  std::ptrdiff_t drawn_below(std::size_t size) {
    return static_cast<std::ptrdiff_t>(random_.below(size));
  }

  void process_or_server(FaultKind kind) {
    const bool server = random_.chance_ppm(250'000);
    pair(kind, server ? std::vector<std::string>{a_server()} : some_masters(), FaultKind::Start);
  }
  void power_loss() { pair(FaultKind::PowerLoss, some_masters(), FaultKind::Start); }

  Fault of_files(FaultKind kind, std::vector<std::string> targets) {
    Fault fault{.kind = kind, .targets = std::move(targets)};
    const std::uint64_t drawn = random_.below(10);
    if (drawn < 4) fault.file = faults::FileClass::Segment;
    if (drawn >= 4 && drawn < 7) fault.file = faults::FileClass::Metadata;
    if (drawn == 7) fault.file = faults::FileClass::Snapshot;
    if (kind != FaultKind::BitRot) fault.after = random_.below(20);
    if (kind == FaultKind::SlowSync)
      fault.by =
          ms(random_.chance_ppm(500'000) ? random_.between(10, 200) : random_.between(200, 4000));
    return fault;
  }

  void lossy(FaultKind kind, FaultKind end) {
    if (ground_.lost.empty()) return;
    const std::string name = one_of(ground_.lost);
    Fault fault{.kind = kind, .targets = {name}};
    if (kind == FaultKind::TornWrite) fault = of_files(kind, {name});
    add(at_, std::move(fault));
    add(until_, {.kind = end, .targets = {name}});
  }

  // A write that went wrong or a bit that changed is mostly met after a restart only.
  void damage(FaultKind kind) {
    if (ground_.lost.empty()) return;
    const std::string name = one_of(ground_.lost);
    add(at_, of_files(kind, {name}));
    add(until_, {.kind = FaultKind::PowerLoss, .targets = {name}});
    add(until_ + ms(200), {.kind = FaultKind::Start, .targets = {name}});
  }

  void copy() {
    if (ground_.lost.empty()) return;
    const std::vector<std::string> name = {one_of(ground_.lost)};
    add(at_, {.kind = FaultKind::SaveCopy, .targets = name});
    add(until_, {.kind = FaultKind::RestoreCopy, .targets = name});
    add(until_ + ms(500), {.kind = FaultKind::Start, .targets = name});
  }

  void messages(FaultKind kind) {
    Fault fault{.kind = kind};
    fault.ppm = static_cast<std::uint32_t>(random_.between(1, 30)) * 10'000;
    if (kind == FaultKind::DelayMessages) fault.by = ms(random_.between(5, 800));
    add(at_, fault);
    fault.ppm = 0;
    fault.by = {};
    add(until_, std::move(fault));
  }

  void cut() {
    Fault fault{.kind = FaultKind::Cut, .sides = sides()};
    fault.one_way = fault.sides.size() == 2 && random_.chance_ppm(250'000);
    if (fault.one_way && random_.chance_ppm(500'000)) std::swap(fault.sides[0], fault.sides[1]);
    add(at_, fault);
    fault.kind = FaultKind::Heal;
    fault.one_way = false;
    add(until_, std::move(fault));
  }

  std::vector<std::vector<std::string>> sides() {
    const std::vector<std::string> masters = parted_names();
    const std::uint64_t drawn = random_.below(100);
    if (drawn < 15) return {{one_of(masters)}, {a_server()}};
    if (drawn < 30) return {{one_of(masters)}, {"zookeeper"}};
    if (drawn < 35) return {{one_of(masters)}, {"client"}};
    if (drawn < 45 && ground_.zookeeper_servers > 1) return servers_parted();
    if (masters.size() < 2) return {{masters[0]}, {"zookeeper"}};
    return masters_parted(masters);
  }

  // All masters, by their names or by what they were found to be.
  std::vector<std::string> parted_names() {
    const bool complete = ground_.by_role.size() == ground_.masters.size();
    return complete && random_.chance_ppm(400'000) ? ground_.by_role : ground_.masters;
  }

  std::vector<std::vector<std::string>> servers_parted() {
    const std::string alone = a_server();
    std::vector<std::string> others;
    for (std::size_t i = 1; i <= ground_.zookeeper_servers; ++i)
      if (std::string name = "zk" + std::to_string(i); name != alone) others.push_back(name);
    return {{alone}, others};
  }

  // ZooKeeper reaches both sides, or one of them only.
  std::vector<std::vector<std::string>> masters_parted(std::vector<std::string> other) {
    std::vector<std::string> one;
    const std::size_t count = 1 + random_.below(other.size() - 1);
    while (one.size() < count) {
      const std::ptrdiff_t drawn = drawn_below(other.size());
      one.push_back(other[static_cast<std::size_t>(drawn)]);
      other.erase(other.begin() + drawn);
    }
    if (random_.chance_ppm(300'000)) other.emplace_back("zookeeper");
    return {one, other};
  }

  const FaultGround& ground_;
  RandomStream& random_;
  Duration at_{};
  Duration until_{};
  std::vector<TimedFault> out_;
};

}  // namespace

void insert_by_time(std::vector<TimedFault>& faults, TimedFault fault) {
  const auto place =
      std::upper_bound(faults.begin(), faults.end(), fault.at,
                       [](Duration time, const TimedFault& other) { return time < other.at; });
  faults.insert(place, std::move(fault));
}

std::vector<TimedFault> draw_fault(FaultKind kind, Duration at, const FaultGround& ground,
                                   RandomStream& random) {
  return Drawer(ground, random).draw(kind, at);
}

std::vector<FaultKind> drawable_kinds() {
  RandomStream random(1, "drawable");
  FaultGround ground{{"m1", "m2", "m3"}, {"m1"}, {}, 3, Duration::seconds(60)};
  std::vector<FaultKind> out;
  for (const faults::FaultDescription& each : faults::fault_kinds())
    if (each.in_scenarios && !draw_fault(each.kind, Duration{0}, ground, random).empty())
      out.push_back(each.kind);
  return out;
}

std::vector<FaultKind> undrawable_kinds() {
  const std::vector<FaultKind> drawable = drawable_kinds();
  std::vector<FaultKind> out;
  for (const faults::FaultDescription& each : faults::fault_kinds())
    if (each.in_scenarios && !only_follows(each.kind) &&
        std::find(drawable.begin(), drawable.end(), each.kind) == drawable.end())
      out.push_back(each.kind);
  return out;
}

FaultField field_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::Cut:
    case FaultKind::Heal:
    case FaultKind::LoseMessages:
    case FaultKind::DuplicateMessages:
    case FaultKind::DelayMessages:
    case FaultKind::MutateMessages: return FaultField::Network;
    case FaultKind::TornWrite:
    case FaultKind::LostWrite:
    case FaultKind::MisdirectedWrite:
    case FaultKind::BitRot:
    case FaultKind::FailedSync:
    case FaultKind::SlowSync:
    case FaultKind::DiskFull:
    case FaultKind::DiskFreed:
    case FaultKind::SaveCopy:
    case FaultKind::RestoreCopy:
    case FaultKind::Wipe: return FaultField::Disks;
    case FaultKind::TwoLeaders: return FaultField::Coordination;
    default: return FaultField::Processes;
  }
}

}  // namespace quorate::sim
