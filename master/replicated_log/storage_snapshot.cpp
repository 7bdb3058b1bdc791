#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/replicated_log/storage.h"

// A snapshot takes the place of what is behind it (protocol.md 16), in this order:
//
//   file of zeros -> state, header and list, each piece synced -> metadata that name it and the
//   oldest segment still needed, synced in both files -> older segments and the earlier snapshot
//   are removed
//
// A crash leaves either the earlier snapshot with all that is above it, or the new one.

namespace quorate::replicated_log {

void Storage::install(Snapshot snapshot) {
  CHECK(phase_ == Phase::Open);
  CHECK(snapshot.info.position > snapshot_);
  if (installing_) CHECK(snapshot.info.position > installing_->writer.position());
  if (next_snapshot_) CHECK(snapshot.info.position > next_snapshot_->info.position);
  next_snapshot_ = std::move(snapshot);
  if (installing_) probe(Probe::SnapshotQueued);
  if (!installing_) start_install();
}

paxos::Position Storage::installed() const { return installed_; }

void Storage::start_install() {
  if (!next_snapshot_) return;
  const SnapshotIdentity where{metadata_.ensemble, metadata_.replica, random_.next()};
  installing_ = {SnapshotWriter(where, *std::exchange(next_snapshot_, std::nullopt))};
  disk_->create(ticket(Purpose::MakeSnapshot), snapshot_file(installing_->writer.position()),
                installing_->writer.file_bytes());
}

void Storage::on_snapshot_made(const Synced& synced) {
  if (!synced.error) return write_snapshot();

  notes_.push_back(fmt::format(
      "ALARM: the snapshot of position {} ({} bytes) cannot be made: {}; the log grows until the "
      "next one succeeds",
      installing_->writer.position().value, installing_->writer.file_bytes(), synced.error->text));
  installing_.reset();
  start_install();
}

// The next piece; only one is in flight, so that batches get in between.
void Storage::write_snapshot() {
  std::optional<SnapshotWriter::Piece> piece = installing_->writer.next();
  if (piece) {
    const std::string file = snapshot_file(installing_->writer.position());
    disk_->write(file, piece->offset, std::move(piece->bytes));
    disk_->sync(ticket(Purpose::WriteSnapshot), file);
    return;
  }

  installing_->naming = true;
  snapshot_ = installing_->writer.position();
  save_wanted_ = true;
  if (!saving_) start_save();
}

// Behind the snapshot, and in front of a segment that stays and has a batch of its own: what binds
// nothing does not stand without the one before it.
void Storage::choose_oldest() {
  std::size_t removable = kept_.size();
  if (!current_binds_)
    while (removable > 0 && !kept_[removable - 1].batches) --removable;
  if (!current_binds_ && removable > 0) --removable;
  if (!current_binds_ && snapshot_.value > 0) probe(Probe::SegmentKeptForTail);
  std::size_t first = 0;
  while (snapshot_.value > 0 && first < removable && kept_[first].highest <= snapshot_) ++first;
  oldest_ = first < kept_.size() ? kept_[first].number : current_.where.segment;
}

void Storage::remove_what_is_not_named(const Saving& saved) {
  while (!kept_.empty() && kept_.front().number < saved.oldest) {
    disk_->remove(ticket(Purpose::Tidy), segment_file(kept_.front().number));
    probe(Probe::SegmentsRemoved);
    kept_.pop_front();
  }
  if (saved.snapshot == installed_) return;

  CHECK(installing_ && installing_->naming);
  if (installed_.value > 0) disk_->remove(ticket(Purpose::Tidy), snapshot_file(installed_));
  installed_ = saved.snapshot;
  snapshot_bytes_ = installing_->writer.file_bytes();
  installing_.reset();
  start_install();
}

}  // namespace quorate::replicated_log
