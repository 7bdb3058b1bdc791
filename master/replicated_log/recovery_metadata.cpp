#include "master/replicated_log/recovery_metadata.h"

#include <fmt/format.h>

#include <algorithm>

#include "master/base/probe.h"

namespace quorate::replicated_log {
namespace {

std::string metadata_file(std::size_t index) { return std::string(kMetadataFiles[index]); }

Finding newer(std::string file, std::uint64_t offset, std::uint16_t format, std::uint16_t ours) {
  return {
      .verdict = Verdict::Newer,
      .file = std::move(file),
      .offset = offset,
      .position = {},
      .what = fmt::format("it has format version {}, this binary reads up to {}", format, ours)};
}

// At birth the first file is synced before the second is written, and both after they were made of
// zeros: so only this much can be missing without a loss.
bool judge_missing(const DirectoryContent& content, const UsedSegments& used, Recovered& result) {
  const MetadataFile& a = content.metadata[0];
  const MetadataFile& b = content.metadata[1];
  const bool in_use =
      !content.snapshots.empty() || std::any_of(used.begin(), used.end(), [](const SegmentScan* s) {
        return s->own_batch_seen || s->carry || s->generation.value > 0 ||
               (s->info && s->info->previous.value != 0);
      });
  const bool never_written = b.all_zeros() && a.slots[1].state == SlotState::Zeros &&
                             (a.slots[0].state == SlotState::Zeros || a.slots[0].ours);
  if (never_written && !in_use && (b.present || used.empty())) {
    if (a.present || !content.segments.empty()) probe(Probe::BirthInterrupted);
    result.unborn = true;
    for (const SegmentScan& scan : content.segments) result.unused.push_back(scan.number);
    return false;
  }
  for (std::size_t i = 0; i < content.metadata.size(); ++i) {
    const MetadataFile& file = content.metadata[i];
    if (file.present && !file.all_zeros() && used.empty() && !file.slots[0].ours &&
        !file.slots[1].ours)
      return result.refuse(foreign_file(metadata_file(i)));
  }
  return result.refuse(
      {.verdict = a.present || b.present ? Verdict::Damaged : Verdict::Missing,
       .file = metadata_file(0),
       .offset = 0,
       .position = {},
       .what = fmt::format("no valid slot in it and in {}, at bytes 0 and {}: the promises of this "
                           "replica are lost",
                           kMetadataFiles[1], kBlockBytes)});
}

void note_faults(const DirectoryContent& content, Recovered& result) {
  std::array<std::uint64_t, kMetadataFileCount> generations{};
  for (std::size_t i = 0; i < content.metadata.size(); ++i) {
    const MetadataFile& file = content.metadata[i];
    generations[i] = file.generation().value_or(Generation{}).value;
    if (!file.present)
      result.findings.push_back({.verdict = Verdict::Repaired,
                                 .file = metadata_file(i),
                                 .offset = 0,
                                 .position = {},
                                 .what = "it is missing; the other copy serves"});
    for (std::size_t s = 0; file.present && s < file.slots.size(); ++s)
      if (file.slots[s].state == SlotState::Garbage)
        result.findings.push_back({.verdict = Verdict::Repaired,
                                   .file = metadata_file(i),
                                   .offset = s * kBlockBytes,
                                   .position = {},
                                   .what = "this slot is not valid; the other copies serve"});
  }
  if (!result.findings.empty()) probe(Probe::MetadataCopyServed);
  const std::size_t behind = generations[0] < generations[1] ? 0 : 1;
  if (generations[behind] > 0 && generations[1 - behind] - generations[behind] > 1) {
    probe(Probe::MetadataWriteLost);
    result.findings.push_back(
        {.verdict = Verdict::LostWrite,
         .file = metadata_file(behind),
         .offset = content.metadata[behind].newest().value_or(0) * kBlockBytes,
         .position = {},
         .what = fmt::format(
             "ALARM: it holds generation {} and {} generation {}: a write to it was "
             "lost",
             generations[behind], kMetadataFiles[1 - behind], generations[1 - behind])});
  }
}

bool judge_owner(const SegmentScan& scan, Recovered& result) {
  if (!scan.where) return true;
  const Metadata& ours = result.metadata.metadata;
  const SegmentIdentity& where = *scan.where;
  // A segment that is not named yet may be ahead of what survived of the metadata.
  const bool named = scan.number <= result.metadata.newest;
  if (where.replica == ours.replica &&
      (!named || !where.ensemble.known() || where.ensemble == ours.ensemble))
    return true;
  probe(Probe::SegmentMisplaced);
  return result.refuse(
      {.verdict = Verdict::Misplaced,
       .file = segment_file(scan.number),
       .offset = 0,
       .position = {},
       .what = fmt::format("it belongs to replica {} of ensemble {}, the metadata to replica {} of "
                           "ensemble {}",
                           to_text(where.replica), to_text(where.ensemble), to_text(ours.replica),
                           to_text(ours.ensemble))});
}

// Behind the oldest one: truncated, or of an identity that was given up. Or begun by a rebirth that
// did not come to its end: nothing names it and it holds nothing.
bool is_leftover(const SegmentScan& scan, const MetadataRecord& metadata) {
  if (scan.number < metadata.oldest) return true;
  return scan.number > metadata.newest && !scan.own_batch_seen && scan.where &&
         scan.where->replica != metadata.metadata.replica;
}

}  // namespace

bool judge_formats(const DirectoryContent& content, const UsedSegments& used, Recovered& result) {
  for (std::size_t i = 0; i < content.metadata.size(); ++i)
    for (std::size_t s = 0; s < content.metadata[i].slots.size(); ++s)
      if (const std::optional<std::uint16_t> format = content.metadata[i].slots[s].newer_format)
        return result.refuse(newer(metadata_file(i), s * kBlockBytes, *format, kMetadataFormat));
  for (const SegmentScan* scan : used)
    if (scan->newer_format)
      return result.refuse(newer(segment_file(scan->number), 0, *scan->newer_format, kLogFormat));
  return true;
}

bool judge_metadata(const DirectoryContent& content, const UsedSegments& used, Recovered& result) {
  const MetadataRecord* best = newest_record(content.metadata);
  if (best == nullptr) return judge_missing(content, used, result);
  result.metadata = *best;
  note_faults(content, result);
  if (best->metadata.status != paxos::ReplicaStatus::Lost) return true;
  probe(Probe::StatusLost);
  return result.refuse(
      {.verdict = Verdict::Lost,
       .file = metadata_file(0),
       .offset = 0,
       .position = {},
       .what = "the status is LOST: other replicas saw this one further than its disk is, so votes "
               "that it gave are gone"});
}

bool judge_identity(UsedSegments& used, Recovered& result) {
  for (const SegmentScan* scan : used) {
    if (scan->generation <= result.metadata.generation) continue;
    probe(Probe::PromisesRegressed);
    return result.refuse(
        {.verdict = Verdict::Regressed,
         .file = metadata_file(0),
         .offset = 0,
         .position = {},
         .what =
             fmt::format("{} names metadata generation {}, but the newest one here and in {} is "
                         "{}: promises are lost",
                         segment_file(scan->number), scan->generation.value, kMetadataFiles[1],
                         result.metadata.generation.value)});
  }
  for (const SegmentScan* scan : used) {
    if (!is_leftover(*scan, result.metadata)) continue;
    probe(Probe::LeftoverSegment);
    result.unused.push_back(scan->number);
    result.findings.push_back({.verdict = Verdict::Leftover,
                               .file = segment_file(scan->number),
                               .offset = 0,
                               .position = {},
                               .what = "the metadata do not count it any more"});
  }
  std::erase_if(used, [&](const SegmentScan* scan) { return is_leftover(*scan, result.metadata); });
  return std::all_of(used.begin(), used.end(),
                     [&](const SegmentScan* scan) { return judge_owner(*scan, result); });
}

// It was synced before the metadata that name it were written.
bool judge_snapshot(const DirectoryContent& content, Recovered& result) {
  const paxos::Position position = result.metadata.snapshot;
  const SnapshotScan* named = nullptr;
  for (const SnapshotScan& scan : content.snapshots) {
    if (scan.position == position) {
      named = &scan;
      continue;
    }
    probe(Probe::LeftoverSnapshot);
    result.unused_snapshots.push_back(scan.position);
    result.findings.push_back({.verdict = Verdict::Leftover,
                               .file = snapshot_file(scan.position),
                               .offset = 0,
                               .position = scan.position,
                               .what = "the metadata name another snapshot, or none"});
  }
  if (position.value == 0) return true;

  Finding finding{.verdict = Verdict::Damaged,
                  .file = snapshot_file(position),
                  .offset = 0,
                  .position = position,
                  .what = {}};
  if (named == nullptr) {
    probe(Probe::SnapshotLost);
    finding.verdict = Verdict::Missing;
    finding.what = "it is missing, and the metadata name it";
    return result.refuse(finding);
  }
  if (named->newer_format)
    return result.refuse(newer(finding.file, 0, *named->newer_format, kSnapshotFormat));
  if (!named->whole()) {
    probe(Probe::SnapshotLost);
    finding.offset = named->bad_offset;
    finding.what = named->why;
    return result.refuse(finding);
  }
  const Metadata& ours = result.metadata.metadata;
  const SnapshotIdentity& where = *named->where;
  if (where.replica == ours.replica && (!where.ensemble.known() || where.ensemble == ours.ensemble))
    return true;
  probe(Probe::SnapshotLost);
  finding.verdict = Verdict::Misplaced;
  finding.what = fmt::format(
      "it belongs to replica {} of ensemble {}, the metadata to replica {} "
      "of ensemble {}",
      to_text(where.replica), to_text(where.ensemble), to_text(ours.replica),
      to_text(ours.ensemble));
  return result.refuse(finding);
}

}  // namespace quorate::replicated_log
