#include "master/replicated_log/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"
#include "master/base/probe.h"
#include "master/replicated_log/record_codec.h"
#include "master/replicated_log/recovery_metadata.h"

namespace quorate::replicated_log {
namespace {

// Goes from the metadata over the chain of segments to the tail. Each step stops at the first
// finding that refuses.
class Recovery {
 public:
  explicit Recovery(const DirectoryContent& content) : content_(content) {}

  Recovered run() && {
    sort_out_blanks();
    if (judge_formats(content_, used_, result_) && judge_metadata(content_, used_, result_) &&
        judge_identity(used_, result_) && judge_snapshot(content_, result_) && find_chain() &&
        walk())
      check_truncated();
    plan_next();
    return std::move(result_);
  }

 private:
  // Of a segment, with the last position that was read before the place.
  Finding finding(Verdict verdict, SegmentNumber segment, std::uint64_t offset,
                  std::string what) const {
    return {.verdict = verdict,
            .file = segment_file(segment),
            .offset = offset,
            .position = last_position_,
            .what = std::move(what)};
  }
  bool refuse(Verdict verdict, SegmentNumber segment, std::uint64_t offset, std::string what) {
    return result_.refuse(finding(verdict, segment, offset, std::move(what)));
  }

  // The end of what nothing follows.
  bool refuse_tail(const SegmentScan& scan) {
    set_tail(scan);
    if (scan.tail.kind != TailKind::Ambiguous)
      return refuse(Verdict::Damaged, scan.number, scan.tail.offset, why(scan));
    probe(Probe::AmbiguousTail);
    return refuse(
        Verdict::Ambiguous, scan.number, scan.tail.offset,
        fmt::format("the batch here cannot be told from lost acknowledged data: {}", why(scan)));
  }

  // Something that stands proves that what was here had been synced.
  bool refuse_proven(const SegmentScan& scan) {
    set_tail(scan);
    probe(Probe::ProvenLoss);
    return refuse(Verdict::Damaged, scan.number, scan.tail.offset,
                  fmt::format("the batch here had been synced; {}", why(scan)));
  }

  static std::string why(const SegmentScan& scan) {
    return scan.tail.why.empty() ? "it is gone" : scan.tail.why;
  }

  void set_tail(const SegmentScan& scan) {
    result_.tail_segment = scan.number;
    result_.tail = scan.tail;
  }

  void sort_out_blanks() {
    for (const SegmentScan& scan : content_.segments) {
      result_.highest = std::max(result_.highest, scan.number);
      if (!scan.blank) used_.push_back(&scan);
    }
  }

  const SegmentScan* find(SegmentNumber number) const {
    auto found = std::find_if(used_.begin(), used_.end(),
                              [&](const SegmentScan* s) { return s->number == number; });
    return found == used_.end() ? nullptr : *found;
  }

  bool missing(SegmentNumber number, std::string_view named_by) {
    probe(Probe::SegmentMissing);
    return refuse(Verdict::Missing, number, 0,
                  fmt::format("it is missing or empty, and {} names it", named_by));
  }

  // The last segment that was begun, and from it backwards those that each names before it, to the
  // oldest that the metadata name: those below were removed behind a snapshot.
  bool find_chain() {
    const SegmentNumber newest = result_.metadata.newest;
    const SegmentScan* named = find(newest);
    if (named == nullptr) return missing(newest, kMetadataFiles[0]);
    if (!named->begun()) return refuse_proven(*named);

    const SegmentScan* at = named;
    for (const SegmentScan* scan : used_)
      if (scan->begun() && scan->number > at->number) at = scan;
    // Nothing is written to a segment before the metadata name it.
    if (at != named && at->own_batch_seen) {
      probe(Probe::PromisesRegressed);
      return result_.refuse(
          {.verdict = Verdict::Regressed,
           .file = std::string(kMetadataFiles[0]),
           .offset = 0,
           .position = {},
           .what = fmt::format("{} is in use, but the newest that this and {} "
                               "name is {}: promises are lost",
                               segment_file(at->number), kMetadataFiles[1], segment_file(newest))});
    }
    while (at != nullptr) {
      chain_.insert(chain_.begin(), at);
      const SegmentNumber previous = at->info->previous;
      if (previous.value == 0) break;
      if (at->number == result_.metadata.oldest && result_.metadata.snapshot.value > 0) {
        begin_truncated(*at);
        break;
      }
      const SegmentScan* before = find(previous);
      if (previous >= at->number || before == nullptr)
        return missing(previous, segment_file(at->number));
      if (!before->begun()) return refuse_proven(*before);
      if (before->where->salt != at->info->previous_salt)
        return refuse(Verdict::Misplaced, previous, 0,
                      fmt::format("it is not the file that {} names", segment_file(at->number)));
      at = before;
    }
    return check_leftovers();
  }

