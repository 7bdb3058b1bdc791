#include "master/replicated_log/segment_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/replicated_log/record_codec.h"

namespace quorate::replicated_log {
namespace {

class Scanner {
 public:
  Scanner(SegmentNumber number, std::string_view bytes, std::vector<paxos::Record>& records)
      : bytes_(bytes), records_(records) {
    scan_.number = number;
    scan_.file_bytes = bytes.size();
  }

  SegmentScan run() && {
    scan_.blank = all_zeros(bytes_);
    if (scan_.blank) return std::move(scan_);
    if (read_header_block() && read_carry()) read_own();
    return std::move(scan_);
  }

 private:
  HeaderFound header_at(std::uint64_t offset) {
    if (offset + kSectorBytes > bytes_.size())
      return {.state = SectorState::Zeros, .newer_format = {}, .header = {}};
    HeaderFound found = read_header(bytes_.substr(offset, kSectorBytes));
    if (found.newer_format) scan_.newer_format = found.newer_format;
    return found;
  }

  // Whether this header was written for this place.
  bool at_home(const BatchHeader& header, std::uint64_t offset) const {
    if (header.where.segment != scan_.number || header.offset != offset) return false;
    return !scan_.where || header.where == *scan_.where;
  }

  bool read_header_block() {
    HeaderFound found = header_at(0);
    if (found.newer_format) return false;
    if (found.state == SectorState::Valid && at_home(found.header, 0) &&
        found.header.kind == BatchKind::SegmentHeader) {
      BatchCheck check = check_batch(bytes_, found.header);
      std::optional<SegmentInfo> info;
      if (check.whole) info = decode_segment_info(check.body);
      if (info && found.header.bytes() == kBlockBytes) {
        scan_.where = found.header.where;
        scan_.info = info;
        note_generation(found.header);
        return true;
      }
    }
    judge(0, found, BatchKind::SegmentHeader);
    return false;
  }

  bool read_carry() {
    if (!scan_.info->carries) return true;
    HeaderFound found = header_at(kBlockBytes);
    std::optional<BatchFound> carry = whole_batch(kBlockBytes, found, BatchKind::Carry);
    if (carry && carry->content.number == scan_.info->last_number &&
        carry->digest == scan_.info->last_digest) {
      scan_.carry = std::move(carry);
      return true;
    }
    judge(kBlockBytes, found, BatchKind::Carry);
    return false;
  }

  void read_own() {
    BatchNumber expected = scan_.info->first_number;
    Digest previous = scan_.info->last_digest;
    while (true) {
      const std::uint64_t offset = scan_.end_bytes();
      HeaderFound found = header_at(offset);
      std::optional<BatchFound> batch = whole_batch(offset, found, BatchKind::Records);
      if (!batch || batch->content.number != expected || batch->content.previous != previous) {
        if (batch) drop_records(batch->first_record);
        expected_ = {expected, previous};
        keep_last_body();
        return judge(offset, found, BatchKind::Records);
      }
      expected = expected.next();
      previous = batch->digest;
      scan_.own_batch_seen = true;
      scan_.batches.push_back(std::move(*batch));
    }
  }

  void drop_records(std::size_t first) {
    records_.erase(records_.begin() + static_cast<std::ptrdiff_t>(first), records_.end());
  }

  // Only the last batch may be carried.
  void keep_last_body() {
    if (scan_.batches.empty()) return;
    BatchFound& last = scan_.batches.back();
    const HeaderFound found = read_header(bytes_.substr(last.offset, kSectorBytes));
    last.content.body = Bytes(check_batch(bytes_, found.header).body);
  }

  void note_generation(const BatchHeader& header) {
    scan_.generation = std::max(scan_.generation, header.generation);
  }

  std::optional<BatchFound> whole_batch(std::uint64_t offset, const HeaderFound& found,
                                        BatchKind kind) {
    if (found.state != SectorState::Valid || found.newer_format) return {};
    const BatchHeader& header = found.header;
    if (!at_home(header, offset) || header.kind != kind) return {};
    note_generation(header);
    BatchCheck check = check_batch(bytes_, header);
    if (!check.whole) return {};
    // A carry repeats the records of the batch that it copies.
    std::vector<paxos::Record> repeated;
    std::vector<paxos::Record>& records = kind == BatchKind::Carry ? repeated : records_;
    BatchFound batch;
    batch.first_record = records_.size();
    const Result<void> decoded =
        decode_records(check.body.substr(header.members * kMemberBytes), records);
    if (!decoded) {
      undecodable_ = decoded.error().text;
      return {};
    }
    batch.end_record = records_.size();
    batch.offset = offset;
    batch.bytes = header.bytes();
    batch.content = {.number = header.number,
                     .previous = header.previous,
                     .generation = header.generation,
                     .start = header.start,
                     .members = header.members,
                     .body = {}};
    batch.digest = digest_of(batch.content, check.body);
    batch.members = decode_members(check.body, header.members);
    if (kind == BatchKind::Carry) batch.content.body = Bytes(check.body);
    return batch;
  }

  void set_tail(TailKind kind, std::uint64_t offset, std::string why) {
    scan_.tail = {kind, offset, std::move(why)};
  }

  // The first batch that is not wholly valid begins at `offset`.
  void judge(std::uint64_t offset, const HeaderFound& found, BatchKind kind) {
    if (std::optional<std::string> evidence = later_evidence(offset, kind))
      return set_tail(TailKind::Damaged, offset, bad_sector(offset, found) + *evidence);
    if (!undecodable_.empty()) return set_tail(TailKind::Damaged, offset, undecodable_);

    if (found.state == SectorState::Zeros) {
      const bool clean = all_zeros(bytes_.substr(std::min<std::uint64_t>(offset, bytes_.size())));
      return set_tail(clean ? TailKind::Clean : TailKind::Torn, offset,
                      clean ? "" : "its header is zeros");
    }
    if (found.state == SectorState::Garbage)
      return set_tail(TailKind::Ambiguous, offset, "its header is neither valid nor zeros");
    judge_body(offset, found.header, kind);
  }

