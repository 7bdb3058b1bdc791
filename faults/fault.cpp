#include "faults/fault.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorate::faults {
namespace {

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, " "));
}

constexpr std::string_view kClasses[] = {"any", "metadata", "segment", "snapshot"};

// The largest unit that loses nothing: "3s", "250ms".
std::string time_text(Duration time) {
  const std::int64_t us = time.ns / 1000;
  if (us % 1'000'000 == 0) return fmt::format("{}s", us / 1'000'000);
  if (us % 1000 == 0) return fmt::format("{}ms", us / 1000);
  return fmt::format("{}us", us);
}

// 20'000'000 is "1.02".
std::string rate_text(std::int64_t ppb) {
  std::string out = fmt::format("{}.{:09}", (1'000'000'000 + ppb) / 1'000'000'000,
                                (1'000'000'000 + ppb) % 1'000'000'000);
  while (out.ends_with('0') && !out.ends_with(".0")) out.pop_back();
  return out;
}

std::string settings_text(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::ClockRate: return " rate=" + rate_text(fault.rate_ppb);
    case FaultKind::WallRate: return " wall-rate=" + rate_text(fault.rate_ppb);
    case FaultKind::ClockForward: return " jump=+" + time_text(fault.by);
    case FaultKind::ClockBackward: return " jump=-" + time_text(fault.by);
    case FaultKind::ClockLeap: return " leap=" + time_text(fault.by);
    case FaultKind::NarrowLink: return fmt::format(" bandwidth={}", fault.bytes_per_second);
    case FaultKind::SlowLink:
      return " delay=" + time_text(fault.by) +
             (fault.jitter.ns > 0 ? " jitter=" + time_text(fault.jitter) : "");
    default: return {};
  }
}

}  // namespace

std::string_view to_text(Family family) {
  switch (family) {
    case Family::Programs: return "programs";
    case Family::Links: return "links";
    case Family::Messages: return "messages";
    case Family::Disks: return "disks";
    case Family::Clocks: return "clocks";
    case Family::Operators: return "operators";
    case Family::Coordination: return "coordination";
  }
  return "?";
}

const FaultDescription& description_of(FaultKind kind) {
  return fault_kinds()[static_cast<std::size_t>(kind)];
}

std::optional<FaultKind> parse_fault_kind(std::string_view name) {
  for (const FaultDescription& kind : fault_kinds())
    if (kind.name == name) return kind.kind;
  return std::nullopt;
}

std::optional<FileClass> parse_file_class(std::string_view word) {
  const auto* found = std::find(std::begin(kClasses), std::end(kClasses), word);
  if (found == std::end(kClasses)) return std::nullopt;
  return static_cast<FileClass>(found - std::begin(kClasses));
}

bool in_class(std::string_view file, FileClass wanted) {
  switch (wanted) {
    case FileClass::Any: return true;
    case FileClass::Metadata: return file.starts_with("metadata-");
    case FileClass::Segment: return file.starts_with("segment-");
    case FileClass::Snapshot: return file.starts_with("snapshot-");
  }
  return false;
}

std::string to_text(const Fault& fault) {
  const FaultDescription& kind = description_of(fault.kind);
  const std::uint32_t known = kind.required | kind.optional;
  std::string out(kind.verb);
  if (!fault.targets.empty()) out += " " + joined(fault.targets);
  for (std::size_t i = 0; i < fault.sides.size(); ++i) {
    if (i > 0) out += fault.one_way ? " ->" : " |";
    out += " {" + joined(fault.sides[i]) + "}";
  }
  out += settings_text(fault);
  if (fault.file != FileClass::Any)
    out += " in " + std::string(kClasses[static_cast<std::size_t>(fault.file)]);
  if (fault.after) out += " after " + std::to_string(*fault.after);
  if ((known & kPpm) != 0) out += " " + std::to_string(fault.ppm);
  if ((known & kBy) != 0 && (fault.by.ns != 0 || (kind.required & kBy) != 0))
    out += " by " + time_text(fault.by);
  if ((known & kFor) != 0) out += " for " + time_text(fault.lasting);
  if (!fault.flags.empty()) out += " with " + joined(fault.flags);
  return out;
}

}  // namespace quorate::faults
