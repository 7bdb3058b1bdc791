#include "bench/options.h"

#include <algorithm>
#include <map>
#include <utility>

#include <CLI/CLI.hpp>

#include "master/base/text.h"

namespace quorate::bench {
namespace {

constexpr std::uint64_t kDepthMax = 65'536;
constexpr std::uint64_t kSizeBytesMin = 8;
constexpr std::uint64_t kSizeBytesMax = 4 << 20;
constexpr std::uint32_t kReplicasMax = 9;

const std::map<std::string, Mode> kModes{
    {"depths", Mode::Depths},         {"voting", Mode::Voting}, {"takeover", Mode::Takeover},
    {"large", Mode::Large},           {"open", Mode::Opening},  {"catch-up", Mode::CatchUp},
    {"truncation", Mode::Truncation}, {"limits", Mode::Limits},
};

constexpr const char* kDescription =
    R"(Measures the replicated log: replica processes over loopback TCP, each with a log of its own
in a directory under --dir, and a load in the leading replica's process. The load is a closed loop:
--depth appends are outstanding at any time, the next one is made when an outcome arrives.

  depths      (default) for each --depth: appends/s, latency from append to applied, syncs per
              append of one replica, CPU microseconds (user and system) per append of all replicas
              together, beside the disk's own fdatasync of a 4 KiB append just before and just after
  voting      three empty replicas: from their start until all vote
  takeover    a successor that was cut off for 1000 entries: from lead() and from its Prepare until
              it leads
  large       entries of 1 MiB, against the disk's own sequential rate
  open        opening a log of --entries (1 000 000) entries of 256 bytes, written at depth 256
  catch-up    an empty replica fetches --entries (100 000) of 1 KiB while the leader keeps writing
  truncation  --entries (1 000 000) appends under the truncation policy: memory and disk
  limits      all of these, each figure beside its limit)";

constexpr const char* kFooter =
    R"(The disk under --dir must be a real one: on tmpfs a sync costs nothing.
Exit codes: 0 measured; 1 something failed; 2 with --check, a limit was not reached; 64 usage.

  quorate-bench log --dir=/var/tmp --depth=1,16,256 --seconds=5
  quorate-bench log --dir=/var/tmp --depth=256 --sync_delay=2ms --json
  quorate-bench log limits --dir=/var/tmp --check)";

Result<void> set_duration(const std::string& flag, const std::string& text, Duration& duration) {
  Result<Duration> parsed = parse_duration(text);
  if (!parsed) return failure(flag + ": " + parsed.error().text);
  duration = *parsed;
  return {};
}

// --seconds=3 or --seconds=0.5.
Result<Duration> parse_seconds(const std::string& text) {
  Result<Duration> parsed = parse_duration(text + "secs");
  if (!parsed || *parsed <= Duration{} || *parsed > Duration::minutes(60))
    return failure("--seconds=" + text + ": expected a number of seconds, at most 3600");
  return parsed;
}

Result<std::uint64_t> parse_size(const std::string& text) {
  std::optional<std::uint64_t> plain = parse_u64(text);
  if (!plain)
    if (Result<std::uint64_t> with_unit = parse_byte_count(text)) plain = *with_unit;
  if (!plain || *plain < kSizeBytesMin || *plain > kSizeBytesMax)
    return failure("--size=" + text + ": expected bytes from 8 to 4MB");
  return *plain;
}

Result<void> parse(CLI::App& app, std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) { return {}; } catch (const CLI::ParseError& error) {
    return failure(error.what());
  }
  return {};
}

struct RawTexts {
  std::string depth = "1,16,256";
  std::string seconds = "3";
  std::string size = "256";
  std::string sync_delay = "0ns";
};

