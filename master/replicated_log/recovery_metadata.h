#pragma once

#include <vector>

#include "master/replicated_log/recovery.h"

// The part of recovery that looks at the metadata, and at what they say of the other files. Each
// step returns false when the directory is refused.

namespace quorate::replicated_log {

// Segments that are not blank, by number.
using UsedSegments = std::vector<const SegmentScan*>;

bool judge_formats(const DirectoryContent& content, const UsedSegments& used, Recovered& result);
// The highest valid slot wins. False also when the directory was never opened.
bool judge_metadata(const DirectoryContent& content, const UsedSegments& used, Recovered& result);
// What belongs to another replica, and metadata older than the batches. Takes leftovers out of
// `used`.
bool judge_identity(UsedSegments& used, Recovered& result);
// The snapshot that the metadata name.
bool judge_snapshot(const DirectoryContent& content, Recovered& result);

}  // namespace quorate::replicated_log
