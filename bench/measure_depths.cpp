#include <time.h>

#include "bench/disk_probe.h"
#include "bench/ensemble.h"
#include "bench/measurements.h"

namespace quorate::bench {
namespace {

constexpr Duration kProbeTime = Duration::milliseconds(500);
constexpr Duration kWarmUp = Duration::milliseconds(500);
constexpr double kFastDiskUs = 200;  // the limit on appends/s is for disks whose sync is so fast

void sleep_for(Duration time) {
  timespec left{time.ns / 1'000'000'000, time.ns % 1'000'000'000};
  while (::nanosleep(&left, &left) != 0) continue;
}

double microseconds(std::int64_t ns) { return static_cast<double>(ns) / 1e3; }

DepthRow row_of(std::uint64_t depth, const std::vector<Line>& measured) {
  const Line& leader = measured.front();
  DepthRow row;
  row.depth = depth;
  row.appends = static_cast<std::uint64_t>(leader.number("appends"));
  row.seconds = static_cast<double>(leader.number("elapsed_ns")) / 1e9;
  row.p50_us = microseconds(leader.number("p50_ns"));
  row.p99_us = microseconds(leader.number("p99_ns"));
  row.p999_us = microseconds(leader.number("p999_ns"));
  if (row.appends == 0) return row;
  const auto appends = static_cast<double>(row.appends);
  row.appends_per_s = appends / row.seconds;
  for (const Line& one : measured) {
    row.syncs_per_append += static_cast<double>(one.number("syncs")) / appends;
    row.cpu_us_per_append += microseconds(one.number("cpu_ns")) / appends;
  }
  row.syncs_per_append /= static_cast<double>(measured.size());
  return row;
}

Result<DepthRow> measure_depth(Ensemble& ensemble, std::uint64_t depth, const LogOptions& options) {
  const Result<DiskSpeed> before = probe_syncs(options.directory, kProbeTime);
  if (!before) return tl::unexpected(before.error());
  ensemble.start_load(0, depth, options.size_bytes);
  sleep_for(kWarmUp);
  if (Result<void> marked = ensemble.mark(); !marked) return tl::unexpected(marked.error());
  sleep_for(options.seconds);
  const Result<std::vector<Line>> measured = ensemble.measure();
  if (!measured) return tl::unexpected(measured.error());
  if (Result<void> quiet = ensemble.stop_load(0); !quiet) return tl::unexpected(quiet.error());
  const Result<DiskSpeed> after = probe_syncs(options.directory, kProbeTime);
  if (!after) return tl::unexpected(after.error());
  DepthRow row = row_of(depth, *measured);
  row.before = *before;
  row.after = *after;
  return row;
}

}  // namespace

Result<std::vector<DepthRow>> measure_depths(const LogOptions& options) {
  Ensemble ensemble({.directory = options.directory,
                     .replicas = options.replicas,
                     .sync_delay = options.sync_delay,
                     .keep_all = false,
                     .verbose = options.verbose});
  if (Result<void> formed = ensemble.form(); !formed) return tl::unexpected(formed.error());
  std::vector<DepthRow> rows;
  for (std::uint64_t depth : options.depths) {
    Result<DepthRow> row = measure_depth(ensemble, depth, options);
    if (!row) return tl::unexpected(row.error());
    rows.push_back(*row);
  }
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < ensemble.size(); ++i) all.push_back(i);
  if (Result<void> same = ensemble.agree(all); !same) return tl::unexpected(same.error());
  return rows;
}

Figures judge_depths(const std::vector<DepthRow>& rows) {
  Figures figures;
  for (const DepthRow& row : rows) {
    const double sync_us = (row.before.sync_p50_us + row.after.sync_p50_us) / 2;
    const std::string sync = "disk fdatasync p50 " + number_text(sync_us) + " us";
    if (row.depth == 1)
      figures.push_back({"depth 1, append p50", row.p50_us, "us",
                         Limit{Limit::Kind::AtMost, 2 * sync_us + 250}, sync});
    if (row.depth != 256) continue;
    figures.push_back({"depth 256, CPU per append, all replicas", row.cpu_us_per_append, "us",
                       Limit{Limit::Kind::AtMost, 25}, ""});
    std::optional<Limit> rate;
    if (sync_us <= kFastDiskUs) rate = Limit{Limit::Kind::AtLeast, 40'000};
    figures.push_back({"depth 256, appends per second", row.appends_per_s, "1/s", rate,
                       rate ? sync : sync + ": too slow a disk for the limit of 40000"});
    figures.push_back({"depth 256, syncs per append of one replica, bare disk",
                       row.syncs_per_append,
                       "",
                       {},
                       ""});
  }
  return figures;
}

Figures judge_slow_disk(const DepthRow& row) {
  return {{"depth 256, syncs per append of one replica, --sync_delay=2ms", row.syncs_per_append, "",
           Limit{Limit::Kind::AtMost, 0.02}, number_text(row.appends_per_s) + " appends/s"}};
}

}  // namespace quorate::bench
