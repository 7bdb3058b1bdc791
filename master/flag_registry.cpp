#include "master/flag_table.h"

namespace quorate::flags {

Group registry_flags() {
  using enum Type;
  using enum Status;
  return {
      "Registry and replicated log",
      {
          {"log_auto_initialize", Bool, Acted, "true", "",
           "Let replicas whose disks are all empty initialise the log by themselves."},
          {"log_repair", Text, Acted, "none", "",
           "What to do with a log that is damaged. none: end with exit code 65 and touch nothing. "
           "peers: give up its votes and its identity, and learn the log from the other masters as "
           "a new replica. In both cases a log that only its peers can judge asks them."},
          {"quorum", Int, Acted, "", "",
           "How many replicas must hold a change before it counts, more than half of the masters. "
           "Needed with --zk and the replicated log; a stand-alone master uses 1."},
          {"registry", Text, Acted, "replicated_log", "",
           "Where the registry is kept: replicated_log (also written log_storage), or in_memory, "
           "which forgets everything at the end and is for tests."},
          {"registry_fetch_timeout", Duration, Acted, "1mins", "",
           "How long a new leader may take to read the registry. Then it ends with exit code 75."},
          {"registry_gc_interval", Duration, Accepted, "15mins", "",
           "How often the lists of unreachable and gone agents are pruned."},
          {"registry_max_agent_age", Duration, Accepted, "2weeks", "",
           "Unreachable and gone agents older than this are forgotten when pruning."},
          {"registry_max_agent_count", Size, Accepted, "102400", "",
           "How many unreachable and how many gone agents are kept when pruning."},
          {"registry_store_timeout", Duration, Acted, "20secs", "",
           "How long one change of the registry may take. Then the leader ends with exit code 75."},
          {"registry_strict", Bool, Acted, "false", "", "Cannot be set to true, as in Mesos."},
          {"work_dir", Text, Acted, "", "",
           "The directory of this master's data; made if it is missing. The log lies in "
           "replicated_log below it. Needed with the replicated log."},
      }};
}

Group process_flags() {
  using enum Type;
  using enum Status;
  return {
      "Process and logging",
      {
          {"external_log_file", Path, Accepted, "", "",
           "A file that is shown as the master's log to clients, when something else writes it."},
          {"help", Bool, Acted, "false", "", "Print this text and exit with code 0."},
          {"initialize_driver_logging", Bool, Accepted, "true", "",
           "Concerns scheduler drivers only; it has no effect on a master."},
          {"log_dir", Text, Acted, "", "",
           "A directory for log files, made if it is missing. Without it the log goes to stderr "
           "only."},
          {"logbufsecs", Int, Accepted, "0", "", "For how many seconds log lines may be buffered."},
          {"logging_level", Text, Acted, "INFO", "",
           "The least level that is logged: INFO, WARNING or ERROR."},
          {"memory_profiling", Bool, Accepted, "false", "", "Offer heap profiling over HTTP."},
          {"quiet", Bool, Acted, "false", "", "Log nothing to stderr."},
          {"record_dir", Path, Acted, "", "",
           "A directory into which this master records every event that it is given, from its "
           "start on, so that `quorate-sim replay` can live through an incident again. Credentials "
           "are made illegible. The last 8 starts are kept. Off by default."},
          {"record_limit", Bytes, Acted, "256MB", "",
           "How much one start may record, as it lies on the disk. A recording that is full ends "
           "and says so; the master goes on."},
          {"version", Bool, Acted, "false", "", "Print the version and exit with code 0."},
          {"webui_dir", Text, Accepted, "/usr/share/quorate/webui", "",
           "The directory of the web interface's files."},
      }};
}

}  // namespace quorate::flags
