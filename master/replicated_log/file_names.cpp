#include "master/replicated_log/file_names.h"

#include <algorithm>
#include <iterator>

#include "master/base/bytes.h"

namespace quorate::replicated_log {
namespace {

constexpr std::string_view kPrefix = "segment-";
constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr std::string_view kLockFile = "lock";

bool is_durable_name(std::string_view name) {
  return std::find(std::begin(kMetadataFiles), std::end(kMetadataFiles), name) !=
             std::end(kMetadataFiles) ||
         parse_segment_file(name).has_value();
}

}  // namespace

std::string segment_file(SegmentNumber number) { return std::string(kPrefix) + hex(number.value); }

std::optional<SegmentNumber> parse_segment_file(std::string_view name) {
  if (name.size() != kPrefix.size() + 16 || !name.starts_with(kPrefix)) return {};

  std::uint64_t number = 0;
  for (char c : name.substr(kPrefix.size())) {
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
  return SegmentNumber{number};
}

FileKind kind_of(std::string_view name) {
  if (parse_segment_file(name)) return FileKind::Segment;
  if (is_durable_name(name)) return FileKind::Metadata;
  if (name == kLockFile) return FileKind::Passing;
  if (name.ends_with(kTemporarySuffix) &&
      is_durable_name(name.substr(0, name.size() - kTemporarySuffix.size())))
    return FileKind::Passing;
  return FileKind::Foreign;
}

}  // namespace quorate::replicated_log
