#include "master/flag_table.h"

namespace quorate::flags {

Group agent_flags() {
  using enum Type;
  using enum Status;
  return {
      "Agents and cluster",
      {
          {"agent_ping_timeout", Duration, Accepted, "15secs", "slave_ping_timeout",
           "How often an agent is pinged, and how long its answer may take; 1secs to 15mins."},
          {"agent_removal_rate_limit", Text, Accepted, "", "slave_removal_rate_limit",
           "How many agents become unreachable in which time, as in 1/10mins. Without it: at "
           "once."},
          {"agent_reregister_timeout", Duration, Accepted, "10mins", "slave_reregister_timeout",
           "How long agents have to come back after a failover; at least 10mins."},
          {"cluster", Text, Acted, "", "", "A name for the cluster, shown in /state."},
          {"domain", Json, Acted, "", "",
           "The fault domain of this master: "
           "{\"fault_domain\":{\"region\":{\"name\":\"...\"},\"zone\":{\"name\":\"...\"}}}."},
          {"max_agent_ping_timeouts", Size, Accepted, "5", "max_slave_ping_timeouts",
           "How many pings in a row an agent may miss; at least 1."},
          {"max_executors_per_agent", Size, Accepted, "", "max_executors_per_slave",
           "The most executors on one agent; for agents with port mapping."},
          {"max_operator_event_stream_subscribers", Size, Accepted, "1000", "",
           "How many operators may follow the event stream; the oldest gives way to a new one."},
          {"recovery_agent_removal_limit", Text, Accepted, "100%", "recovery_slave_removal_limit",
           "The share of agents, 0% to 100%, that may fail to come back after a failover; if more "
           "do, the master ends rather than declare them unreachable."},
          {"require_agent_domain", Bool, Accepted, "false", "",
           "Ignore agents that have no fault domain."},
          {"whitelist", Path, Accepted, "", "",
           "A file of the agents' host names whose resources are offered, one on a line."},
      }};
}

Group framework_flags() {
  using enum Type;
  using enum Status;
  return {
      "Frameworks and allocation",
      {
          {"allocation_interval", Duration, Accepted, "1secs", "", "The time between allocations."},
          {"allocator", Text, Accepted, "hierarchical", "", "The allocator."},
          {"allocator_agent_recovery_factor", Real, Accepted, "0.8", "",
           "The share of known agents to wait for before offers resume after a failover."},
          {"allocator_recovery_timeout", Duration, Accepted, "10mins", "",
           "The longest such wait."},
          {"fair_sharing_excluded_resource_names", TextSet, Accepted, "", "",
           "Resources that do not count in fair sharing."},
          {"filter_gpu_resources", Bool, Accepted, "true", "",
           "Offer agents with GPUs only to frameworks that know GPUs."},
          {"framework_sorter", Text, Accepted, "drf", "",
           "The order of frameworks within a role: drf or random."},
          {"hooks", Text, Accepted, "", "", "Hook modules."},
          {"max_completed_frameworks", Size, Accepted, "50", "",
           "How many completed frameworks are remembered."},
          {"max_completed_tasks_per_framework", Size, Accepted, "1000", "",
           "How many completed tasks of a framework are remembered."},
          {"max_unreachable_tasks_per_framework", Size, Accepted, "1000", "",
           "How many unreachable tasks of a framework are remembered."},
          {"min_allocatable_resources", Text, Accepted, "cpus:0.01|mem:32", "",
           "The least resources that are offered: name:number joined by ; (all of them), such "
           "sets joined by | (any of them)."},
          {"modules", Json, Accepted, "", "", "Modules to load. Not together with --modules_dir."},
          {"modules_dir", Text, Accepted, "", "", "A directory of module descriptions."},
          {"offer_constraints_re2_max_mem", Bytes, Accepted, "4KB", "",
           "Memory for one regular expression in an offer constraint."},
          {"offer_constraints_re2_max_program_size", Int, Accepted, "100", "",
           "The size of one compiled regular expression in an offer constraint."},
          {"offer_timeout", Duration, Accepted, "", "",
           "How long an offer stands; longer than 0. Without it: until it is answered."},
          {"publish_per_framework_metrics", Bool, Accepted, "true", "",
           "Publish metrics of each framework."},
          {"role_sorter", Text, Accepted, "drf", "user_sorter",
           "The order of roles: drf or random."},
          {"roles", Text, Accepted, "", "",
           "The only roles that frameworks may use, a,b,c; the role * is always one of them."},
          {"root_submissions", Bool, Accepted, "true", "", "Allow frameworks that run as root."},
          {"weights", Text, Accepted, "", "",
           "Weights of roles, role=number,...; used only while the registry has none."},
      }};
}

}  // namespace quorate::flags
