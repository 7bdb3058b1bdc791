#include <algorithm>
#include <utility>

#include "master/base/random.h"
#include "sim/bench.h"

namespace quorate::sim {
namespace {

constexpr std::int64_t kCallNs = 40;
constexpr std::uint64_t kMachines = 3;
constexpr std::uint32_t kUnknownPpm = 50'000;

class History {
 public:
  History(std::uint64_t seed, bool modes) : random_(seed, "bench/history"), modes_(modes) {}

  // Everybody calls again when answered.
  void call(std::size_t clients, std::size_t count) {
    std::vector<std::int64_t> free(clients);
    while (calls_.size() < count) {
      std::int64_t& from = *std::min_element(free.begin(), free.end());
      RegistryOperation one = some_call();
      one.begins = SimTime{from + random_.between(1, 5)};
      std::int64_t effect = one.begins.ns + random_.between(0, kCallNs);
      from = effect + random_.between(0, kCallNs);
      one.ends = SimTime{from};
      if (!one.reads() && random_.chance_ppm(modes_ ? kUnknownPpm / 50 : kUnknownPpm)) {
        one.ends = SimTime::never();
        effect += random_.between(0, 10 * kCallNs);
      }
      effects_.emplace_back(effect, calls_.size());
      calls_.push_back(std::move(one));
    }
  }

  // What each shows, in the order of the effects; what is refused is in no history.
  std::vector<RegistryOperation> shown() {
    std::sort(effects_.begin(), effects_.end());
    RegistryModel model;
    std::vector<RegistryOperation> out;
    for (const auto& [at, number] : effects_) {
      RegistryOperation& one = calls_[number];
      if (one.reads()) show(model, one);
      auto next = after(model, one);
      if (!next && !one.unknown()) continue;
      if (next) model = std::move(*next);
      out.push_back(one);
    }
    return out;
  }

 private:
  RegistryOperation some_call() {
    RegistryOperation out;
    const std::uint64_t kind = random_.below(modes_ ? 6 : 2);
    if (kind == 0 && modes_) {
      for (std::uint64_t i = 0; i < kMachines; ++i)
        if (random_.below(2) == 0) out.machines.push_back(machine(i));
    } else if (kind == 0) {
      out.machines.push_back("w" + std::to_string(++written_));
    } else if (kind >= 3) {
      out.call = kind == 3 ? RegistryCall::Up : RegistryCall::Down;
      out.machines.push_back(machine(random_.below(kMachines)));
    } else {
      out.call = kind == 1 ? RegistryCall::ReadSchedule : RegistryCall::ReadStatus;
    }
    return out;
  }
  static std::string machine(std::uint64_t number) { return "m" + std::to_string(number); }
  static void show(const RegistryModel& model, RegistryOperation& read) {
    for (const auto& [name, down] : model)
      (down && read.call == RegistryCall::ReadStatus ? read.down : read.machines).push_back(name);
  }

  RandomStream random_;
  bool modes_;
  std::uint64_t written_ = 0;
  std::vector<RegistryOperation> calls_;
  std::vector<std::pair<std::int64_t, std::size_t>> effects_;
};

}  // namespace

std::vector<RegistryOperation> drawn_history(std::uint64_t seed, std::size_t clients,
                                             std::size_t count, bool modes) {
  History history(seed, modes);
  // Of calls that meet some are refused.
  history.call(clients, modes ? count * 2 : count);
  std::vector<RegistryOperation> out = history.shown();
  if (out.size() > count) out.resize(count);
  return out;
}

}  // namespace quorate::sim
