#include "master/replicated_log/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"

namespace quorate::replicated_log {
namespace {

constexpr std::string_view kReplace =
    "Nothing was changed. Keep this directory as evidence (`quorate-log verify` reads it); while a "
    "quorum of the other replicas is healthy, move it away and start this master on an empty one: "
    "it "
    "learns the log from them under a new identity.";

Refusal corrupt(std::string what) {
  return {Exit::LogCorrupt, fmt::format("replicated log: {}. {}", what, kReplace)};
}

Refusal newer(std::string_view file, std::uint16_t format, std::uint16_t ours) {
  return {
      Exit::Configuration,
      fmt::format("replicated log: {} has format version {}, this binary reads up to {}: it was "
                  "written by a newer release. Start that release; nothing was changed.",
                  file, format, ours)};
}

// Goes from the metadata over the chain of segments to the tail. Each step stops at the first
// refusal.
class Recovery {
 public:
  explicit Recovery(const DirectoryContent& content) : content_(content) {}

  Recovered run() && {
    sort_out_blanks();
    if (check_formats() && choose_metadata() && check_identity() && check_snapshot() &&
        find_chain() && walk())
      check_truncated();
    plan_next();
    return std::move(result_);
  }

 private:
  bool refuse(Refusal refusal) {
    result_.refusal = std::move(refusal);
    return false;
  }

