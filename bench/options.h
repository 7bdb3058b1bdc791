#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "master/base/result.h"
#include "master/base/time.h"

namespace quorate::bench {

// What `quorate-bench log MODE` measures.
enum class Mode : std::uint8_t {
  Depths,      // a closed loop at each depth
  Voting,      // empty replicas until all vote
  Takeover,    // a successor that was cut off
  Large,       // entries of 1 MiB against the disk's own rate
  Opening,     // a long log
  CatchUp,     // an empty replica under a living leader
  Truncation,  // a million appends in bounded memory and disk
  Limits,      // all of the above, with the limits beside the figures
};

struct LogOptions {
  Mode mode = Mode::Depths;
  std::uint32_t replicas = 3;
  std::uint64_t size_bytes = 256;
  std::vector<std::uint64_t> depths{1, 16, 256};
  Duration seconds = Duration::seconds(3);  // of each depth
  std::uint64_t entries = 0;                // of Opening, CatchUp, Truncation; 0: as in the limits
  std::string directory;
  Duration sync_delay;
  bool json = false;
  bool keep = false;
  bool check = false;
  bool verbose = false;
};

// How `quorate-bench replica` is called; by the bench itself only.
struct ReplicaOptions {
  std::string directory;
  std::uint32_t quorum = 1;
  Duration sync_delay;
  bool keep_all = false;  // never truncates, so that the log grows to what is to be measured
  bool verbose = false;
};

// "1,16,256": one or more numbers from 1 to 65536.
Result<std::vector<std::uint64_t>> parse_depths(const std::string& text);

// The arguments after `log`. The error is a sentence; when `--help` was asked, the help text comes
// back in `help` and nothing else is of use.
struct ParsedLogOptions {
  LogOptions options;
  std::string help;
};
Result<ParsedLogOptions> parse_log_options(std::vector<std::string> arguments);
Result<ReplicaOptions> parse_replica_options(std::vector<std::string> arguments);
std::vector<std::string> to_arguments(const ReplicaOptions& options);

}  // namespace quorate::bench