  void begin_truncated(const SegmentScan& scan) {
    truncated_ = true;
    last_number_ = scan.info->last_number;
    last_digest_ = scan.info->last_digest;
    result_.digests.push_back({last_number_, last_digest_});
  }

  // Segments outside of the chain: begun by an open that did not finish, or that nothing followed.
  bool check_leftovers() {
    for (const SegmentScan* scan : used_) {
      if (std::find(chain_.begin(), chain_.end(), scan) != chain_.end()) continue;
      if (scan->own_batch_seen)
        return refuse(Verdict::Damaged, scan->number, 0,
                      fmt::format("it holds batches, but {} does not name it",
                                  segment_file(chain_.back()->number)));
      if (scan->tail.kind == TailKind::Damaged || scan->tail.kind == TailKind::Ambiguous)
        return refuse_tail(*scan);
      result_.unused.push_back(scan->number);
    }
    return true;
  }

  void keep(const SegmentScan& scan, const BatchFound& batch, bool carried) {
    KeptBatch kept{.segment = scan.number,
                   .offset = batch.offset,
                   .number = batch.content.number,
                   .carried = carried,
                   .first_record = batch.first_record,
                   .end_record = batch.end_record};
    if (carried) {
      kept.first_record = result_.carried.size();
      // It decoded when it was scanned.
      CHECK(decode_records(records_of(batch.content), result_.carried));
      kept.end_record = result_.carried.size();
    }
    const std::vector<paxos::Record>& from = carried ? result_.carried : content_.records;
    for (std::size_t i = kept.first_record; i < kept.end_record; ++i) note_slot(from[i]);
    result_.batches.push_back(kept);
    last_number_ = batch.content.number;
    last_digest_ = batch.digest;
    result_.digests.push_back({last_number_, last_digest_});
    if (!batch.members.empty()) result_.members = batch.members;
    last_content_ = &batch.content;
  }

  void note_slot(const paxos::Record& record) {
    const auto* slot = std::get_if<paxos::SlotRecord>(&record);
    if (slot == nullptr) return;
    last_position_ = slot->slot.position;
    result_.highest_slot = std::max(result_.highest_slot, last_position_);
    result_.accepted = std::max(result_.accepted, slot->slot.ballot);
  }

  // A last segment without a batch of its own binds nothing (protocol.md 13).
  static bool binds(const SegmentScan& scan) { return scan.own_batch_seen; }

  bool walk() {
    for (std::size_t i = 0; i < chain_.size(); ++i) {
      const SegmentScan& scan = *chain_[i];
      const bool last = i + 1 == chain_.size();
      if (last && !binds(scan)) return finish_unbound(scan);
      if (!same_end(*scan.info)) return refuse_gap(scan);
      // The carry is the last batch of the segment before, and was read there.
      if (scan.carry) last_content_ = &scan.carry->content;
      const SegmentScan* next = last ? nullptr : chain_[i + 1];
      const bool proven = next != nullptr && (i + 2 < chain_.size() || binds(*next));
      if (!(proven ? walk_proven(scan, *next) : walk_last(scan, next))) return false;
    }
    return true;
  }

  bool refuse_gap(const SegmentScan& scan) {
    return refuse(Verdict::Damaged, scan.number, 0,
                  fmt::format("it continues after batch {}, but the log before it ends with batch "
                              "{}",
                              scan.info->last_number.value, last_number_.value));
  }

  // Segments are removed only once a batch in one that stays was synced.
  void check_truncated() {
    if (truncated_ && last_number_ == chain_.front()->info->last_number)
      refuse_proven(*chain_.front());
  }

