#include "master/flag_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "master/config.h"

namespace quorate {
namespace {

struct MesosFlag {
  const char* name;
  const char* default_text;
  const char* alias = "";
};

// All flags of a Mesos master with defaults and older names, from facts/mesos-http.md 1.3 and 1.4.
const MesosFlag kMesosFlags[] = {
    {"ip", ""},
    {"port", "5050"},
    {"advertise_ip", ""},
    {"advertise_port", ""},
    {"ip_discovery_command", ""},
    {"hostname", ""},
    {"hostname_lookup", "true"},
    {"zk", ""},
    {"quorum", ""},
    {"zk_session_timeout", "10secs"},
    {"work_dir", ""},
    {"registry", "replicated_log"},
    {"registry_fetch_timeout", "1mins"},
    {"registry_store_timeout", "20secs"},
    {"registry_strict", "false"},
    {"registry_gc_interval", "15mins"},
    {"registry_max_agent_age", "2weeks"},
    {"registry_max_agent_count", "102400"},
    {"log_auto_initialize", "true"},
    {"agent_reregister_timeout", "10mins", "slave_reregister_timeout"},
    {"recovery_agent_removal_limit", "100%", "recovery_slave_removal_limit"},
    {"agent_removal_rate_limit", "", "slave_removal_rate_limit"},
    {"agent_ping_timeout", "15secs", "slave_ping_timeout"},
    {"max_agent_ping_timeouts", "5", "max_slave_ping_timeouts"},
    {"max_completed_frameworks", "50"},
    {"max_completed_tasks_per_framework", "1000"},
    {"max_unreachable_tasks_per_framework", "1000"},
    {"max_operator_event_stream_subscribers", "1000"},
    {"cluster", ""},
    {"roles", ""},
    {"weights", ""},
    {"authenticate_frameworks", "false", "authenticate"},
    {"authenticate_agents", "false", "authenticate_slaves"},
    {"authenticate_http_readonly", "false"},
    {"authenticate_http_readwrite", "false", "authenticate_http"},
    {"authenticate_http_frameworks", "false"},
    {"authentication_v0_timeout", "15secs"},
    {"authenticators", "crammd5"},
    {"http_authenticators", "basic"},
    {"http_framework_authenticators", ""},
    {"credentials", ""},
    {"acls", ""},
    {"authorizers", "local"},
    {"firewall_rules", ""},
    {"rate_limits", ""},
    {"domain", ""},
    {"require_agent_domain", "false"},
    {"webui_dir", "/usr/share/quorate/webui"},
    {"version", "false"},
    {"help", "false"},
    {"quiet", "false"},
    {"logging_level", "INFO"},
    {"log_dir", ""},
    {"logbufsecs", "0"},
    {"initialize_driver_logging", "true"},
    {"external_log_file", ""},
    {"root_submissions", "true"},
    {"whitelist", ""},
    {"role_sorter", "drf", "user_sorter"},
    {"framework_sorter", "drf"},
    {"allocation_interval", "1secs"},
    {"offer_timeout", ""},
    {"modules", ""},
    {"modules_dir", ""},
    {"hooks", ""},
    {"allocator", "hierarchical"},
    {"allocator_agent_recovery_factor", "0.8"},
    {"allocator_recovery_timeout", "10mins"},
    {"fair_sharing_excluded_resource_names", ""},
    {"filter_gpu_resources", "true"},
    {"min_allocatable_resources", "cpus:0.01|mem:32"},
    {"master_contender", ""},
    {"master_detector", ""},
    {"memory_profiling", "false"},
    {"publish_per_framework_metrics", "true"},
    {"offer_constraints_re2_max_mem", "4KB"},
    {"offer_constraints_re2_max_program_size", "100"},
    {"max_executors_per_agent", "", "max_executors_per_slave"},
};

TEST(Flags, EveryFlagOfMesosIsKnownWithItsDefaultAndOlderName) {
  for (const MesosFlag& expected : kMesosFlags) {
    const flags::Flag* flag = flags::find(expected.name);
    ASSERT_NE(flag, nullptr) << expected.name;
    EXPECT_EQ(flag->default_text, expected.default_text) << expected.name;
    EXPECT_EQ(flag->alias, expected.alias) << expected.name;
  }
}

TEST(Flags, TheTableIsInOrderAndNoNameOccursTwice) {
  std::set<std::string_view> names;
  for (const flags::Group& group : flags::groups()) {
    EXPECT_TRUE(std::is_sorted(group.flags.begin(), group.flags.end(),
                               [](const auto& a, const auto& b) { return a.name < b.name; }))
        << group.title;
    for (const flags::Flag& flag : group.flags) {
      EXPECT_TRUE(names.insert(flag.name).second) << flag.name;
      EXPECT_TRUE(flag.alias.empty() || names.insert(flag.alias).second) << flag.alias;
      EXPECT_TRUE(flag.help.ends_with('.')) << flag.name;
    }
  }
}

TEST(Flags, ThePageInDocsIsMadeFromTheTable) {
  if (const char* path = std::getenv("QUORATE_WRITE_FLAGS"))
    std::ofstream(path) << flags_markdown();
  std::ifstream file("docs/flags.md");
  std::stringstream committed;
  committed << file.rdbuf();

  EXPECT_EQ(committed.str(), flags_markdown())
      << "docs/flags.md is out of date. From the repository's root: "
         "QUORATE_WRITE_FLAGS=docs/flags.md "
         "<build>/tests/master_test --gtest_filter='Flags.*'";
}

}  // namespace
}  // namespace quorate