  // Which sector is not valid, as far as the header can still tell.
  std::string bad_sector(std::uint64_t offset, const HeaderFound& found) const {
    if (!undecodable_.empty()) return undecodable_ + "; ";
    if (found.state != SectorState::Valid) return "its header is not valid; ";
    if (found.newer_format || !at_home(found.header, offset)) return "";
    const BatchCheck check = check_batch(bytes_, found.header);
    if (check.whole) return "";
    return fmt::format("its sector at byte {} is not valid; ", check.first_bad);
  }

  // Its header is valid and at home.
  void judge_body(std::uint64_t offset, const BatchHeader& header, BatchKind kind) {
    BatchCheck check = check_batch(bytes_, header);
    if (check.whole)
      return set_tail(TailKind::Damaged, offset, "it is valid, but not the one that belongs here");
    if (header.offset + header.bytes() > bytes_.size())
      return set_tail(TailKind::Damaged, offset, "it reaches beyond the end of the file");
    if (!check.torn)
      return set_tail(
          TailKind::Ambiguous, offset,
          fmt::format("its sector at byte {} is neither valid nor zeros", check.first_bad));
    // A header block and its carry are written and synced together.
    if (kind != BatchKind::SegmentHeader && !all_zeros(bytes_.substr(offset + header.bytes())))
      return set_tail(TailKind::Ambiguous, offset,
                      fmt::format("bytes that are not zeros follow its end at byte {}",
                                  offset + header.bytes()));
    set_tail(TailKind::Torn, offset,
             fmt::format("its sector at byte {} was not written", check.first_bad));
  }

  // What proves that the batch at `offset` was synced, or that a write went astray.
  std::optional<std::string> later_evidence(std::uint64_t offset, BatchKind kind) {
    std::optional<std::string> evidence;
    for (std::uint64_t at = offset; at + kSectorBytes <= bytes_.size(); at += kBlockBytes) {
      HeaderFound found = header_at(at);
      if (found.state != SectorState::Valid || found.newer_format) continue;
      std::optional<std::string> here = evidence_at(at, offset, found.header, kind);
      if (here && !evidence) evidence = std::move(here);
    }
    return evidence;
  }

  std::optional<std::string> evidence_at(std::uint64_t at, std::uint64_t offset,
                                         const BatchHeader& header, BatchKind kind) {
    if (!at_home(header, at))
      return fmt::format("the block at byte {} belongs to byte {} of {}", at, header.offset,
                         segment_file(header.where.segment));
    note_generation(header);
    if (header.kind == BatchKind::Records) scan_.own_batch_seen = true;
    if (at == offset) {
      const bool expected = header.kind == kind &&
                            (kind != BatchKind::Records || (header.number == expected_.number &&
                                                            header.previous == expected_.previous));
      if (expected) return {};
      return fmt::format("batch {} lies where batch {} was expected", header.number.value,
                         expected_.number.value);
    }
    if (header.kind != BatchKind::Records) return {};
    return fmt::format("batch {} follows at byte {}, so this one had been synced",
                       header.number.value, at);
  }

  struct Expected {
    BatchNumber number;
    Digest previous;
  };

  std::string_view bytes_;
  std::vector<paxos::Record>& records_;
  SegmentScan scan_;
  Expected expected_;
  std::string undecodable_;
};

}  // namespace

Bytes encode(const SegmentInfo& info) {
  ByteWriter out;
  out.u64(info.size_bytes);
  out.u64(info.previous.value);
  out.u64(info.previous_salt);
  out.u64(info.kept_bytes);
  out.u64(info.last_number.value);
  out.u64(info.last_digest.high);
  out.u64(info.last_digest.low);
  out.u64(info.first_number.value);
  out.boolean(info.opening);
  out.boolean(info.carries);
  return out.take();
}

std::optional<SegmentInfo> decode_segment_info(std::string_view body) {
  ByteReader in(body);
  SegmentInfo info;
  info.size_bytes = in.u64();
  info.previous = SegmentNumber{in.u64()};
  info.previous_salt = in.u64();
  info.kept_bytes = in.u64();
  info.last_number = BatchNumber{in.u64()};
  info.last_digest.high = in.u64();
  info.last_digest.low = in.u64();
  info.first_number = BatchNumber{in.u64()};
  info.opening = in.boolean();
  info.carries = in.boolean();
  if (!in.done()) return {};
  return info;
}

std::string_view to_text(TailKind kind) {
  switch (kind) {
    case TailKind::Clean: return "clean";
    case TailKind::Torn: return "torn";
    case TailKind::Damaged: return "damaged";
    case TailKind::Ambiguous: return "ambiguous";
  }
  return "unknown";
}

std::uint64_t SegmentScan::end_bytes() const {
  const BatchFound* found = last();
  return found == nullptr ? kBlockBytes : found->offset + found->bytes;
}

const BatchFound* SegmentScan::last() const {
  if (!batches.empty()) return &batches.back();
  return carry ? &*carry : nullptr;
}

SegmentScan scan_segment(SegmentNumber number, std::string_view bytes,
                         std::vector<paxos::Record>& records) {
  return Scanner(number, bytes, records).run();
}

}  // namespace quorate::replicated_log
