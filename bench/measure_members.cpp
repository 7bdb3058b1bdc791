#include "bench/ensemble.h"
#include "bench/measurements.h"
#include "master/platform/event_loop.h"

// What happens when replicas come and go: birth, takeover, a newcomer that catches up.

namespace quorate::bench {
namespace {

constexpr std::uint64_t kBehindEntries = 1000;
constexpr std::uint64_t kCatchUpBytes = 1024;
constexpr std::uint64_t kWritingDepth = 4;
constexpr Duration kCatchUpPatience = Duration::minutes(5);

MonoTime clock_now() { return platform::EventLoop::now().mono; }
double milliseconds(Duration duration) { return static_cast<double>(duration.ns) / 1e6; }

EnsembleOptions three(const LogOptions& options) {
  return {.directory = options.directory,
          .replicas = 3,
          .sync_delay = options.sync_delay,
          .keep_all = false,
          .verbose = options.verbose};
}

}  // namespace

Result<Figures> measure_voting(const LogOptions& options) {
  Ensemble ensemble(three(options));
  const MonoTime begin = clock_now();
  for (int i = 0; i < 3; ++i)
    if (Result<void> started = ensemble.start(); !started) return tl::unexpected(started.error());
  for (std::size_t i = 0; i < 3; ++i)
    if (Result<Line> opened = ensemble.wait_until_open(i); !opened)
      return tl::unexpected(opened.error());
  const MonoTime introduced = clock_now();
  ensemble.introduce_all();
  MonoTime last = introduced;
  for (std::size_t i = 0; i < 3; ++i) {
    Result<Line> voting = ensemble.wait_until_voting(i);
    if (!voting) return tl::unexpected(voting.error());
    last = std::max(last, MonoTime{voting->number("at_ns")});
  }
  return Figures{{"three empty replicas, from their start until all vote",
                  milliseconds(last - begin), "ms", Limit{Limit::Kind::AtMost, 1000},
                  number_text(milliseconds(last - introduced)) +
                      " ms of it since they were told of each other"}};
}

Result<Figures> measure_takeover(const LogOptions& options) {
  Ensemble ensemble(three(options));
  const std::size_t leader = 0, successor = 1, other = 2;
  if (Result<void> formed = ensemble.form(); !formed) return tl::unexpected(formed.error());
  if (Result<void> loaded = ensemble.load(leader, 16, options.size_bytes, 100); !loaded)
    return tl::unexpected(loaded.error());
  // Cut off in both directions; what is chosen now it has never seen.
  ensemble.introduce(leader, {leader, other});
  ensemble.introduce(other, {leader, other});
  ensemble.introduce(successor, {successor});
  if (Result<void> loaded = ensemble.load(leader, 16, options.size_bytes, kBehindEntries); !loaded)
    return tl::unexpected(loaded.error());
  if (Result<void> same = ensemble.agree({leader, other}); !same)
    return tl::unexpected(same.error());
  const Result<Standing> ahead = ensemble.standing(other);
  const Result<Standing> behind = ensemble.standing(successor);
  if (!ahead) return tl::unexpected(ahead.error());
  if (!behind) return tl::unexpected(behind.error());
  if (behind->learned + kBehindEntries > ahead->learned)
    return failure("the successor was not cut off: it has learned " +
                   std::to_string(behind->learned) + " of " + std::to_string(ahead->learned));
  ensemble.kill(leader);
  ensemble.introduce(other, {successor, other});
  ensemble.introduce(successor, {successor, other});
  const Result<Line> leads = ensemble.lead(successor);
  if (!leads) return tl::unexpected(leads.error());
  if (Result<void> same = ensemble.agree({successor, other}); !same)
    return tl::unexpected(same.error());
  return Figures{{"takeover, from the Prepare until it leads",
                  milliseconds(Duration::nanoseconds(leads->number("prepare_ns"))), "ms",
                  Limit{Limit::Kind::AtMost, 20}, ""},
                 {"takeover, a successor 1000 entries behind, from lead() until it leads",
                  milliseconds(Duration::nanoseconds(leads->number("lead_ns"))),
                  "ms",
                  {},
                  "with new links and the catch-up"}};
}

Result<Figures> measure_catch_up(const LogOptions& options, std::uint64_t entries) {
  // Else the newcomer would get a snapshot of a few bytes in the place of the entries.
  EnsembleOptions ensemble_options = three(options);
  ensemble_options.keep_all = true;
  Ensemble ensemble(ensemble_options);
  const std::size_t leader = 0, other = 1, gone = 2, newcomer = 3;
  if (Result<void> formed = ensemble.form(); !formed) return tl::unexpected(formed.error());
  ensemble.kill(gone);
  ensemble.introduce(leader, {leader, other});
  ensemble.introduce(other, {leader, other});
  if (Result<void> loaded = ensemble.load(leader, 256, kCatchUpBytes, entries); !loaded)
    return tl::unexpected(loaded.error());
  const Result<Standing> full = ensemble.standing(leader);
  if (!full) return tl::unexpected(full.error());

  ensemble.start_load(leader, kWritingDepth, kCatchUpBytes);
  if (Result<void> started = ensemble.start(); !started) return tl::unexpected(started.error());
  if (Result<Line> opened = ensemble.wait_until_open(newcomer); !opened)
    return tl::unexpected(opened.error());
  const MonoTime begin = clock_now();
  ensemble.child(newcomer).tell(
      Line{"watch", {}}.with("learned", static_cast<std::int64_t>(full->learned)));
  for (std::size_t member : {leader, other, newcomer})
    ensemble.introduce(member, {leader, other, newcomer});
  const Result<Line> reached = ensemble.child(newcomer).wait_for("reached", kCatchUpPatience);
  if (!reached) return tl::unexpected(reached.error());
  const Duration time = MonoTime{reached->number("at_ns")} - begin;
  if (Result<void> quiet = ensemble.stop_load(leader); !quiet) return tl::unexpected(quiet.error());
  const Result<Standing> end = ensemble.standing(leader);
  if (!end) return tl::unexpected(end.error());
  if (Result<void> same = ensemble.agree({leader, other, newcomer}); !same)
    return tl::unexpected(same.error());
  const double megabytes = static_cast<double>(entries * kCatchUpBytes) / 1e6;
  return Figures{{"catch-up of an empty replica, 1 KiB entries", megabytes / time.in_seconds(),
                  "MB/s", Limit{Limit::Kind::AtLeast, 50},
                  std::to_string(entries) + " entries in " + number_text(milliseconds(time)) +
                      " ms while the leader wrote " + std::to_string(end->learned - full->learned) +
                      " at depth " + std::to_string(kWritingDepth)}};
}

}  // namespace quorate::bench
