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
    if (processes(kind) || links(kind) || disks(kind) || clocks(kind) || coordination(kind))
      return std::move(out_);
    if (is_of_messages(kind)) messages(kind);
    return std::move(out_);
  }

 private:
  void add(Duration at, Fault fault) { insert_by_time(out_, {at, std::move(fault)}); }
  void pair(FaultKind kind, const std::vector<std::string>& targets, FaultKind end) {
    add(at_, {.kind = kind, .targets = targets});
    add(until_, {.kind = end, .targets = targets});
  }

  // Each of these is true if the kind is one of its own.
  bool processes(FaultKind kind) {
    switch (kind) {
      case FaultKind::Kill:
      case FaultKind::Stop: process_or_server(kind); return true;
      case FaultKind::PowerLoss: power_loss(); return true;
      case FaultKind::Pause: pair(kind, {a_master()}, FaultKind::Resume); return true;
      case FaultKind::Restart: add(at_, {.kind = kind, .targets = some_masters()}); return true;
      case FaultKind::StartWith: other_flags(); return true;
      case FaultKind::SlowCpu: slow(kind, 1, 200); return true;
      case FaultKind::LoseNames: add(at_, {.kind = kind, .targets = {a_master()}}); return true;
      case FaultKind::SlowNames: slow(kind, 100, 8000); return true;
      default: return false;
    }
  }

  bool links(FaultKind kind) {
    Fault fault{.kind = kind};
    switch (kind) {
      case FaultKind::Cut: cut(); return true;
      case FaultKind::SlowLink:
        fault.by = ms(random_.between(5, 1500));
        if (random_.chance_ppm(500'000)) fault.jitter = ms(random_.between(5, 500));
        break;
      case FaultKind::NarrowLink:
        fault.bytes_per_second = static_cast<std::uint64_t>(random_.between(1, 200)) * 1000;
        break;
      case FaultKind::Clog: fault.lasting = ms(random_.between(100, 12'000)); break;
      case FaultKind::Reset:
      case FaultKind::Refuse:
      case FaultKind::DropDials:
      case FaultKind::HalfOpen:
      case FaultKind::Shred: return of_hosts(kind);
      default: return false;
    }
    fault.sides = sides();
    healed(std::move(fault));
    return true;
  }

  bool disks(FaultKind kind) {
    Fault fault{.kind = kind, .targets = {a_machine()}};
    switch (kind) {
      case FaultKind::TornWrite:
      case FaultKind::Wipe:
      case FaultKind::LoseFile:
      case FaultKind::CutFile: lossy(kind); return true;
      case FaultKind::LostWrite:
      case FaultKind::MisdirectedWrite:
      case FaultKind::BitRot: damage(kind); return true;
      case FaultKind::RestoreCopy: copy(); return true;
      case FaultKind::CloneDisk: clone(); return true;
      case FaultKind::FailedSync:
      case FaultKind::SlowSync:
      case FaultKind::FailedRead:
      case FaultKind::FailedWrite: add(at_, of_files(kind, fault.targets)); return true;
      case FaultKind::DiskFull: pair(kind, fault.targets, FaultKind::DiskFreed); return true;
      case FaultKind::SlowDisk: slow(kind, 1, 400); return true;
      case FaultKind::HungDisk:
        fault.lasting = ms(random_.between(100, 15'000));
        add(at_, std::move(fault));
        return true;
      default: return false;
    }
  }

  // Clocks drift by what quartz and bad virtual machines do, now and then by far more.
  bool clocks(FaultKind kind) {
    Fault fault{.kind = kind, .targets = {a_master()}};
    const bool far = random_.chance_ppm(250'000);
    switch (kind) {
      case FaultKind::ClockRate:
      case FaultKind::WallRate: {
        const std::int64_t percent = far ? random_.between(-50, 100) : random_.between(-5, 5);
        if (percent == 0) return true;
        fault.rate_ppb = percent * 10'000'000;
        add(at_, fault);
        fault.rate_ppb = 0;
        add(until_, std::move(fault));
        return true;
      }
      case FaultKind::ClockForward:
      case FaultKind::ClockBackward:
      case FaultKind::ClockLeap:
        fault.by =
            far ? Duration::seconds(random_.between(20, 3600)) : ms(random_.between(10, 20'000));
        add(at_, std::move(fault));
        return true;
      default: return false;
    }
  }

  bool coordination(FaultKind kind) {
    Fault fault{.kind = kind, .targets = {a_master()}};
    switch (kind) {
      case FaultKind::ExpireSession:
      case FaultKind::DeleteNode: break;
      case FaultKind::LagServer:
        fault.targets = {a_server()};
        fault.by = ms(random_.between(50, 8000));
        add(at_, fault);
        fault.by = {};
        add(until_, std::move(fault));
        return true;
      case FaultKind::LoseAccess:
        fault.targets.clear();
        fault.lasting = ms(random_.between(200, 15'000));
        break;
      default: return false;
    }
    add(at_, std::move(fault));
    return true;
  }

  // Until it is ended by "by 0s".
  void slow(FaultKind kind, std::int64_t least_ms, std::int64_t most_ms) {
    Fault fault{
        .kind = kind, .targets = {a_master()}, .by = ms(random_.between(least_ms, most_ms))};
    add(at_, fault);
    fault.by = {};
    add(until_, std::move(fault));
  }

  void healed(Fault fault) {
    Fault heal{.kind = FaultKind::Heal, .sides = fault.sides};
    add(at_, std::move(fault));
    add(until_, std::move(heal));
  }

  // Some kinds are for connections between hosts, not for those with ZooKeeper.
  bool of_hosts(FaultKind kind) {
    if (ground_.masters.size() < 2) return true;
    Fault fault{.kind = kind, .sides = masters_parted(parted_names(), false)};
    fault.one_way = kind != FaultKind::Reset && kind != FaultKind::Shred;
    if (kind == FaultKind::Reset || kind == FaultKind::HalfOpen) {
      add(at_, std::move(fault));
    } else {
      healed(std::move(fault));
    }
    return true;
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
  // At once, or between any two operations of the disk.
  void power_loss() {
    Fault fault{.kind = FaultKind::PowerLoss, .targets = some_masters()};
    if (random_.chance_ppm(500'000)) fault.after = random_.below(40);
    const std::vector<std::string> targets = fault.targets;
    add(at_, std::move(fault));
    add(until_, {.kind = FaultKind::Start, .targets = targets});
  }

  // An operator stops a master and starts it with other flags: how it mends its log, or, by mistake
  // and put right later, a larger quorum. A smaller one would break the guarantee: quorums that do
  // not overlap (hazards of docs/scenarios.md), so it is beyond the budget. So is another master
  // (start-extra) while whoever is in ZooKeeper votes.
  void other_flags() {
    const std::vector<std::string> name = {a_machine()};
    const std::size_t quorum = ground_.masters.size() / 2 + 1;
    const bool mistaken = quorum < ground_.masters.size() && random_.chance_ppm(400'000);
    const Duration down = ms(random_.between(200, 6000));
    std::string flag = random_.chance_ppm(500'000) ? "log_repair=peers" : "log_repair=none";
    if (mistaken) flag = "quorum=" + std::to_string(quorum + 1);
    add(at_, {.kind = FaultKind::Stop, .targets = name});
    add(std::min(at_ + down, ground_.until),
        {.kind = FaultKind::StartWith, .targets = name, .flags = {std::move(flag)}});
    if (mistaken)
      add(ground_.until, {.kind = FaultKind::Restart,
                          .targets = name,
                          .flags = {"quorum=" + std::to_string(quorum)}});
  }

  Fault of_files(FaultKind kind, std::vector<std::string> targets) {
    Fault fault{.kind = kind, .targets = std::move(targets)};
    const std::uint64_t drawn = random_.below(10);
    if (drawn < 4) fault.file = faults::FileClass::Segment;
    if (drawn >= 4 && drawn < 7) fault.file = faults::FileClass::Metadata;
    if (drawn == 7) fault.file = faults::FileClass::Snapshot;
    const bool any_time =
        kind == FaultKind::BitRot || kind == FaultKind::LoseFile || kind == FaultKind::CutFile;
    if (!any_time) fault.after = random_.below(20);
    if (kind == FaultKind::SlowSync)
      fault.by =
          ms(random_.chance_ppm(500'000) ? random_.between(10, 200) : random_.between(200, 4000));
    return fault;
  }

  void lossy(FaultKind kind) {
    if (ground_.lost.empty()) return;
    const std::string name = one_of(ground_.lost);
    Fault fault{.kind = kind, .targets = {name}};
    if (kind != FaultKind::Wipe) fault = of_files(kind, {name});
    add(at_, std::move(fault));
    add(until_, {.kind = FaultKind::Start, .targets = {name}});
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

  // The disk of one that may lose its votes takes the place of another such one's.
  void clone() {
    if (ground_.lost.size() < 2) return;
    const std::string& to = ground_.lost[1];
    add(at_, {.kind = FaultKind::CloneDisk, .targets = {ground_.lost[0], to}});
    add(until_, {.kind = FaultKind::Start, .targets = {to}});
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
    return masters_parted(masters, random_.chance_ppm(300'000));
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
  std::vector<std::vector<std::string>> masters_parted(std::vector<std::string> other,
                                                       bool with_zookeeper) {
    std::vector<std::string> one;
    const std::size_t count = 1 + random_.below(other.size() - 1);
    while (one.size() < count) {
      const std::ptrdiff_t drawn = drawn_below(other.size());
      one.push_back(other[static_cast<std::size_t>(drawn)]);
      other.erase(other.begin() + drawn);
    }
    if (with_zookeeper) other.emplace_back("zookeeper");
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
  FaultGround ground{{"m1", "m2", "m3", "m4", "m5"}, {"m1", "m2"}, {}, 3, Duration::seconds(60)};
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

}  // namespace quorate::sim