Result<void> take_texts(const RawTexts& raw, LogOptions& options) {
  Result<std::vector<std::uint64_t>> depths = parse_depths(raw.depth);
  if (!depths) return tl::unexpected(depths.error());
  Result<Duration> seconds = parse_seconds(raw.seconds);
  if (!seconds) return tl::unexpected(seconds.error());
  Result<std::uint64_t> size = parse_size(raw.size);
  if (!size) return tl::unexpected(size.error());
  options.depths = *depths;
  options.seconds = *seconds;
  options.size_bytes = *size;
  if (options.directory.empty()) return failure("--dir is needed: where the logs are written");
  if (options.replicas < 1 || options.replicas > kReplicasMax || options.replicas % 2 == 0)
    return failure("--replicas: expected an odd number from 1 to 9");
  return set_duration("--sync_delay", raw.sync_delay, options.sync_delay);
}

}  // namespace

Result<std::vector<std::uint64_t>> parse_depths(const std::string& text) {
  std::vector<std::uint64_t> depths;
  for (const std::string& piece : split(text, ',')) {
    const std::optional<std::uint64_t> depth = parse_u64(piece);
    if (!depth || *depth == 0 || *depth > kDepthMax)
      return failure("--depth=" + text + ": '" + piece + "' is not a number from 1 to 65536");
    depths.push_back(*depth);
  }
  return depths;
}

Result<ParsedLogOptions> parse_log_options(std::vector<std::string> arguments) {
  ParsedLogOptions parsed;
  LogOptions& options = parsed.options;
  RawTexts raw;
  CLI::App app{kDescription, "quorate-bench log"};
  app.footer(kFooter);
  app.add_option("mode", options.mode, "what to measure")
      ->transform(CLI::CheckedTransformer(kModes).description(
          "{depths,voting,takeover,large,open,catch-up,truncation,limits}"));
  app.add_option("--replicas", options.replicas, "how many processes, an odd number")
      ->capture_default_str();
  app.add_option("--size", raw.size, "bytes of an entry, 8 to 4MB")->capture_default_str();
  app.add_option("--depth", raw.depth, "outstanding appends, one row for each")
      ->capture_default_str();
  app.add_option("--seconds", raw.seconds, "how long each depth is measured")
      ->capture_default_str();
  app.add_option("--entries", options.entries, "of open, catch-up and truncation");
  app.add_option("--dir", options.directory,
                 "where to make a directory for the logs; it is removed at the end");
  app.add_option("--sync_delay", raw.sync_delay,
                 "slept before each sync of a log, to play a slow disk")
      ->capture_default_str();
  app.add_flag("--json", options.json, "one JSON object on stdout instead of tables");
  app.add_flag("--keep", options.keep, "do not remove the directories of the logs");
  app.add_flag("--check", options.check, "exit with 2 if a limit was not reached");
  app.add_flag("--verbose", options.verbose, "the replicas log to stderr");
  if (Result<void> done = parse(app, std::move(arguments)); !done)
    return tl::unexpected(done.error());
  if (app.get_help_ptr()->count() > 0) {
    parsed.help = app.help();
    return parsed;
  }
  if (Result<void> taken = take_texts(raw, options); !taken) return tl::unexpected(taken.error());
  return parsed;
}

Result<ReplicaOptions> parse_replica_options(std::vector<std::string> arguments) {
  ReplicaOptions options;
  CLI::App app{"One replica of quorate-bench; started by it."};
  std::string sync_delay = "0ns";
  app.add_option("--directory", options.directory)->required();
  app.add_option("--quorum", options.quorum);
  app.add_option("--sync_delay", sync_delay);
  app.add_flag("--keep_all", options.keep_all);
  app.add_flag("--verbose", options.verbose);
  if (Result<void> done = parse(app, std::move(arguments)); !done)
    return tl::unexpected(done.error());
  if (Result<void> set = set_duration("--sync_delay", sync_delay, options.sync_delay); !set)
    return tl::unexpected(set.error());
  return options;
}

std::vector<std::string> to_arguments(const ReplicaOptions& options) {
  std::vector<std::string> arguments{"--directory=" + options.directory,
                                     "--quorum=" + std::to_string(options.quorum),
                                     "--sync_delay=" + duration_text(options.sync_delay)};
  if (options.keep_all) arguments.push_back("--keep_all");
  if (options.verbose) arguments.push_back("--verbose");
  return arguments;
}

}  // namespace quorate::bench
