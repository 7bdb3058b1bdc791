#include "master/replicated_log/storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"

// The open log: what was asked and what is durable, and the guarded metadata. Batches and segments
// are in storage_batches.cpp, snapshots in storage_snapshot.cpp, opening in storage_open.cpp.

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
  asked_.push_back({next, purpose});
  return next;
}

// Few are asked at a time, and most answers come in order.
std::optional<Storage::Purpose> Storage::take_purpose(DiskTicket ticket) {
  for (auto asked = asked_.begin(); asked != asked_.end(); ++asked) {
    if (asked->first != ticket) continue;
    const Purpose purpose = asked->second;
    asked_.erase(asked);
    return purpose;
  }
  return {};
}

void Storage::refuse(Refusal refusal) {
  if (!refusal_) refusal_ = std::move(refusal);
}

void Storage::refuse_disk(const DiskError& error, const std::string& what) {
  refuse({Exit::Disk, fmt::format("replicated log: {}: {}", what, error.text)});
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
  consider(pending_.first());
  return Mark{first.value - 1};
}

void Storage::flush() {
  if (!opened()) return;
  if (save_wanted_ && saving_) probe(Probe::SaveWaitsForSave);
  if (save_wanted_ && !saving_) start_save();
  write_batch();
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

void Storage::on(const Synced& synced) {
  const std::optional<Purpose> answered = take_purpose(synced.ticket);
  if (!answered || refusal_) return;
  const Purpose purpose = *answered;
  if (purpose == Purpose::Opening) return on_opening_step(synced);
  if (purpose == Purpose::MakeSpare) return on_spare(synced);
  if (purpose == Purpose::MakeSnapshot) return on_snapshot_made(synced);
  if (purpose == Purpose::MakeReport) return on_report_made(synced);
  if (synced.error)
    return refuse_disk(*synced.error, "a write failed, so nobody knows what is on disk");

  ++gauges_.syncs;
  switch (purpose) {
    case Purpose::Batch: return on_batch();
    case Purpose::Header: return on_header();
    case Purpose::SaveMetadata: return on_saved();
    case Purpose::WriteSnapshot: return write_snapshot();
    case Purpose::WriteReport: return on_report_written();
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
