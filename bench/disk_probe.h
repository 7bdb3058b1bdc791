#pragma once

#include <string>

#include "bench/figures.h"
#include "master/base/result.h"
#include "master/base/time.h"

namespace quorate::bench {

// How fast the disk under `directory` is by itself: 4 KiB appends to zero-written space, each
// followed by fdatasync, for `time`. Makes and removes a file there.
Result<DiskSpeed> probe_syncs(const std::string& directory, Duration time);

// Its sequential write rate in bytes/s: pieces of 4 MiB into zero-written space, each followed by
// fdatasync; `bytes` in all.
Result<double> probe_sequential(const std::string& directory, std::uint64_t bytes);

}  // namespace quorate::bench
