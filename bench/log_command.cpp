#include "bench/log_command.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "bench/figures.h"
#include "bench/measurements.h"
#include "bench/options.h"
#include "master/base/text.h"

// One mode after the other, each in a directory of its own; what came out of them as tables or
// JSON.

namespace quorate::bench {
namespace {

constexpr int kFailed = 1;
constexpr int kNotReached = 2;
constexpr int kUsage = 64;
constexpr std::uint64_t kOpeningEntries = 1'000'000;
constexpr std::uint64_t kCatchUpEntries = 100'000;
constexpr std::uint64_t kTruncationEntries = 1'000'000;

std::string machine_text() {
  std::ifstream cpus("/proc/cpuinfo");
  std::string model = "unknown processor";
  for (std::string line; std::getline(cpus, line);)
    if (line.starts_with("model name")) model = line.substr(line.find(':') + 2);
  utsname kernel{};
  ::uname(&kernel);
  return std::to_string(std::thread::hardware_concurrency()) + " x " + model + ", " +
         kernel.sysname + " " + kernel.release;
}

// A directory below --dir that nobody else has.
class WorkDirectory {
 public:
  WorkDirectory(const std::string& parent, bool keep)
      : path_(parent + "/quorate-bench-" + std::to_string(::getpid())), keep_(keep) {}
  ~WorkDirectory() {
    std::error_code ignored;
    if (!keep_) std::filesystem::remove_all(path_, ignored);
  }
  WorkDirectory(const WorkDirectory&) = delete;
  WorkDirectory& operator=(const WorkDirectory&) = delete;

  Result<std::string> make(const std::string& name) const {
    std::error_code error;
    std::string path = path_ + "/" + name;
    std::filesystem::create_directories(path, error);
    if (error) return failure("--dir: cannot make " + path + ": " + error.message());
    return path;
  }
  // What a measurement left; the next one finds the space free.
  void clear(const std::string& name) const {
    std::error_code ignored;
    if (!keep_) std::filesystem::remove_all(path_ + "/" + name, ignored);
  }

 private:
  std::string path_;
  bool keep_;
};

// Runs the measurements that were asked for.
class Bench {
 public:
  explicit Bench(const LogOptions& options)
      : options_(options), work_(options.directory, options.keep) {
    report_.machine = machine_text();
  }

  Result<void> run(Mode mode) {
    switch (mode) {
      case Mode::Depths: return depths();
      case Mode::Voting: return figures("voting", measure_voting);
      case Mode::Takeover: return figures("takeover", measure_takeover);
      case Mode::Large: return figures("large", measure_large);
      case Mode::Opening:
        return figures("open", [this](const LogOptions& options) {
          return measure_opening(options, entries(kOpeningEntries));
        });
      case Mode::CatchUp:
        return figures("catch-up", [this](const LogOptions& options) {
          return measure_catch_up(options, entries(kCatchUpEntries));
        });
      case Mode::Truncation:
        return figures("truncation", [this](const LogOptions& options) {
          return measure_truncation(options, entries(kTruncationEntries));
        });
      case Mode::Limits: return limits();
    }
    return {};
  }
  const Report& report() const { return report_; }

 private:
  std::uint64_t entries(std::uint64_t otherwise) const {
    return options_.entries != 0 ? options_.entries : otherwise;
  }

  Result<LogOptions> in_directory(const std::string& name) const {
    if (!options_.json) std::fprintf(stderr, "measuring: %s\n", name.c_str());
    Result<std::string> path = work_.make(name);
    if (!path) return tl::unexpected(path.error());
    LogOptions options = options_;
    options.directory = *path;
    return options;
  }

  template <typename Measure>
  Result<void> figures(const std::string& name, Measure measure) {
    Result<LogOptions> options = in_directory(name);
    if (!options) return tl::unexpected(options.error());
    Result<Figures> measured = measure(*options);
    work_.clear(name);
    if (!measured) return failure(name + ": " + measured.error().text);
    report_.figures.insert(report_.figures.end(), measured->begin(), measured->end());
    return {};
  }

  Result<void> depths() {
    Result<LogOptions> options = in_directory("depths");
    if (!options) return tl::unexpected(options.error());
    Result<std::vector<DepthRow>> rows = measure_depths(*options);
    work_.clear("depths");
    if (!rows) return failure("depths: " + rows.error().text);
    report_.depths = *rows;
    return {};
  }

  Result<void> slow_disk() {
    return figures("slow-disk", [](LogOptions options) -> Result<Figures> {
      options.sync_delay = Duration::milliseconds(2);
      options.depths = {256};
      Result<std::vector<DepthRow>> rows = measure_depths(options);
      if (!rows) return tl::unexpected(rows.error());
      return judge_slow_disk(rows->front());
    });
  }

  Result<void> limits() {
    if (Result<void> done = depths(); !done) return done;
    const Figures judged = judge_depths(report_.depths);
    report_.figures.insert(report_.figures.end(), judged.begin(), judged.end());
    if (Result<void> done = slow_disk(); !done) return done;
    for (Mode mode : {Mode::Voting, Mode::Takeover, Mode::Large, Mode::Opening, Mode::CatchUp,
                      Mode::Truncation})
      if (Result<void> done = run(mode); !done) return done;
    return {};
  }

  LogOptions options_;
  WorkDirectory work_;
  Report report_;
};

void print(const Report& report) {
  std::printf("%s\n\n", report.machine.c_str());
  if (!report.depths.empty()) std::printf("%s\n", depth_table(report.depths).c_str());
  if (!report.figures.empty()) std::printf("%s", figure_table(report.figures).c_str());
}

}  // namespace

int run_log(const std::vector<std::string>& arguments) {
  const Result<ParsedLogOptions> parsed = parse_log_options(arguments);
  if (!parsed) {
    std::fprintf(stderr, "quorate-bench log: %s\n\nSee quorate-bench log --help.\n",
                 parsed.error().text.c_str());
    return kUsage;
  }
  if (!parsed->help.empty()) {
    std::fputs(parsed->help.c_str(), stdout);
    return 0;
  }
  const LogOptions& options = parsed->options;
  Bench bench(options);
  const Result<void> done = bench.run(options.mode);
  if (!done) {
    std::fprintf(stderr, "quorate-bench log: %s\n", done.error().text.c_str());
    return kFailed;
  }
  if (options.json)
    std::printf("%s\n", json_report(bench.report()).c_str());
  else
    print(bench.report());
  return options.check && !all_hold(bench.report()) ? kNotReached : 0;
}

}  // namespace quorate::bench