  bool same_end(const SegmentInfo& info) const {
    return info.last_number == last_number_ && info.last_digest == last_digest_;
  }

  // Everything up to the bytes that the next segment names was synced.
  bool walk_proven(const SegmentScan& scan, const SegmentScan& next) {
    const std::uint64_t begin =
        scan.carry ? scan.carry->offset + scan.carry->bytes : std::uint64_t{kBlockBytes};
    std::uint64_t end = begin;
    for (const BatchFound& batch : scan.batches) {
      if (batch.offset + batch.bytes > next.info->kept_bytes) break;
      keep(scan, batch, false);
      end = batch.offset + batch.bytes;
    }
    if (!(same_end(*next.info) && end == next.info->kept_bytes) && !take_carry(next, end)) {
      if (scan.tail.offset < next.info->kept_bytes) return refuse_proven(scan);
      return refuse(Verdict::Damaged, scan.number, end,
                    fmt::format("it does not end as {} says", segment_file(next.number)));
    }
    add_kept(scan, next.info->kept_bytes, end > begin);
    return true;
  }

  void add_kept(const SegmentScan& scan, std::uint64_t bytes, bool batches) {
    result_.kept.push_back({.number = scan.number,
                            .bytes = bytes,
                            .file_bytes = scan.file_bytes,
                            .highest = result_.highest_slot,
                            .batches = batches});
  }

  bool refuse_short(const SegmentScan& scan) {
    return refuse(
        Verdict::Damaged, scan.number, scan.file_bytes,
        fmt::format("it has {} bytes, fewer than it had: it was cut short", scan.file_bytes));
  }

  // The last kept batch counts if it is valid in either place.
  bool take_carry(const SegmentScan& next, std::uint64_t end) {
    if (!next.carry || next.carry->content.previous != last_digest_) return false;
    if (end + next.carry->bytes != next.info->kept_bytes) return false;
    probe(Probe::CarryTaken);
    keep(next, *next.carry, true);
    return true;
  }

  // The last segment that binds; `next` is one that does not, if any.
  bool walk_last(const SegmentScan& scan, const SegmentScan* next) {
    for (const BatchFound& batch : scan.batches) keep(scan, batch, false);
    std::uint64_t end = scan.end_bytes();
    bool completed = false;
    if (next != nullptr && last_number_ < next->info->last_number) {
      completed = take_carry(*next, end);
      if (!completed) return refuse_proven(scan);
      end = next->info->kept_bytes;
    }
    // A segment that was begun while running was begun after the last batch had been synced.
    if (next != nullptr && !next->info->opening && !same_end(*next->info))
      return refuse_proven(scan);
    if (scan.tail.kind == TailKind::Damaged) return refuse_tail(scan);
    if (scan.tail.kind == TailKind::Ambiguous && !completed) return refuse_tail(scan);
    if (scan.tail.kind == TailKind::Ambiguous) probe(Probe::AmbiguityResolved);
    // Only what a later segment follows is ever trimmed.
    const std::uint64_t needed = next == nullptr ? scan.info->size_bytes : next->info->kept_bytes;
    if (scan.file_bytes < needed) return refuse_short(scan);
    note_torn(scan);
    set_tail(scan);
    add_kept(scan, end, !scan.batches.empty());
    last_ = &scan;
    return true;
  }

  bool finish_unbound(const SegmentScan& scan) {
    if (scan.info->carries && last_number_ < scan.info->last_number) return refuse_gap(scan);
    if (scan.tail.kind == TailKind::Damaged || scan.tail.kind == TailKind::Ambiguous)
      return refuse_tail(scan);
    if (scan.file_bytes < scan.info->size_bytes) return refuse_short(scan);
    note_torn(scan);
    if (last_ == nullptr) set_tail(scan);
    probe(Probe::UnboundSegment);
    result_.unused.push_back(scan.number);
    return true;
  }

  void note_torn(const SegmentScan& scan) {
    if (scan.tail.kind != TailKind::Torn) return;
    probe(Probe::TornTailCut);
    result_.findings.push_back(finding(
        Verdict::Torn, scan.number, scan.tail.offset,
        fmt::format("a batch that was never acknowledged was torn by a crash and is cut ({})",
                    scan.tail.why)));
  }

