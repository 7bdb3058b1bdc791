#include "tools/cut.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "master/replicated_log/record_codec.h"

namespace quorate::tools {
namespace {

using replicated_log::Finding;
using replicated_log::kBlockBytes;
using replicated_log::kMetadataFiles;
using replicated_log::kSectorBytes;
using replicated_log::LogRead;
using replicated_log::MetadataFile;
using replicated_log::MetadataRecord;
using replicated_log::SegmentNumber;
using replicated_log::Verdict;

constexpr int kRoundsMax = 50;

std::string_view without_zeros(std::string_view bytes) {
  return bytes.substr(0, bytes.find_last_not_of('\0') + 1);
}

class Cutter {
 public:
  explicit Cutter(const Loaded& loaded) : files_(loaded.files), before_(loaded.files) {
    log_ = loaded.log;
  }

  Result<Cut> run() && {
    if (!log_.refusal) return failure("the log is sound: there is nothing to cut");
    if (std::optional<std::string> others = other_members()) return failure(*others);
    for (int round = 0; log_.refusal; ++round) {
      const Result<void> done = cut_once();
      if (!done) return tl::unexpected(done.error());
      if (round == kRoundsMax) return failure("the log does not become sound by cutting its end");
      log_ = replicated_log::read_log(files_);
    }
    collect();
    return std::move(cut_);
  }

 private:
  // With other members nothing is lost: they have it (protocol.md 12).
  std::optional<std::string> other_members() const {
    if (!log_.metadata) return "no metadata are valid: there is no identity to go on with";
    const ReplicaId self = log_.metadata->metadata.replica;
    std::set<ReplicaId> others{log_.metadata->metadata.promised.replica};
    for (const replicated_log::RecordRead& read : log_.records)
      if (const auto* slot = std::get_if<paxos::SlotRecord>(&read.record))
        others.insert(slot->slot.ballot.replica);
    for (const paxos::MemberWatermark& member : log_.members) others.insert(member.replica);
    others.erase(self);
    others.erase(ReplicaId{});
    if (others.empty()) return {};
    return fmt::format(
        "this log has other members (replica {}): cutting it could lose what they "
        "were told. Start this master with --log_repair=peers",
        to_text(*others.begin()));
  }

  Result<void> cut_once() {
    const Finding finding = log_.findings.back();
    const std::optional<SegmentNumber> segment = replicated_log::parse_segment_file(finding.file);
    const bool end = finding.verdict == Verdict::Ambiguous || finding.verdict == Verdict::Damaged ||
                     finding.verdict == Verdict::Missing;
    if (!segment || !end)
      return failure(fmt::format("{} ({}): this is not the end of a log that could be cut",
                                 to_text(finding), to_text(finding.verdict)));
    remove_after(*segment);
    if (finding.verdict != Verdict::Missing && stands_before(finding.file, finding.offset)) {
      zero_from(finding.file, finding.offset);
      name_newest(*segment);
      return {};
    }
    files_.erase(finding.file);
    std::optional<SegmentNumber> previous;
    for (const auto& [name, bytes] : files_)
      if (const auto number = replicated_log::parse_segment_file(name))
        if (*number < *segment && !replicated_log::all_zeros(bytes)) previous = *number;
    if (!previous || *previous < log_.metadata->oldest)
      return failure(fmt::format("{}: nothing of the log would be left", to_text(finding)));
    zero_from(segment_file(*previous), files_.at(segment_file(*previous)).size());
    name_newest(*previous);
    return {};
  }

  void remove_after(SegmentNumber segment) {
    std::erase_if(files_, [&](const auto& file) {
      const auto number = replicated_log::parse_segment_file(file.first);
      return number && *number > segment;
    });
  }

  // Header block and carry are before this place, so that the segment can stay.
  bool stands_before(const std::string& name, std::uint64_t offset) const {
    const auto info = info_of(files_.at(name));
    return info && offset >= kBlockBytes && !(offset == kBlockBytes && info->carries);
  }

  // To the end, and at the length of its birth again: only what a later segment follows is trimmed.
  void zero_from(const std::string& name, std::uint64_t offset) {
    Bytes& bytes = files_.at(name);
    const auto info = info_of(bytes);
    const std::uint64_t whole = info ? info->size_bytes : bytes.size();
    bytes.resize(std::min<std::uint64_t>(offset, bytes.size()));
    bytes.resize(std::max<std::uint64_t>(whole, bytes.size()), '\0');
  }

