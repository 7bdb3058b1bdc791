#include "master/replicated_log/read_log.h"

#include <utility>

namespace quorate::replicated_log {
namespace {

struct PositionOf {
  paxos::Position operator()(const paxos::SlotRecord& r) const { return r.slot.position; }
  paxos::Position operator()(const paxos::LearnedRecord& r) const { return r.learned; }
  paxos::Position operator()(const paxos::PromiseRecord&) const { return {}; }
};

SegmentRead summary(const SegmentScan& scan) {
  return {.file = segment_file(scan.number),
          .bytes = scan.file_bytes,
          .spare = scan.blank,
          .batches = scan.batches.size(),
          .end_bytes = scan.info ? scan.end_bytes() : 0,
          .tail = scan.tail};
}

// Segments come in the order of their numbers, since names sort as numbers do.
DirectoryContent scan_files(const std::map<std::string, Bytes>& files, LogRead& result) {
  DirectoryContent content;
  for (const auto& [name, bytes] : files) {
    if (std::optional<SegmentNumber> number = parse_segment_file(name)) {
      content.segments.push_back(scan_segment(*number, bytes, content.records));
      result.segments.push_back(summary(content.segments.back()));
    } else if (std::optional<paxos::Position> position = parse_snapshot_file(name)) {
      content.snapshots.push_back(scan_snapshot(*position, bytes));
    } else if (kind_of(name) == FileKind::Metadata) {
      const std::size_t index = name == kMetadataFiles[0] ? 0 : 1;
      content.metadata[index] = read_metadata_file(bytes, index);
    } else if (kind_of(name) == FileKind::Foreign) {
      result.findings.push_back(foreign_file(name));
      if (!result.refusal) result.refusal = refusal_of(result.findings.back());
    }
  }
  return content;
}

}  // namespace

paxos::Position RecordRead::position() const { return std::visit(PositionOf{}, record); }

LogRead read_log(const std::map<std::string, Bytes>& files) {
  LogRead result;
  DirectoryContent content = scan_files(files, result);
  Recovered found = recover(content);
  if (!result.refusal && found.fatal() != nullptr) result.refusal = refusal_of(*found.fatal());
  if (found.metadata.generation.value > 0) result.metadata = found.metadata;
  for (const SnapshotScan& scan : content.snapshots)
    if (scan.whole() && scan.position == found.metadata.snapshot) result.snapshot = scan.info;
  std::vector<paxos::Record> records = take_records(content, found);
  std::size_t next = 0;
  for (const KeptBatch& batch : found.batches)
    for (std::size_t i = batch.first_record; i < batch.end_record; ++i)
      result.records.push_back(
          {batch.segment, batch.offset, batch.number, std::move(records[next++])});
  result.members = std::move(found.members);
  if (found.tail_segment.value > 0) result.tail_file = segment_file(found.tail_segment);
  result.tail = std::move(found.tail);
  result.findings.insert(result.findings.end(), found.findings.begin(), found.findings.end());
  return result;
}

}  // namespace quorate::replicated_log