  void plan_next() {
    std::uint64_t first = 0;
    for (const SegmentScan& scan : content_.segments) {
      if (scan.info) first = std::max(first, scan.info->first_number.value);
      if (scan.last() != nullptr) first = std::max(first, scan.last()->content.number.value + 1);
      if (scan.blank && !result_.unborn) {
        if (scan.number > result_.metadata.newest) {
          result_.spares.push_back(scan.number);
        } else {
          result_.unused.push_back(scan.number);
        }
      }
    }
    SegmentInfo& next = result_.next;
    next.opening = true;
    next.first_number = BatchNumber{first + 1};
    next.last_number = last_number_;
    next.last_digest = last_digest_;
    if (last_ != nullptr) {
      next.previous = last_->number;
      next.previous_salt = last_->where->salt;
      next.kept_bytes = result_.kept.back().bytes;
    }
    if (result_.fatal() != nullptr || last_number_.value == 0) return;

    CHECK(last_content_ != nullptr);
    result_.carry = *last_content_;
    next.carries = true;
  }

  const DirectoryContent& content_;
  Recovered result_;
  UsedSegments used_;
  std::vector<const SegmentScan*> chain_;  // from the oldest to the newest
  bool truncated_ = false;                 // segments before the chain were removed
  const SegmentScan* last_ = nullptr;      // the last one that binds
  paxos::Position last_position_;
  BatchNumber last_number_;
  Digest last_digest_;
  const BatchContent* last_content_ = nullptr;
};

}  // namespace

const Finding* Recovered::fatal() const {
  return !findings.empty() && refuses(findings.back().verdict) ? &findings.back() : nullptr;
}

bool Recovered::refuse(Finding finding) {
  findings.push_back(std::move(finding));
  return false;
}

Recovered recover(const DirectoryContent& content) { return Recovery(content).run(); }

std::vector<paxos::Record> take_records(DirectoryContent& content, Recovered& found) {
  std::vector<paxos::Record> all = std::move(content.records);
  const bool mixed = std::any_of(found.batches.begin(), found.batches.end(),
                                 [](const KeptBatch& batch) { return batch.carried; });
  if (mixed) {
    std::vector<paxos::Record> records;
    for (const KeptBatch& batch : found.batches) {
      std::vector<paxos::Record>& from = batch.carried ? found.carried : all;
      for (std::size_t i = batch.first_record; i < batch.end_record; ++i)
        records.push_back(std::move(from[i]));
    }
    return records;
  }
  // They lie in order; what is not kept is closed up.
  std::size_t end = 0;
  for (const KeptBatch& batch : found.batches) {
    for (std::size_t i = batch.first_record; i < batch.end_record; ++i, ++end)
      if (end != i) all[end] = std::move(all[i]);
  }
  all.resize(end);
  return all;
}

Recovered begin_again(const DirectoryContent& content) {
  Recovered result;
  std::uint64_t first = 0;
  for (const MetadataFile& file : content.metadata)
    for (const MetadataSlot& slot : file.slots)
      if (slot.state == SlotState::Valid) {
        MetadataRecord& highest = result.metadata;
        highest.generation = std::max(highest.generation, slot.record.generation);
        highest.metadata.incarnation.start =
            std::max(highest.metadata.incarnation.start, slot.record.metadata.incarnation.start);
      }
  for (const SegmentScan& scan : content.segments) {
    result.metadata.generation = std::max(result.metadata.generation, scan.generation);
    result.highest = std::max(result.highest, scan.number);
    if (scan.info) first = std::max(first, scan.info->first_number.value);
    if (scan.last() != nullptr) first = std::max(first, scan.last()->content.number.value + 1);
    if (scan.blank) {
      result.spares.push_back(scan.number);
      continue;
    }
    // A blank one with a lower number would not be told from a leftover.
    result.unused.insert(result.unused.end(), result.spares.begin(), result.spares.end());
    result.spares.clear();
    result.unused.push_back(scan.number);
  }
  for (const SnapshotScan& scan : content.snapshots)
    result.unused_snapshots.push_back(scan.position);
  result.next.opening = true;
  result.next.first_number = BatchNumber{first + 1};
  return result;
}

}  // namespace quorate::replicated_log
