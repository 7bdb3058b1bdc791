#include <algorithm>
#include <filesystem>

#include "bench/ensemble.h"
#include "bench/measurements.h"

// What a long history leaves behind, when only its state must be kept.

namespace quorate::bench {
namespace {

constexpr std::uint64_t kDepth = 256;
constexpr double kMegabyte = 1 << 20;
constexpr double kSegmentBytes = 16 << 20;  // of the log, as shipped
constexpr double kStateBytes = 24;          // of the bench's state machine

// What the files of a replica hold on the disk, blank spares included.
double directory_bytes(const std::string& path) {
  std::error_code error;
  double bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path, error))
    if (const std::uintmax_t size = entry.file_size(error); !error)
      bytes += static_cast<double>(size);
  return bytes;
}

}  // namespace

Result<Figures> measure_truncation(const LogOptions& options, std::uint64_t entries) {
  Ensemble ensemble({.directory = options.directory,
                     .replicas = 3,
                     .sync_delay = options.sync_delay,
                     .keep_all = false,
                     .verbose = options.verbose});
  if (Result<void> formed = ensemble.form(); !formed) return tl::unexpected(formed.error());
  if (Result<void> done = ensemble.load(0, kDepth, options.size_bytes, entries); !done)
    return tl::unexpected(done.error());
  if (Result<void> same = ensemble.agree({0, 1, 2}); !same) return tl::unexpected(same.error());
  double resident = 0, log_bytes = 0, on_disk = 0;
  for (std::size_t i = 0; i < ensemble.size(); ++i) {
    const Result<Standing> one = ensemble.standing(i);
    if (!one) return tl::unexpected(one.error());
    resident = std::max(resident, static_cast<double>(one->resident_bytes));
    log_bytes = std::max(log_bytes, static_cast<double>(one->log_bytes_max));
    on_disk = std::max(on_disk, directory_bytes(ensemble.directory(i)));
  }
  const std::string name = std::to_string(entries) + " appends with truncation, ";
  return Figures{{name + "resident memory of one replica at most", resident / kMegabyte, "MiB",
                  Limit{Limit::Kind::AtMost, 64}, "VmHWM"},
                 {name + "log as written of one replica at most", log_bytes / kMegabyte, "MiB",
                  Limit{Limit::Kind::AtMost, 3 * (kStateBytes + kSegmentBytes) / kMegabyte},
                  "its directory at the end, with blank spares: " +
                      number_text(on_disk / kMegabyte) + " MiB"}};
}

}  // namespace quorate::bench
