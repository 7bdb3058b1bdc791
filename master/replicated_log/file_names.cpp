#include "master/replicated_log/file_names.h"

#include <algorithm>
#include <iterator>

#include "master/base/bytes.h"

namespace quorate::replicated_log {
namespace {

constexpr std::string_view kSegmentPrefix = "segment-";
constexpr std::string_view kSnapshotPrefix = "snapshot-";
constexpr std::string_view kReportPrefix = "report-";
constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr std::string_view kLockFile = "lock";

// The number in "<prefix><16 hexadecimal digits>"; none for every other name, and for 0.
std::optional<std::uint64_t> number_after(std::string_view prefix, std::string_view name) {
  if (name.size() != prefix.size() + 16 || !name.starts_with(prefix)) return {};

  std::uint64_t number = 0;
  for (char c : name.substr(prefix.size())) {
    std::uint64_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint64_t>(c - 'a') + 10;
    } else {
      return {};
    }
    number = number * 16 + digit;
  }
  if (number == 0) return {};
  return number;
}

FileKind durable_kind_of(std::string_view name) {
  if (parse_segment_file(name)) return FileKind::Segment;
  if (parse_snapshot_file(name)) return FileKind::Snapshot;
  if (name.starts_with(kReportPrefix)) return FileKind::Report;
  if (std::find(std::begin(kMetadataFiles), std::end(kMetadataFiles), name) !=
      std::end(kMetadataFiles))
    return FileKind::Metadata;
  return FileKind::Foreign;
}

}  // namespace

std::string segment_file(SegmentNumber number) {
  return std::string(kSegmentPrefix) + hex(number.value);
}

std::optional<SegmentNumber> parse_segment_file(std::string_view name) {
  std::optional<std::uint64_t> number = number_after(kSegmentPrefix, name);
  if (!number) return {};
  return SegmentNumber{*number};
}

std::string snapshot_file(paxos::Position position) {
  return std::string(kSnapshotPrefix) + hex(position.value);
}

std::optional<paxos::Position> parse_snapshot_file(std::string_view name) {
  std::optional<std::uint64_t> number = number_after(kSnapshotPrefix, name);
  if (!number) return {};
  return paxos::Position{*number};
}

std::string report_file(std::string_view name) {
  return std::string(kReportPrefix) + std::string(name);
}

FileKind kind_of(std::string_view name) {
  if (name == kLockFile) return FileKind::Passing;
  if (!name.ends_with(kTemporarySuffix)) return durable_kind_of(name);
  const std::string_view whole = name.substr(0, name.size() - kTemporarySuffix.size());
  return durable_kind_of(whole) == FileKind::Foreign ? FileKind::Foreign : FileKind::Passing;
}

}  // namespace quorate::replicated_log
