#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/replicated_log/storage.h"

// The way from a directory to an open log (protocol.md 13, 14):
//
//   list -> read and judge -> metadata files, if missing -> a blank segment -> its header and
//   carry, synced -> metadata of a new generation that name it, one file after the other -> open

namespace quorate::replicated_log {
namespace {

constexpr std::uint64_t kReadBytes = 1ull << 20;
// A file may say that it is larger than it is.
constexpr std::uint64_t kReservedMost = 64ull << 20;
constexpr char kUnreadable = '\xee';

}  // namespace

void Storage::open() {
  CHECK(phase_ == Phase::Unopened);
  phase_ = Phase::Listing;
  disk_->open(ticket(Purpose::List));
}

void Storage::on(const Listed& listed) {
  if (!take_purpose(listed.ticket) || refusal_) return;
  if (listed.error) {
    if (listed.error->kind != DiskErrorKind::Locked)
      return refuse_disk(*listed.error, "the directory cannot be opened");
    return refuse({Exit::Configuration,
                   fmt::format("replicated log: another process uses the same directory: {}. Stop "
                               "it, or give this master a --work_dir of its own.",
                               listed.error->text)});
  }
  for (const DiskFile& file : listed.files)
    if (kind_of(file.name) == FileKind::Foreign) return refuse(refusal_of(foreign_file(file.name)));

  phase_ = Phase::Reading;
  for (const DiskFile& file : listed.files) {
    const FileKind kind = kind_of(file.name);
    if (kind == FileKind::Metadata)
      to_read_.push_back({file.name, std::min(file.size_bytes, kMetadataFileBytes)});
    if (kind == FileKind::Segment) {
      listed_[*parse_segment_file(file.name)] = file.size_bytes;
      to_read_.push_back({file.name, file.size_bytes});
    }
    if (kind == FileKind::Snapshot)
      listed_snapshots_[*parse_snapshot_file(file.name)] = file.size_bytes;
  }
  read_next();
}

// Only the snapshot that the metadata name is read; others are leftovers.
void Storage::seek_snapshot() {
  const MetadataRecord* record = newest_record(content_.metadata);
  for (const auto& [position, bytes] : listed_snapshots_) {
    if (record != nullptr && record->snapshot == position) {
      to_read_.push_back({snapshot_file(position), bytes});
    } else {
      SnapshotScan& leftover = content_.snapshots.emplace_back();
      leftover.position = position;
      leftover.file_bytes = bytes;
    }
  }
}

void Storage::read_next() {
  while (!to_read_.empty() && buffer_.size() >= to_read_.front().bytes) take_file();
  if (to_read_.empty() && !std::exchange(snapshot_sought_, true)) {
    seek_snapshot();
    return read_next();
  }
  if (to_read_.empty()) return finish_reading();

  const ReadTask& task = to_read_.front();
  // Otherwise it is copied again and again while it grows.
  buffer_.reserve(std::min(task.bytes, kReservedMost));
  const std::uint64_t rest = task.bytes - buffer_.size();
  disk_->read(ticket(Purpose::Read), task.file, buffer_.size(), std::min(rest, kReadBytes));
}

void Storage::on(const ReadDone& read) {
  if (!take_purpose(read.ticket) || refusal_) return;
  ReadTask& task = to_read_.front();
  if (read.error) {
    probe(Probe::ReadFailed);
    // What cannot be read is judged as garbage, so that what follows can still speak.
    unreadable_.push_back({.verdict = Verdict::Damaged,
                           .file = task.file,
                           .offset = buffer_.size(),
                           .position = {},
                           .what = fmt::format("it cannot be read: {}", read.error->text)});
    notes_.push_back(to_text(unreadable_.back()));
    buffer_.resize(std::min(task.bytes, buffer_.size() + kReadBytes), kUnreadable);
  }
  // A file that became shorter ends here.
  if (!read.error && read.bytes.empty()) task.bytes = buffer_.size();
  buffer_.append(read.bytes);
  read_next();
}

void Storage::take_file() {
  const std::string& file = to_read_.front().file;
  if (std::optional<SegmentNumber> number = parse_segment_file(file)) {
    content_.segments.push_back(scan_segment(*number, buffer_, content_.records));
    reserve_records();
  } else if (std::optional<paxos::Position> position = parse_snapshot_file(file)) {
    const SnapshotScan& scan = content_.snapshots.emplace_back(scan_snapshot(*position, buffer_));
    const std::string_view bytes = buffer_;
    if (scan.whole())
      found_snapshot_ = {scan.info,
                         SharedBytes(bytes.substr(scan.state_offset, scan.info.state_bytes))};
  } else {
    const std::size_t index = file == kMetadataFiles[0] ? 0 : 1;
    content_.metadata[index] = read_metadata_file(buffer_, index);
  }
  to_read_.pop_front();
  buffer_.clear();
}

// Once, guessing from the first segments that others are like them: so the row of all records is
// not moved again and again while it grows.
void Storage::reserve_records() {
  constexpr std::size_t kEnoughToGuess = 1000;
  const std::size_t known = content_.records.size();
  if (known < kEnoughToGuess || std::exchange(records_reserved_, true)) return;
  std::uint64_t scanned = 0, all = 0;
  for (const SegmentScan& scan : content_.segments) scanned += scan.file_bytes;
  for (const auto& [number, bytes] : listed_) all += bytes;
  content_.records.reserve(known * (all / std::max<std::uint64_t>(scanned, 1) + 1));
}

void Storage::finish_reading() {
  buffer_.shrink_to_fit();
  std::sort(content_.segments.begin(), content_.segments.end(),
            [](const SegmentScan& a, const SegmentScan& b) { return a.number < b.number; });
  found_ = recover(content_);
  const Finding* lost = found_.fatal();
  for (const Finding& finding : found_.findings)
    if (&finding != lost) notes_.push_back(to_text(finding));
  if (lost != nullptr && !may_be_reborn(lost->verdict)) {
    Finding said = *lost;
    for (const Finding& unreadable : unreadable_) said.what += "; " + to_text(unreadable);
    return refuse(refusal_of(said));
  }
  if (lost != nullptr) return begin_rebirth(Finding(*lost));

  adopt_found();
  make_metadata();
}

void Storage::adopt_found() {
  if (!found_.unborn && !reborn_)
    found_watermark_ = {found_.metadata.metadata.incarnation.start, found_.next.last_number.value,
                        found_.next.last_digest};
  digests_.assign(found_.digests.begin(), found_.digests.end());
  members_ = std::move(found_.members);
  kept_.assign(found_.kept.begin(), found_.kept.end());
  highest_slot_ = found_.highest_slot;
  accepted_ = found_.accepted;
  snapshot_ = installed_ = found_.metadata.snapshot;
  if (snapshot_.value > 0) snapshot_bytes_ = listed_snapshots_.at(snapshot_);
  highest_segment_ = found_.highest;
  metadata_ = found_.metadata.metadata;
  generation_ = found_.metadata.generation;
  if (found_.unborn) begin_birth();
  if (reborn_) metadata_.replica = ReplicaId{random_.next() | 1};
  ++metadata_.incarnation.start;
  metadata_.incarnation.nonce = random_.next();
}

bool Storage::may_be_reborn(Verdict verdict) const {
  if (!ends_identity(verdict) || settings_.repair == Repair::Never) return false;
  return settings_.repair == Repair::Always || verdict == Verdict::Ambiguous ||
         verdict == Verdict::Lost;
}

// The votes of this replica id cannot be trusted any more, so it never votes again (protocol.md
// 17): a new id, no promise, and a log that is empty. What was found is written down first, and the
// old files go only after the new metadata are synced in both files: until then the next open finds
// them, and the loss, again.
void Storage::begin_rebirth(const Finding& lost) {
  std::string text =
      fmt::format("This replica gave up its identity and its log.\n\nFound: {} ({})\n",
                  to_text(lost), to_text(lost.verdict));
  for (const Finding& finding : unreadable_) text += fmt::format("Also: {}\n", to_text(finding));
  const Metadata before = found_.metadata.metadata;
  const bool never_voted =
      found_.metadata.generation.value > 0 && (before.status == paxos::ReplicaStatus::Empty ||
                                               before.status == paxos::ReplicaStatus::Starting);
  text += fmt::format(
      "\nIt was replica {} of ensemble {}, {}, promised {}, epoch {}, start {}.\n"
      "Its log ended with position {}, batch {}; snapshot of position {}.\n",
      to_text(before.replica), to_text(before.ensemble), paxos::to_text(before.status),
      paxos::to_text(before.promised), before.epoch, before.incarnation.start,
      found_.highest_slot.value, found_.next.last_number.value, found_.metadata.snapshot.value);
  probe(never_voted ? Probe::RebirthWithoutVotes : Probe::Rebirth);
  reborn_ = true;
  found_snapshot_.reset();
  found_ = begin_again(content_);
  content_.records.clear();
  adopt_found();
  // It knows that a log was: it joins one, and never counts as empty for the birth of another
  // (hazard X4).
  if (!never_voted) metadata_.status = paxos::ReplicaStatus::Recovering;
  text += fmt::format("It begins again as replica {}, empty; its old files were removed.\n",
                      to_text(metadata_.replica));
  notes_.push_back(fmt::format(
      "ALARM: {} ({}); this replica gave up its identity and begins again "
      "as {}, see {}",
      to_text(lost), to_text(lost.verdict), to_text(metadata_.replica), report_file("rebirth")));
  rebirth_report_ = {report_file("rebirth"), std::move(text)};
  phase_ = Phase::MakingReport;
  ++outstanding_;
  disk_->create(ticket(Purpose::Opening), rebirth_report_.file,
                whole_sectors(rebirth_report_.text.size()));
}

void Storage::write_rebirth_report() {
  phase_ = Phase::WritingReport;
  Bytes bytes = rebirth_report_.text;
  bytes.resize(whole_sectors(bytes.size()), ' ');
  bytes.back() = '\n';
  ++outstanding_;
  disk_->write(rebirth_report_.file, 0, std::move(bytes));
  disk_->sync(ticket(Purpose::Opening), rebirth_report_.file);
}

void Storage::begin_birth() {
  // What an interrupted birth left: it never was opened, so nobody depends on it.
  tidy();
  metadata_.replica = ReplicaId{random_.next() | 1};  // not zero
}

void Storage::make_metadata() {
  phase_ = Phase::MakingMetadata;
  for (std::size_t i = 0; i < kMetadataFileCount; ++i) {
    next_slot_[i] = content_.metadata[i].next_slot();
    if (content_.metadata[i].present) continue;
    ++outstanding_;
    disk_->create(ticket(Purpose::Opening), std::string(kMetadataFiles[i]), kMetadataFileBytes);
  }
  if (outstanding_ == 0) advance();
}

// One blank segment for now and, at birth, the spare. Later the spare is made once open.
void Storage::make_segments() {
  phase_ = Phase::MakingSegments;
  const std::uint64_t carry_bytes =
      found_.carry ? batch_bytes_for(found_.carry->body.size()) : std::uint64_t{0};
  const std::uint64_t needed = 2 * kBlockBytes + carry_bytes;
  for (SegmentNumber number : found_.spares) {
    const std::uint64_t bytes = listed_[number] / kBlockBytes * kBlockBytes;
    if (bytes >= needed && bytes == listed_[number]) {
      spares_.push_back({number, bytes});
    } else {
      found_.unused.push_back(number);
    }
  }
  const std::size_t wanted = found_.unborn ? 2 : 1;
  for (std::size_t have = spares_.size(); have < wanted; ++have) {
    const Spare spare{mint_segment(), std::max(settings_.segment_bytes, needed)};
    making_.push_back(spare);
    ++outstanding_;
    disk_->create(ticket(Purpose::Opening), segment_file(spare.number), spare.bytes);
  }
  if (outstanding_ == 0) advance();
}

void Storage::write_segment() {
  phase_ = Phase::WritingSegment;
  const Spare spare = spares_.front();
  spares_.pop_front();
  SegmentInfo info = found_.next;
  info.size_bytes = spare.bytes;
  current_.where = {metadata_.ensemble, metadata_.replica, spare.number, random_.next()};
  current_.size_bytes = spare.bytes;
  current_.next = info.first_number;
  current_.last = info.last_number;
  current_.last_digest = info.last_digest;

  // The generation that was read may not be on disk; the header names none.
  const BatchContent header{.number = {},
                            .previous = info.last_digest,
                            .generation = {},
                            .start = metadata_.incarnation.start,
                            .members = 0,
                            .body = encode(info)};
  Bytes bytes = encode_batch(current_.where, 0, BatchKind::SegmentHeader, header);
  CHECK(bytes.size() == kBlockBytes);
  if (found_.carry)
    bytes += encode_batch(current_.where, kBlockBytes, BatchKind::Carry, *found_.carry);
  current_.offset = bytes.size();
  const std::string file = segment_file(spare.number);
  ++outstanding_;
  disk_->write(file, 0, std::move(bytes));
  disk_->sync(ticket(Purpose::Opening), file);
}

void Storage::write_metadata_file(std::size_t file) {
  const std::string name(kMetadataFiles[file]);
  ++outstanding_;
  disk_->write(name, next_slot_[file] * kBlockBytes,
               encode_slot(record_now(), file, next_slot_[file]));
  next_slot_[file] = 1 - next_slot_[file];
  disk_->sync(ticket(Purpose::Opening), name);
}

void Storage::advance() {
  switch (phase_) {
    case Phase::MakingReport: return write_rebirth_report();
    case Phase::WritingReport: return make_metadata();
    case Phase::MakingMetadata: return make_segments();
    case Phase::MakingSegments:
      std::sort(making_.begin(), making_.end(),
                [](const Spare& a, const Spare& b) { return a.number < b.number; });
      spares_.insert(spares_.end(), making_.begin(), making_.end());
      making_.clear();
      return write_segment();
    case Phase::WritingSegment:
      phase_ = Phase::SyncingMetadata;
      for (std::string_view file : kMetadataFiles) {
        ++outstanding_;
        disk_->sync(ticket(Purpose::Opening), std::string(file));
      }
      return;
    case Phase::SyncingMetadata:
      // One file after the other, the older one first: at every moment one of them is untouched.
      phase_ = Phase::WritingFirstMetadata;
      generation_ = generation_.next();
      choose_oldest();
      first_file_ = content_.metadata[1].generation() < content_.metadata[0].generation() ? 1 : 0;
      return write_metadata_file(first_file_);
    case Phase::WritingFirstMetadata:
      phase_ = Phase::WritingSecondMetadata;
      return write_metadata_file(1 - first_file_);
    case Phase::WritingSecondMetadata: return finish_opening();
    case Phase::Unopened:
    case Phase::Listing:
    case Phase::Reading:
    case Phase::Open: CHECK(false);
  }
}

void Storage::finish_opening() {
  phase_ = Phase::Open;
  durable_generation_ = generation_;
  named_ = current_.where.segment;
  synced_ = {metadata_.incarnation.start, current_.last.value, current_.last_digest};
  for (const Recovered::Kept& kept : kept_)
    if (kept.file_bytes > kept.bytes)
      disk_->truncate(ticket(Purpose::Tidy), segment_file(kept.number), kept.bytes);
  remove_what_is_not_named({.first = {},
                            .generation = generation_,
                            .newest = named_,
                            .oldest = oldest_,
                            .snapshot = snapshot_,
                            .outstanding = 0});
  if (!found_.unborn) tidy();
  keep_spares();
}

void Storage::tidy() {
  for (SegmentNumber number : found_.unused)
    disk_->remove(ticket(Purpose::Tidy), segment_file(number));
  for (paxos::Position position : found_.unused_snapshots)
    disk_->remove(ticket(Purpose::Tidy), snapshot_file(position));
  found_.unused.clear();
  found_.unused_snapshots.clear();
}

std::optional<Snapshot> Storage::take_snapshot() {
  return std::exchange(found_snapshot_, std::nullopt);
}

std::vector<paxos::Record> Storage::take_recovered() {
  std::vector<paxos::Record> records = take_records(content_, found_);
  found_ = {};
  content_ = {};
  return records;
}

}  // namespace quorate::replicated_log
