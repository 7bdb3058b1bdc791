#include "master/replicated_log/storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/replicated_log/record_codec.h"

// The open log: batches, metadata, and the step from one segment to the next. Opening is in
// storage_open.cpp.

namespace quorate::replicated_log {
namespace {

constexpr std::uint64_t kSegmentBytesMin = 64ull << 10;

StorageSettings checked(StorageSettings settings) {
  CHECK(settings.segment_bytes >= kSegmentBytesMin);
  settings.segment_bytes = settings.segment_bytes / kBlockBytes * kBlockBytes;
  return settings;
}

}  // namespace

Storage::Storage(StorageSettings settings, Disk& disk, std::uint64_t seed)
    : settings_(checked(settings)), disk_(&disk), random_(seed, "replicated_log.storage") {}

bool Storage::opened() const { return phase_ == Phase::Open && !refusal_; }
const std::optional<Refusal>& Storage::refusal() const { return refusal_; }
const Metadata& Storage::metadata() const { return metadata_; }
std::vector<std::string> Storage::take_notes() { return std::exchange(notes_, {}); }
bool Storage::owns(DiskTicket ticket) const {
  return ticket.value > 0 && ticket.value < next_ticket_;
}

DiskTicket Storage::ticket(Purpose purpose) {
  const DiskTicket next{next_ticket_++};
  asked_[next] = purpose;
  return next;
}

void Storage::refuse(Refusal refusal) {
  if (!refusal_) refusal_ = std::move(refusal);
}

void Storage::refuse_disk(const DiskError& error, const std::string& what) {
  refuse({Exit::Disk, fmt::format("replicated log: {}: {}", what, error.text)});
}

SegmentNumber Storage::mint_segment() { return highest_segment_ = highest_segment_.next(); }

// Half of a segment: so at most half of one is left unused, and a batch fits behind its own carry.
std::uint64_t Storage::batch_bytes_max() const {
  return (settings_.segment_bytes - kBlockBytes) / 2 / kBlockBytes * kBlockBytes;
}

std::uint64_t Storage::record_bytes_max() const {
  return body_bytes_max(batch_bytes_max()) - kRecordOverheadBytes;
}

Mark Storage::append(const paxos::Record& record) {
  CHECK(phase_ == Phase::Open);
  if (const auto* promise = std::get_if<paxos::PromiseRecord>(&record)) {
    Metadata metadata = metadata_;
    metadata.promised = promise->promised;
    return save(metadata);
  }
  if (const auto* slot = std::get_if<paxos::SlotRecord>(&record)) {
    CHECK(slot->slot.entry.payload.size() <= record_bytes_max());
    last_ = last_.next();
    queue_.push_back({last_, encode_record(record), slot->slot.position});
    accepted_ = std::max(accepted_, slot->slot.ballot);
    return last_;
  }
  // Of several in a row only the last one says anything.
  if (!queue_.empty() && !queue_.back().mark) queue_.pop_back();
  queue_.push_back({std::nullopt, encode_record(record), {}});
  return last_;
}

Mark Storage::save(const Metadata& metadata) {
  CHECK(phase_ == Phase::Open);
  CHECK(metadata.replica == metadata_.replica);
  CHECK(metadata.promised >= metadata_.promised);
  const Incarnation incarnation = metadata_.incarnation;
  metadata_ = metadata;
  metadata_.incarnation = incarnation;
  last_ = last_.next();
  if (!first_unsaved_) first_unsaved_ = last_;
  save_wanted_ = true;
  return last_;
}

Mark Storage::last() const { return last_; }

Mark Storage::durable() const {
  Mark first = last_.next();  // the first one that is not durable
  auto consider = [&](const std::optional<Mark>& mark) {
    if (mark) first = std::min(first, *mark);
  };
  consider(first_unsaved_);
  if (saving_) consider(saving_->first);
  if (writing_) consider(writing_->first);
  for (const Queued& queued : queue_) {
    if (!queued.mark) continue;
    consider(queued.mark);
    break;
  }
  return Mark{first.value - 1};
}

void Storage::flush() {
  if (!opened()) return;
  if (save_wanted_ && !saving_) start_save();
  write_batch();
}

void Storage::seal() {
  if (!opened()) return;
  if (!sealed_ || !queue_.empty()) seal_wanted_ = true;
  if (std::exchange(spare_failed_, false)) keep_spares();
  flush();
}

MetadataRecord Storage::record_now() const {
  MetadataRecord record{.generation = generation_,
                        .metadata = metadata_,
                        .newest = current_.where.segment,
                        .oldest = oldest_,
                        .snapshot = snapshot_};
  // What was accepted is promised as well (protocol.md 2), also when its slot is removed behind the
  // snapshot.
  if (snapshot_.value > 0) record.metadata.promised = std::max(record.metadata.promised, accepted_);
  return record;
}

// Both files at once: each keeps its last durable slot.
void Storage::start_save() {
  save_wanted_ = false;
  generation_ = generation_.next();
  choose_oldest();
  const MetadataRecord record = record_now();
  saving_ = {.first = std::exchange(first_unsaved_, std::nullopt),
             .generation = record.generation,
             .newest = record.newest,
             .oldest = record.oldest,
             .snapshot = record.snapshot,
             .outstanding = kMetadataFileCount};
  for (std::size_t i = 0; i < kMetadataFileCount; ++i)
    disk_->write(std::string(kMetadataFiles[i]), next_slot_[i] * kBlockBytes,
                 encode_slot(record, i, next_slot_[i]));
  for (std::size_t i = 0; i < kMetadataFileCount; ++i) {
    next_slot_[i] = 1 - next_slot_[i];
    disk_->sync(ticket(Purpose::SaveMetadata), std::string(kMetadataFiles[i]));
  }
}

Bytes Storage::gather(std::uint64_t room, bool& slots, std::optional<Mark>& first) {
  Bytes body;
  const std::uint64_t bytes_max = std::min(room, batch_bytes_max());
  while (!queue_.empty()) {
    const Queued& next = queue_.front();
    const std::uint64_t bytes = body.size() + next.bytes.size();
    if (batch_bytes_for(bytes) > bytes_max) break;
    if (!body.empty() && bytes > settings_.batch_bytes_max) break;
    body += next.bytes;
    if (next.mark) slots = true;
    highest_slot_ = std::max(highest_slot_, next.position);
    if (!first) first = next.mark;
    queue_.pop_front();
  }
  return body;
}

void Storage::write_batch() {
  if (writing_ || change_ != Change::None) return;
  const bool due = std::any_of(queue_.begin(), queue_.end(),
                               [](const Queued& queued) { return queued.mark.has_value(); });
  if (!due && !seal_wanted_) return;

  const bool empty = queue_.empty();
  const std::uint64_t room = current_.size_bytes - current_.offset;
  bool slots = false;
  std::optional<Mark> first;
  Bytes body = gather(room, slots, first);
  if (room < kBlockBytes || (body.empty() && !empty)) return change_segment();

  seal_wanted_ = false;
  sealed_ = !slots;
  const BatchContent content{.number = current_.next,
                             .previous = current_.last_digest,
                             .generation = durable_generation_,
                             .start = metadata_.incarnation.start,
                             .body = std::move(body)};
  Bytes bytes = encode_batch(current_.where, current_.offset, BatchKind::Records, content);
  const std::string file = segment_file(current_.where.segment);
  const std::uint64_t offset = current_.offset;
  current_.offset += bytes.size();
  current_.last = content.number;
  current_.last_digest = digest_of(content);
  current_.next = content.number.next();
  writing_ = Writing{first};
  disk_->write(file, offset, std::move(bytes));
  disk_->sync(ticket(Purpose::Batch), file);
}

// One spare stays for the next open: another one is made first.
void Storage::change_segment() {
  change_ = Change::WaitsForSpare;
  if (spares_.size() >= 2) return start_change();
  if (making_.empty()) make_spare();
}

void Storage::start_change() {
  change_ = Change::Header;
  const Spare spare = spares_.front();
  spares_.pop_front();
  const SegmentInfo info{.size_bytes = spare.bytes,
                         .previous = current_.where.segment,
                         .previous_salt = current_.where.salt,
                         .kept_bytes = current_.offset,
                         .last_number = current_.last,
                         .last_digest = current_.last_digest,
                         .first_number = current_.next,
                         .opening = false,
                         .carries = false};
  next_current_ = current_;
  next_current_.where = {metadata_.ensemble, metadata_.replica, spare.number, random_.next()};
  next_current_.size_bytes = spare.bytes;
  const BatchContent header{.number = {},
                            .previous = info.last_digest,
                            .generation = durable_generation_,
                            .start = metadata_.incarnation.start,
                            .body = encode(info)};
  Bytes bytes = encode_batch(next_current_.where, 0, BatchKind::SegmentHeader, header);
  next_current_.offset = bytes.size();
  const std::string file = segment_file(spare.number);
  disk_->write(file, 0, std::move(bytes));
  disk_->sync(ticket(Purpose::Header), file);
}

void Storage::make_spare() {
  const Spare spare{mint_segment(), settings_.segment_bytes};
  making_.push_back(spare);
  disk_->create(ticket(Purpose::MakeSpare), segment_file(spare.number), spare.bytes);
}

// One spare always, a second one in time for the next change of segment.
void Storage::keep_spares() {
  const std::size_t wanted = current_.offset > current_.size_bytes / 2 ? 2 : 1;
  if (spares_.size() < wanted && making_.empty() && !spare_failed_) make_spare();
}

void Storage::on(const Synced& synced) {
  auto asked = asked_.find(synced.ticket);
  if (asked == asked_.end()) return;
  const Purpose purpose = asked->second;
  asked_.erase(asked);
  if (refusal_) return;
  if (purpose == Purpose::Opening) return on_opening_step(synced);
  if (purpose == Purpose::MakeSpare) return on_spare(synced);
  if (purpose == Purpose::MakeSnapshot) return on_snapshot_made(synced);
  if (synced.error)
    return refuse_disk(*synced.error, "a write failed, so nobody knows what is on disk");

  ++gauges_.syncs;
  switch (purpose) {
    case Purpose::Batch: return on_batch();
    case Purpose::Header: return on_header();
    case Purpose::SaveMetadata: return on_saved();
    case Purpose::WriteSnapshot: return write_snapshot();
    default: return;
  }
}

void Storage::on_opening_step(const Synced& synced) {
  if (synced.error && phase_ == Phase::MakingSegments)
    return refuse_disk(*synced.error,
                       fmt::format("a segment of {} bytes cannot be made; free at least that much "
                                   "space and start again",
                                   making_.front().bytes));
  if (synced.error) return refuse_disk(*synced.error, "the log cannot be opened");
  CHECK(outstanding_ > 0);
  if (--outstanding_ == 0) advance();
}

void Storage::on_spare(const Synced& synced) {
  CHECK(making_.size() == 1);
  const Spare spare = making_.front();
  making_.clear();
  const bool needed = change_ == Change::WaitsForSpare;
  if (!synced.error) {
    spare_failed_ = false;
    spares_.push_back(spare);
    if (!needed) return;
    if (spares_.size() >= 2) return start_change();
    return make_spare();
  }
  if (needed && std::exchange(spare_failed_, true))
    return refuse_disk(
        *synced.error,
        fmt::format("{} is full and no further segment of {} bytes can be made; free "
                    "that much space and start again",
                    segment_file(current_.where.segment), spare.bytes));
  if (needed) return make_spare();  // once more
  spare_failed_ = true;
  notes_.push_back(
      fmt::format("ALARM: no spare segment of {} bytes can be made ({}); the log goes on "
                  "until {} is full, then this master ends",
                  spare.bytes, synced.error->text, segment_file(current_.where.segment)));
}

void Storage::on_batch() {
  writing_.reset();
  current_binds_ = true;
  ++gauges_.batches;
  keep_spares();
}

void Storage::on_header() {
  kept_.push_back({.number = current_.where.segment,
                   .bytes = current_.offset,
                   .file_bytes = current_.size_bytes,
                   .highest = highest_slot_,
                   .batches = std::exchange(current_binds_, false)});
  full_ = std::exchange(current_, next_current_);
  sealed_ = false;
  change_ = Change::Naming;
  save_wanted_ = true;
  if (!saving_) start_save();
}

void Storage::on_saved() {
  CHECK(saving_.has_value());
  if (--saving_->outstanding > 0) return;
  const Saving saved = *std::exchange(saving_, std::nullopt);
  durable_generation_ = saved.generation;
  named_ = saved.newest;
  remove_what_is_not_named(saved);
  if (change_ != Change::Naming || named_ != current_.where.segment) return;

  change_ = Change::None;
  if (full_.size_bytes > full_.offset)
    disk_->truncate(ticket(Purpose::Tidy), segment_file(full_.where.segment), full_.offset);
  keep_spares();
}

StorageGauges Storage::gauges() const {
  StorageGauges gauges = gauges_;
  gauges.log_bytes = current_.offset;
  for (const Recovered::Kept& kept : kept_) gauges.log_bytes += kept.bytes;
  gauges.snapshot_bytes = snapshot_bytes_;
  gauges.segments = kept_.size() + (phase_ == Phase::Open ? 1 : 0);
  return gauges;
}

}  // namespace quorate::replicated_log
