#include <algorithm>

#include "bench/disk_probe.h"
#include "bench/ensemble.h"
#include "bench/measurements.h"
#include "bench/usage.h"

// What is bound by the amount of bytes: large entries, and opening a long log.

namespace quorate::bench {
namespace {

constexpr std::uint64_t kLargeBytes = 1 << 20;
constexpr std::uint64_t kLargeDepth = 8;
constexpr std::uint64_t kLargeCount = 400;
constexpr std::uint64_t kProbeBytes = 512 << 20;
constexpr std::uint64_t kOpeningBytes = 256;
constexpr std::uint64_t kOpeningDepth = 256;

// Ends the one replica in order and starts it again: seconds until its log is open.
Result<double> reopen(Ensemble& ensemble) {
  if (Result<void> left = ensemble.leave(0); !left) return tl::unexpected(left.error());
  if (Result<void> started = ensemble.restart(0); !started) return tl::unexpected(started.error());
  const Result<Line> opened = ensemble.wait_until_open(0);
  if (!opened) return tl::unexpected(opened.error());
  return static_cast<double>(opened->number("opening_ns")) / 1e9;
}

}  // namespace

Result<Figures> measure_large(const LogOptions& options) {
  const Result<double> before = probe_sequential(options.directory, kProbeBytes);
  if (!before) return tl::unexpected(before.error());
  Ensemble ensemble({.directory = options.directory,
                     .replicas = 3,
                     .sync_delay = options.sync_delay,
                     .keep_all = false,
                     .verbose = options.verbose});
  if (Result<void> formed = ensemble.form(); !formed) return tl::unexpected(formed.error());
  if (Result<void> marked = ensemble.mark(); !marked) return tl::unexpected(marked.error());
  const MachineTime begin = machine_time();
  if (Result<void> done = ensemble.load(0, kLargeDepth, kLargeBytes, kLargeCount); !done)
    return tl::unexpected(done.error());
  const MachineTime end = machine_time();
  const Result<std::vector<Line>> measured = ensemble.measure();
  if (!measured) return tl::unexpected(measured.error());
  const Result<double> after = probe_sequential(options.directory, kProbeBytes);
  if (!after) return tl::unexpected(after.error());

  double written = 0;
  for (const Line& one : *measured) written += static_cast<double>(one.number("written_bytes"));
  const double seconds = static_cast<double>(measured->front().number("elapsed_ns")) / 1e9;
  const double rate = static_cast<double>(kLargeBytes * kLargeCount) / seconds;
  const double disk = (*before + *after) / 2;
  const double disk_share = 100 * written / seconds / disk;
  const double busy = busy_percent(begin, end);
  // The zeros of new segments are written, too (protocol.md 13): each byte goes to the disk twice.
  return Figures{
      {"1 MiB entries, share of a third of the disk's rate (at most 50)",
       300 * rate / disk,
       "%",
       {},
       number_text(rate / 1e6) + " MB/s; the disk alone " + number_text(disk / 1e6) + " MB/s; " +
           number_text(written / static_cast<double>(kLargeCount * kLargeBytes)) +
           " bytes written for each byte appended"},
      {"1 MiB entries, the stage that limits",
       std::max(busy, disk_share),
       "%",
       {},
       std::string(busy > disk_share ? "the processors" : "the disk") + ": processors " +
           number_text(busy) + " % busy, disk at " + number_text(disk_share) +
           " % of its own rate"}};
}

Result<Figures> measure_opening(const LogOptions& options, std::uint64_t entries) {
  // One replica writes the same batches as three would, sooner.
  Ensemble ensemble({.directory = options.directory,
                     .replicas = 1,
                     .sync_delay = {},
                     .keep_all = true,
                     .verbose = options.verbose});
  if (Result<void> formed = ensemble.form(); !formed) return tl::unexpected(formed.error());
  if (Result<void> done = ensemble.load(0, kOpeningDepth, kOpeningBytes, entries); !done)
    return tl::unexpected(done.error());
  const Result<Standing> before = ensemble.standing(0);
  if (!before) return tl::unexpected(before.error());
  // The log is written past the page cache, so the first opening reads it from the disk.
  const Result<double> cold_s = reopen(ensemble);
  if (!cold_s) return tl::unexpected(cold_s.error());
  const Result<double> warm_s = reopen(ensemble);
  if (!warm_s) return tl::unexpected(warm_s.error());
  const Result<Standing> after = ensemble.standing(0);
  if (!after) return tl::unexpected(after.error());
  if (after->entries != before->entries || after->digest != before->digest)
    return failure("the opened log holds other entries than were applied: " +
                   std::to_string(after->entries) + " of " + std::to_string(before->entries));
  return Figures{{"opening " + std::to_string(entries) + " entries of 256 bytes, warm cache",
                  *warm_s, "s", Limit{Limit::Kind::AtMost, 1.5},
                  number_text(static_cast<double>(before->log_bytes) / 1e6) + " MB in " +
                      std::to_string(before->segments) + " segments; " + number_text(*cold_s) +
                      " s from the disk"}};
}

}  // namespace quorate::bench
