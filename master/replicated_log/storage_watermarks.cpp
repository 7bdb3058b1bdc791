#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/replicated_log/storage.h"

// What this disk says of itself, what it keeps of the others, and reports for people (protocol.md
// 12).

namespace quorate::replicated_log {
namespace {

constexpr std::size_t kDigestsKept = 8192;

}  // namespace

void Storage::note_synced() {
  synced_ = {metadata_.incarnation.start, current_.last.value, current_.last_digest};
  digests_.push_back({current_.last, current_.last_digest});
  if (digests_.size() > kDigestsKept) digests_.pop_front();
}

paxos::Watermark Storage::watermark() const { return synced_; }
paxos::Watermark Storage::found_watermark() const { return found_watermark_; }

std::optional<Digest> Storage::digest_of_batch(std::uint64_t batch) const {
  const auto found = std::lower_bound(
      digests_.begin(), digests_.end(), BatchNumber{batch},
      [](const BatchDigest& known, BatchNumber number) { return known.number < number; });
  if (found == digests_.end() || found->number.value != batch) return {};
  return found->digest;
}

void Storage::remember(std::vector<paxos::MemberWatermark> members) {
  if (members == members_) return;
  members_ = std::move(members);
  members_stored_ = false;
}

const std::vector<paxos::MemberWatermark>& Storage::remembered() const { return members_; }

void Storage::report(const std::string& name, std::string text) {
  CHECK(phase_ == Phase::Open);
  reports_.push_back({report_file(name), std::move(text)});
  if (reports_.size() == 1) make_report();
}

// Made of zeros first, as segments are: a full disk shows here, where it does no harm.
void Storage::make_report() {
  const Report& report = reports_.front();
  disk_->create(ticket(Purpose::MakeReport), report.file, whole_sectors(report.text.size()));
}

void Storage::on_report_made(const Synced& synced) {
  const Report& report = reports_.front();
  if (synced.error) {
    probe(Probe::ReportFailed);
    notes_.push_back(fmt::format("{} cannot be written: {}", report.file, synced.error->text));
    reports_.pop_front();
    if (!reports_.empty()) make_report();
    return;
  }
  Bytes bytes = report.text;
  bytes.resize(whole_sectors(bytes.size()), '\0');
  disk_->write(report.file, 0, std::move(bytes));
  disk_->sync(ticket(Purpose::WriteReport), report.file);
}

void Storage::on_report_written() {
  const Report report = std::move(reports_.front());
  reports_.pop_front();
  if (report.text.size() % kSectorBytes != 0)
    disk_->truncate(ticket(Purpose::Tidy), report.file, report.text.size());
  if (!reports_.empty()) make_report();
}

}  // namespace quorate::replicated_log
