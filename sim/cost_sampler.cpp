#include "sim/cost_sampler.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <map>

namespace quorate::sim {
namespace {

constexpr std::size_t kFrames = 64;
constexpr std::size_t kMostSamples = 20'000;  // 80 s
constexpr std::size_t kOwnFrames = 2;         // the handler and the kernel's trampoline
constexpr suseconds_t kEveryUs = 4000;

constexpr std::string_view kDispatch = "dispatch, other";

struct Rule {
  std::string_view part;  // of a mangled name
  std::string_view kind;
};

// These hold whatever they call.
constexpr std::array kOuter = {
    Rule{"3sim6ReplayC", "replay check"},
    Rule{"3sim6Replay4step", "replay check"},
    Rule{"3sim17replay_difference", "replay check"},
    Rule{"3sim6Judges", "oracles"},
    Rule{"3sim15RegistryHistory", "oracles"},
    Rule{"3sim8Workload5judge", "oracles"},
    Rule{"3sim15AgreementOracle", "oracles"},
    Rule{"3sim18check_linearizable", "oracles"},
    Rule{"3sim12state_digest", "oracles"},
};

// The innermost that is known decides.
constexpr std::array kInner = {
    Rule{"JsonWriter", "JSON"},
    Rule{"rapidjson", "JSON"},
    Rule{"10parse_json", "JSON"},
    Rule{"9json_text", "JSON"},
    Rule{"7quorate4Json", "JSON"},
    Rule{"5beast", "HTTP"},
    Rule{"7quorate4http", "HTTP"},
    Rule{"9HttpFront", "HTTP"},
    Rule{"16parse_http_reply", "HTTP"},
    Rule{"7quorate7xxh3_", "hashing"},
    Rule{"7quorate6crc32c", "hashing"},
    Rule{"3sim5World4hash", "hashing"},
    Rule{"7quorate12RecordWriter", "recording"},
    Rule{"7quorate14RecordingPorts", "recording"},
    Rule{"3sim4Host9on_effect", "recording"},
    Rule{"3sim6Fabric", "simulated network"},
    Rule{"3sim10SimNetwork", "simulated network"},
    Rule{"3sim5Links", "simulated network"},
    Rule{"3sim8HostDisk", "simulated disks"},
    Rule{"3sim7SimDisk", "simulated disks"},
    Rule{"3sim9FileImage", "simulated disks"},
    Rule{"3sim9DiskImage", "simulated disks"},
    Rule{"3sim9Zookeeper", "simulated ZooKeeper"},
    Rule{"3sim6ZkTree", "simulated ZooKeeper"},
    Rule{"3sim16HostCoordination", "simulated ZooKeeper"},
    Rule{"3sim15SimCoordination", "simulated ZooKeeper"},
    Rule{"3sim11HttpClients", "clients"},
    Rule{"3sim8Workload", "clients"},
    Rule{"3sim8Observer", "clients"},
    Rule{"3sim7Readers", "clients"},
    Rule{"3sim13AgentStandIns", "clients"},
    Rule{"7quorate6Master", "master code"},
    Rule{"7quorate5paxos", "master code"},
    Rule{"7quorate14replicated_log", "master code"},
    Rule{"7quorate8registry", "master code"},
    Rule{"7quorate5peers", "master code"},
    Rule{"7quorate8election", "master code"},
    Rule{"7quorate8ensemble", "master code"},
    Rule{"7quorate3api", "master code"},
    Rule{"3sim5World", kDispatch},
    Rule{"3sim11ScenarioRun", kDispatch},
};

constexpr std::array<std::string_view, 12> kKinds = {"master code",
                                                     "HTTP",
                                                     "JSON",
                                                     "hashing",
                                                     "recording",
                                                     "simulated network",
                                                     "simulated disks",
                                                     "simulated ZooKeeper",
                                                     "clients",
                                                     "oracles",
                                                     "replay check",
                                                     kDispatch};

// What the signal handler fills in: plain memory, there before the first signal.
struct Sample {
  std::array<void*, kFrames> frames;
  int count;
};
std::vector<Sample> taken;
std::size_t used = 0;

void take(int) {
  if (used == taken.size()) return;
  Sample& sample = taken[used++];
  sample.count = ::backtrace(sample.frames.data(), kFrames);
}

void set_timer(suseconds_t every) {
  itimerval timer{};
  timer.it_interval.tv_usec = every;
  timer.it_value.tv_usec = every;
  ::setitimer(ITIMER_PROF, &timer, nullptr);
}

std::string_view name_of(void* address) {
  Dl_info info{};
  if (::dladdr(address, &info) == 0 || info.dli_sname == nullptr) return {};
  return info.dli_sname;
}

}  // namespace

std::string_view cost_kind(const std::vector<std::string_view>& stack) {
  const auto first = [&stack](const auto& rules) -> std::string_view {
    for (std::string_view name : stack)
      for (const Rule& rule : rules)
        if (name.find(rule.part) != std::string_view::npos) return rule.kind;
    return {};
  };
  if (const std::string_view outer = first(kOuter); !outer.empty()) return outer;
  const std::string_view inner = first(kInner);
  return inner.empty() ? kDispatch : inner;
}

CostSampler::CostSampler() {
  taken.resize(kMostSamples);
  used = 0;
  take(0);  // loads the unwinder, so that no handler does
  used = 0;
  struct sigaction action{};
  action.sa_handler = &take;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGPROF, &action, nullptr);
  set_timer(kEveryUs);
  running_ = true;
}

CostSampler::~CostSampler() {
  if (running_) stop();
}

std::size_t CostSampler::samples() const { return used; }

std::vector<CostSampler::Share> CostSampler::stop() {
  set_timer(0);
  running_ = false;
  std::map<void*, std::string_view> names;
  std::map<std::string_view, std::uint64_t> counts;
  std::vector<std::string_view> stack;
  for (std::size_t i = 0; i < used; ++i) {
    stack.clear();
    const auto frames = static_cast<std::size_t>(taken[i].count);
    for (std::size_t frame = kOwnFrames; frame < frames; ++frame) {
      void* address = taken[i].frames[frame];
      const auto known = names.find(address);
      stack.push_back(known != names.end()
                          ? known->second
                          : names.emplace(address, name_of(address)).first->second);
    }
    ++counts[cost_kind(stack)];
  }
  std::vector<Share> out;
  for (std::string_view kind : kKinds)
    out.push_back({kind, used == 0 ? 0 : (counts[kind] * 1000 + used / 2) / used});
  return out;
}

}  // namespace quorate::sim
