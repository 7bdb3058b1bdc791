#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/replicated_log/record_codec.h"
#include "master/replicated_log/storage.h"

// Batches, and the step from one segment to the next (protocol.md 11, 13).

namespace quorate::replicated_log {

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
    pending_.add(last_, *slot);
    accepted_ = std::max(accepted_, slot->slot.ballot);
    return last_;
  }
  pending_.add(std::get<paxos::LearnedRecord>(record));
  return last_;
}

void Storage::seal() {
  if (!opened()) return;
  if (!sealed_ || !pending_.empty()) seal_wanted_ = true;
  if (std::exchange(spare_failed_, false)) keep_spares();
  flush();
}

// What the leader knows of every member goes with the next batch that it fits into, and with the
// first one of each segment: the segments before that may be removed.
std::uint16_t Storage::put_members(Bytes& body, std::uint64_t fits) {
  if (members_stored_ || members_.empty()) return 0;
  const Bytes table = encode_members(members_);
  if (body.size() + table.size() > fits) {
    probe(Probe::MembersDidNotFit);
    return 0;
  }
  members_stored_ = true;
  body.insert(0, table);
  return static_cast<std::uint16_t>(table.size() / kMemberBytes);
}

void Storage::write_batch() {
  if (change_ != Change::None && pending_.first()) probe(Probe::RecordsWaitForSegment);
  if (writing_ || change_ != Change::None) return;
  if (!pending_.first() && !seal_wanted_) return;

  const bool empty = pending_.empty();
  const std::uint64_t room = current_.size_bytes - current_.offset;
  const std::uint64_t fits = body_bytes_max(std::min(room, batch_bytes_max()));
  PendingRecords::Taken taken = pending_.take(fits, settings_.batch_bytes_max);
  if (room < kBlockBytes || (taken.body.empty() && !empty)) return change_segment();

  if (!pending_.empty()) probe(Probe::BatchSplit);
  seal_wanted_ = false;
  sealed_ = !taken.first;
  highest_slot_ = std::max(highest_slot_, taken.highest);
  BatchContent content{.number = current_.next,
                       .previous = current_.last_digest,
                       .generation = durable_generation_,
                       .start = metadata_.incarnation.start,
                       .members = 0,
                       .body = std::move(taken.body)};
  content.members = put_members(content.body, fits);
  Bytes bytes = encode_batch(current_.where, current_.offset, BatchKind::Records, content);
  const std::string file = segment_file(current_.where.segment);
  const std::uint64_t offset = current_.offset;
  current_.offset += bytes.size();
  current_.last = content.number;
  current_.last_digest = digest_of(content);
  current_.next = content.number.next();
  writing_ = Writing{taken.first};
  disk_->write(file, offset, std::move(bytes));
  disk_->sync(ticket(Purpose::Batch), file);
}

// One spare stays for the next open: another one is made first.
void Storage::change_segment() {
  change_ = Change::WaitsForSpare;
  if (spares_.size() >= 2) return start_change();
  probe(Probe::WaitsForSpare);
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
                            .members = 0,
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

// One spare always; a second one from a quarter of the current segment on: large entries fill the
// rest sooner than the zeros of the next one are written.
void Storage::keep_spares() {
  const std::size_t wanted = current_.offset > current_.size_bytes / 4 ? 2 : 1;
  if (spares_.size() < wanted && making_.empty() && !spare_failed_) make_spare();
}

void Storage::on_spare(const Synced& synced) {
  CHECK(making_.size() == 1);
  const Spare spare = making_.front();
  making_.clear();
  const bool needed = change_ == Change::WaitsForSpare;
  if (!synced.error) {
    if (std::exchange(spare_failed_, false)) probe(Probe::SpareAfterFailure);
    spares_.push_back(spare);
    if (!needed) return;
    if (spares_.size() >= 2) return start_change();
    return make_spare();
  }
  if (needed && std::exchange(spare_failed_, true)) {
    probe(Probe::SpareFailedTwice);
    return refuse_disk(
        *synced.error,
        fmt::format("{} is full and no further segment of {} bytes can be made; free "
                    "that much space and start again",
                    segment_file(current_.where.segment), spare.bytes));
  }
  probe(Probe::SpareFailed);
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
  note_synced();
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
  members_stored_ = false;
  change_ = Change::Naming;
  save_wanted_ = true;
  if (saving_) probe(Probe::SegmentWaitsForSave);
  if (!saving_) start_save();
}

}  // namespace quorate::replicated_log