  static std::optional<replicated_log::SegmentInfo> info_of(const Bytes& segment) {
    if (segment.size() < kBlockBytes) return {};
    const replicated_log::HeaderFound found =
        replicated_log::read_header(std::string_view(segment).substr(0, kSectorBytes));
    if (found.state != replicated_log::SectorState::Valid || found.newer_format) return {};
    const replicated_log::BatchCheck check = replicated_log::check_batch(segment, found.header);
    if (!check.whole) return {};
    return replicated_log::decode_segment_info(check.body);
  }

  void name_newest(SegmentNumber newest) {
    MetadataRecord record = *log_.metadata;
    record.generation = record.generation.next();
    record.newest = newest;
    for (std::size_t i = 0; i < replicated_log::kMetadataFileCount; ++i) {
      Bytes& bytes = files_[std::string(kMetadataFiles[i])];
      bytes.resize(replicated_log::kMetadataFileBytes, '\0');
      const MetadataFile file = replicated_log::read_metadata_file(bytes, i);
      const std::size_t slot = file.next_slot();
      bytes.replace(slot * kBlockBytes, kBlockBytes, replicated_log::encode_slot(record, i, slot));
    }
  }

  void collect() {
    for (const replicated_log::RecordRead& read : log_.records)
      if (const auto* slot = std::get_if<paxos::SlotRecord>(&read.record))
        cut_.kept = std::max(cut_.kept, slot->slot.position);
    if (log_.snapshot) cut_.kept = std::max(cut_.kept, log_.snapshot->position);
    for (const auto& [name, bytes] : before_) {
      auto after = files_.find(name);
      if (after == files_.end()) {
        cut_.removed.push_back(name);
      } else if (after->second != bytes) {
        cut_.after[name] = after->second;
      }
      if (!replicated_log::parse_segment_file(name)) continue;
      const std::string_view left =
          after == files_.end() ? std::string_view() : without_zeros(after->second);
      collect_piece(name, bytes, left.size());
    }
    // A metadata file that was missing is made.
    for (std::string_view name : kMetadataFiles)
      if (!before_.contains(std::string(name)) && files_.contains(std::string(name)))
        cut_.after[std::string(name)] = files_.at(std::string(name));
  }

  // Whole blocks stay.
  void collect_piece(const std::string& name, const Bytes& bytes, std::uint64_t left) {
    const std::uint64_t from = (left + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
    const std::string_view whole = without_zeros(bytes);
    if (whole.size() <= from) return;
    cut_.pieces.push_back({name, from, Bytes(whole.substr(from))});
    for (std::uint64_t at = from; at + kSectorBytes <= whole.size();)
      at += collect_positions(bytes, at);
  }

  // Of the batch that begins here, if one does; how far it goes.
  std::uint64_t collect_positions(const Bytes& bytes, std::uint64_t at) {
    const replicated_log::HeaderFound found =
        replicated_log::read_header(std::string_view(bytes).substr(at, kSectorBytes));
    if (found.state == replicated_log::SectorState::Zeros) return kBlockBytes;
    if (found.state != replicated_log::SectorState::Valid || found.newer_format ||
        found.header.offset != at) {
      cut_.unreadable = true;
      return kBlockBytes;
    }
    const replicated_log::BatchCheck check = replicated_log::check_batch(bytes, found.header);
    std::vector<paxos::Record> records;
    if (!check.whole ||
        !replicated_log::decode_records(
            check.body.substr(found.header.members * replicated_log::kMemberBytes), records)) {
      cut_.unreadable = true;
      return kBlockBytes;
    }
    for (const paxos::Record& record : records)
      if (const auto* slot = std::get_if<paxos::SlotRecord>(&record))
        if (slot->slot.position > cut_.kept) cut_.readable.push_back(slot->slot.position);
    return found.header.bytes();
  }

  Files files_;
  const Files& before_;
  LogRead log_;
  Cut cut_;
};

}  // namespace

Result<Cut> plan_cut(const Loaded& loaded) { return Cutter(loaded).run(); }

}  // namespace quorate::tools