  // `last` is the last record that was read before the place.
  bool refuse_tail(const SegmentScan& scan) {
    const char* verdict =
        scan.tail.kind == TailKind::Ambiguous
            ? "cannot be told from lost acknowledged data (asking the peers is not "
              "built yet)"
            : "is damaged";
    set_tail(scan);
    return refuse(
        corrupt(fmt::format("{} at byte {}, after position {}, {}: {}", segment_file(scan.number),
                            scan.tail.offset, paxos::to_text(last_position_), verdict,
                            scan.tail.why.empty() ? "it is gone" : scan.tail.why)));
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

  bool check_formats() {
    for (std::size_t i = 0; i < content_.metadata.size(); ++i)
      for (const MetadataSlot& slot : content_.metadata[i].slots)
        if (slot.newer_format)
          return refuse(newer(kMetadataFiles[i], *slot.newer_format, kMetadataFormat));
    for (const SegmentScan* scan : used_)
      if (scan->newer_format)
        return refuse(newer(segment_file(scan->number), *scan->newer_format, kLogFormat));
    return true;
  }

  // The highest valid slot wins.
  bool choose_metadata() {
    const MetadataRecord* best = newest_record(content_.metadata);
    if (best == nullptr) return judge_missing_metadata();
    result_.metadata = *best;
    note_metadata_faults();
    return true;
  }

  // At birth the first file is synced before the second is written, and both after they were made
  // of zeros: so only this much can be missing without a loss.
  bool judge_missing_metadata() {
    const MetadataFile& a = content_.metadata[0];
    const MetadataFile& b = content_.metadata[1];
    const bool used = !content_.snapshots.empty() ||
                      std::any_of(used_.begin(), used_.end(), [](const SegmentScan* s) {
                        return s->own_batch_seen || s->carry || s->generation.value > 0 ||
                               (s->info && s->info->previous.value != 0);
                      });
    const bool never_written = b.all_zeros() && a.slots[1].state == SlotState::Zeros &&
                               (a.slots[0].state == SlotState::Zeros || a.slots[0].ours);
    if (never_written && !used && (b.present || used_.empty())) {
      result_.unborn = true;
      for (const SegmentScan& scan : content_.segments) result_.unused.push_back(scan.number);
      return false;
    }
    for (std::size_t i = 0; i < content_.metadata.size(); ++i)
      if (content_.metadata[i].present && !content_.metadata[i].all_zeros() && used_.empty() &&
          !content_.metadata[i].slots[0].ours && !content_.metadata[i].slots[1].ours)
        return refuse(foreign_file(std::string(kMetadataFiles[i])));
    return refuse(corrupt(fmt::format(
        "no valid slot in {} and {} at bytes 0 and {}: the promises of this replica are lost",
        kMetadataFiles[0], kMetadataFiles[1], kBlockBytes)));
  }

  void note_metadata_faults() {
    const std::optional<Generation> a = content_.metadata[0].generation();
    const std::optional<Generation> b = content_.metadata[1].generation();
    for (std::size_t i = 0; i < content_.metadata.size(); ++i) {
      const MetadataFile& file = content_.metadata[i];
      if (!file.present) {
        result_.notes.push_back(fmt::format("{} is missing and is made anew", kMetadataFiles[i]));
        continue;
      }
      for (std::size_t s = 0; s < file.slots.size(); ++s)
        if (file.slots[s].state == SlotState::Garbage)
          result_.notes.push_back(
              fmt::format("{} at byte {}: a slot is not valid; the other copies "
                          "serve",
                          kMetadataFiles[i], s * kBlockBytes));
    }
    const std::uint64_t low = std::min(a.value_or(Generation{}), b.value_or(Generation{})).value;
    if (result_.metadata.generation.value - low > 1)
      result_.notes.push_back(
          fmt::format("ALARM: {} holds generation {} and {} generation {}: a write to one of them "
                      "was lost; check "
                      "this disk",
                      kMetadataFiles[0], a.value_or(Generation{}).value, kMetadataFiles[1],
                      b.value_or(Generation{}).value));
  }

  bool check_identity() {
    const MetadataRecord& metadata = result_.metadata;
    for (const SegmentScan* scan : used_) {
      if (scan->where) {
        const SegmentIdentity& where = *scan->where;
        // A segment that is not named yet may be ahead of what survived of the metadata.
        const bool named = scan->number <= metadata.newest;
        if (where.replica != metadata.metadata.replica ||
            (named && where.ensemble.known() && where.ensemble != metadata.metadata.ensemble))
          return refuse(corrupt(fmt::format(
              "{} at byte 0 belongs to replica {} of ensemble {}, the metadata to replica {} of "
              "ensemble {}",
              segment_file(scan->number), to_text(where.replica), to_text(where.ensemble),
              to_text(metadata.metadata.replica), to_text(metadata.metadata.ensemble))));
      }
      if (scan->generation > metadata.generation)
        return refuse(corrupt(fmt::format(
            "{} names metadata generation {}, but the newest in {} and {} is {}: promises are lost",
            segment_file(scan->number), scan->generation.value, kMetadataFiles[0],
            kMetadataFiles[1], metadata.generation.value)));
    }
    return true;
  }

  // The snapshot that the metadata name was synced before they were written.
  bool check_snapshot() {
    const SnapshotScan* named = nullptr;
    for (const SnapshotScan& scan : content_.snapshots) {
      if (scan.position == result_.metadata.snapshot) {
        named = &scan;
      } else {
        result_.unused_snapshots.push_back(scan.position);
      }
    }
    if (result_.metadata.snapshot.value == 0) return true;
    const std::string file = snapshot_file(result_.metadata.snapshot);
    if (named == nullptr)
      return refuse(corrupt(fmt::format("{}, which the metadata name, is missing", file)));
    if (named->newer_format) return refuse(newer(file, *named->newer_format, kSnapshotFormat));
    if (!named->whole())
      return refuse(corrupt(
          fmt::format("{} at byte {}, the state up to position {}, is damaged: {}", file,
                      named->bad_offset, paxos::to_text(result_.metadata.snapshot), named->why)));
    const Metadata& metadata = result_.metadata.metadata;
    if (named->where->replica == metadata.replica &&
        (!named->where->ensemble.known() || named->where->ensemble == metadata.ensemble))
      return true;
    return refuse(corrupt(fmt::format(
        "{} at byte 0 belongs to replica {} of ensemble {}, the metadata to replica {} of "
        "ensemble {}",
        file, to_text(named->where->replica), to_text(named->where->ensemble),
        to_text(metadata.replica), to_text(metadata.ensemble))));
  }

  const SegmentScan* find(SegmentNumber number) const {
    auto found = std::find_if(used_.begin(), used_.end(),
                              [&](const SegmentScan* s) { return s->number == number; });
    return found == used_.end() ? nullptr : *found;
  }

  bool missing(SegmentNumber number, std::string_view named_by) {
    return refuse(corrupt(
        fmt::format("{}, which {} names, is missing or empty", segment_file(number), named_by)));
  }

  // The last segment that was begun, and from it backwards those that each names before it, to the
  // oldest that the metadata name: those below were removed behind a snapshot, or are about to be.
  bool find_chain() {
    const SegmentNumber newest = result_.metadata.newest;
    const SegmentScan* named = find(newest);
    if (named == nullptr) return missing(newest, "the metadata");
    if (!named->begun()) return refuse_tail(*named);

    const SegmentScan* at = named;
    for (const SegmentScan* scan : used_)
      if (scan->begun() && scan->number > at->number) at = scan;
    // Nothing is written to a segment before the metadata name it.
    if (at != named && at->own_batch_seen)
      return refuse(
          corrupt(fmt::format("{} is in use, but the newest metadata name {}: promises are lost",
                              segment_file(at->number), segment_file(newest))));
    while (at != nullptr) {
      chain_.insert(chain_.begin(), at);
      const SegmentNumber previous = at->info->previous;
      if (previous.value == 0) break;
      if (at->number == result_.metadata.oldest && result_.metadata.snapshot.value > 0) {
        truncated_ = true;
        last_number_ = at->info->last_number;
        last_digest_ = at->info->last_digest;
        result_.digests.push_back({last_number_, last_digest_});
        break;
      }
      const SegmentScan* before = find(previous);
      if (previous >= at->number || before == nullptr)
        return missing(previous, segment_file(at->number));
      if (!before->begun()) return refuse_tail(*before);
      if (before->where->salt != at->info->previous_salt)
        return refuse(corrupt(fmt::format("{} is not the file that {} names",
                                          segment_file(previous), segment_file(at->number))));
      at = before;
    }
    return check_leftovers();
  }

  // Segments outside of the chain: begun by an open that did not finish, or that nothing followed.
  bool check_leftovers() {
    for (const SegmentScan* scan : used_) {
      if (std::find(chain_.begin(), chain_.end(), scan) != chain_.end()) continue;
      const bool behind_snapshot =
          scan->number < result_.metadata.oldest && result_.metadata.snapshot.value > 0;
      if (behind_snapshot) {
        result_.unused.push_back(scan->number);
        continue;
      }
      if (scan->own_batch_seen || scan->tail.kind == TailKind::Damaged ||
          scan->tail.kind == TailKind::Ambiguous) {
        if (!scan->own_batch_seen) return refuse_tail(*scan);
        return refuse(
            corrupt(fmt::format("{} holds batches, but {} does not name it",
                                segment_file(scan->number), segment_file(chain_.back()->number))));
      }
      result_.unused.push_back(scan->number);
    }
    return true;
  }

  void keep_records(const SegmentScan& scan, const BatchFound& batch) {
    for (const paxos::Record& record : batch.records) {
      if (const auto* slot = std::get_if<paxos::SlotRecord>(&record)) {
        last_position_ = slot->slot.position;
        result_.highest_slot = std::max(result_.highest_slot, last_position_);
        result_.accepted = std::max(result_.accepted, slot->slot.ballot);
      }
      result_.records.push_back({scan.number, batch.offset, batch.content.number, record});
    }
    last_number_ = batch.content.number;
    last_digest_ = batch.digest;
    result_.digests.push_back({last_number_, last_digest_});
    if (!batch.members.empty()) result_.members = batch.members;
    last_content_ = &batch.content;
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
    return refuse(
        corrupt(fmt::format("{} continues after batch {}, but the log before it ends with batch {} "
                            "(position {})",
                            segment_file(scan.number), scan.info->last_number.value,
                            last_number_.value, paxos::to_text(last_position_))));
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
    std::uint64_t end = scan.carry ? scan.carry->offset + scan.carry->bytes : kBlockBytes;
    const std::uint64_t begin = end;
    for (const BatchFound& batch : scan.batches) {
      if (batch.offset + batch.bytes > next.info->kept_bytes) break;
      keep_records(scan, batch);
      end = batch.offset + batch.bytes;
    }
    if (!(same_end(*next.info) && end == next.info->kept_bytes) && !take_carry(next, end)) {
      if (scan.tail.offset < next.info->kept_bytes) return refuse_proven(scan);
      return refuse(corrupt(fmt::format("{} does not end as {} says", segment_file(scan.number),
                                        segment_file(next.number))));
    }
    result_.kept.push_back({.number = scan.number,
                            .bytes = next.info->kept_bytes,
                            .file_bytes = scan.file_bytes,
                            .highest = result_.highest_slot,
                            .batches = end > begin});
    return true;
  }

  bool refuse_proven(const SegmentScan& scan) {
    set_tail(scan);
    return refuse(corrupt(fmt::format(
        "{} at byte {}, after position {}, is damaged: the batch there had been synced; {}",
        segment_file(scan.number), scan.tail.offset, paxos::to_text(last_position_),
        scan.tail.why.empty() ? "it is gone" : scan.tail.why)));
  }

  bool refuse_short(const SegmentScan& scan) {
    return refuse(corrupt(fmt::format("{} has {} bytes, fewer than it had: it was cut short",
                                      segment_file(scan.number), scan.file_bytes)));
  }

  // The last kept batch counts if it is valid in either place.
  bool take_carry(const SegmentScan& next, std::uint64_t end) {
    if (!next.carry || next.carry->content.previous != last_digest_) return false;
    if (end + next.carry->bytes != next.info->kept_bytes) return false;
    keep_records(next, *next.carry);
    return true;
  }

  // The last segment that binds; `next` is one that does not, if any.
  bool walk_last(const SegmentScan& scan, const SegmentScan* next) {
    for (const BatchFound& batch : scan.batches) keep_records(scan, batch);
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
    // Only what a later segment follows is ever trimmed.
    const std::uint64_t needed = next == nullptr ? scan.info->size_bytes : next->info->kept_bytes;
    if (scan.file_bytes < needed) return refuse_short(scan);
    note_torn(scan);
    set_tail(scan);
    result_.kept.push_back({.number = scan.number,
                            .bytes = end,
                            .file_bytes = scan.file_bytes,
                            .highest = result_.highest_slot,
                            .batches = !scan.batches.empty()});
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
    result_.unused.push_back(scan.number);
    return true;
  }

  void note_torn(const SegmentScan& scan) {
    if (scan.tail.kind != TailKind::Torn) return;
    result_.notes.push_back(fmt::format(
        "{} at byte {}, after position {}: a batch that was never acknowledged was torn by a crash "
        "and is cut ({})",
        segment_file(scan.number), scan.tail.offset, paxos::to_text(last_position_),
        scan.tail.why));
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
    if (result_.refusal || last_number_.value == 0) return;

    CHECK(last_content_ != nullptr);
    result_.carry = *last_content_;
    next.carries = true;
  }

  const DirectoryContent& content_;
  Recovered result_;
  std::vector<const SegmentScan*> used_;
  std::vector<const SegmentScan*> chain_;  // from the oldest to the newest
  bool truncated_ = false;                 // segments before the chain were removed
  const SegmentScan* last_ = nullptr;      // the last one that binds
  paxos::Position last_position_;
  BatchNumber last_number_;
  Digest last_digest_;
  const BatchContent* last_content_ = nullptr;
};

}  // namespace

Recovered recover(const DirectoryContent& content) { return Recovery(content).run(); }

Refusal foreign_file(const std::string& name) {
  return {
      Exit::Configuration,
      fmt::format("replicated log: the directory holds {}, which is not a file of this program{}. "
                  "Nothing was changed. Give this master a --work_dir of its own, or move the "
                  "other program's files away.",
                  name,
                  name == "CURRENT" || name.starts_with("MANIFEST-")
                      ? " (it looks like the LevelDB log of an Apache Mesos master, which "
                        "Quorate does not read)"
                      : "")};
}

}  // namespace quorate::replicated_log
