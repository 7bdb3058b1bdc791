#include "sim/scenario_runner.h"

#include "master/base/text.h"
#include "sim/scenario_run.h"

namespace quorate::sim {
namespace {

std::string zk_url(std::size_t servers) {
  std::string url = "zk://";
  for (std::size_t i = 1; i <= servers; ++i)
    url += (i > 1 ? "," : "") + ("zk" + std::to_string(i)) + ":2181";
  return url + "/quorate";
}

// Those that nobody planned come last.
std::vector<std::string> all_masters(const Section& section) {
  std::vector<std::string> names = section.masters;
  for (const Step& step : section.steps) {
    const auto* fault = std::get_if<faults::Fault>(&step.action);
    if (fault != nullptr && fault->kind == faults::FaultKind::StartExtra)
      names.push_back(fault->targets.at(0));
  }
  return names;
}

std::vector<HostSpec> masters_of(const Scenario& scenario, const Section& section) {
  std::vector<HostSpec> out;
  const std::vector<std::string> names = all_masters(section);
  for (std::size_t i = 0; i < names.size(); ++i) {
    HostSpec host;
    host.name = names[i];
    host.ip = Ipv4{0x0a000001 + static_cast<std::uint32_t>(i)};
    host.flags = {"--ip=" + to_text(host.ip), "--zk=" + zk_url(scenario.zookeeper_servers),
                  "--zk_session_timeout=" + duration_text(scenario.session_timeout),
                  "--work_dir=/var/lib/quorate"};
    for (const std::string& flag : section.flags) host.flags.push_back("--" + flag);
    out.push_back(std::move(host));
  }
  return out;
}

}  // namespace

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::Pass: return "pass";
    case Verdict::SafetyViolated: return "safety violated";
    case Verdict::LivenessViolated: return "liveness violated";
    case Verdict::ExpectationNotMet: return "expectation not met";
    case Verdict::ScenarioError: return "scenario error";
    case Verdict::HarnessSuspect: return "harness suspect";
    case Verdict::Nondeterminism: return "nondeterminism";
  }
  return "?";
}

RunResult run_section(const Scenario& scenario, const Section& section, std::uint64_t seed,
                      NodeFactory& factory, const RunOptions& options) {
  ClusterSpec spec;
  const HarnessFaults& planted = options.planted;
  spec.seed = planted.seed_ignored ? 1 : seed;
  spec.profile = find_profile(scenario.profile);
  spec.zookeeper_servers = scenario.zookeeper_servers;
  spec.masters = masters_of(scenario, section);
  spec.options = {section.supervised, options.replay_check && !planted.replay_skipped,
                  !planted.effects_unhashed};
  return ScenarioRun(scenario, section, spec, factory, options).run();
}

}  // namespace quorate::sim
