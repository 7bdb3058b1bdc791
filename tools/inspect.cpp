#include "tools/inspect.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "tools/chain_check.h"

namespace quorate::tools {
namespace {

using replicated_log::FileKind;
using replicated_log::Finding;
using replicated_log::kBlockBytes;
using replicated_log::kMetadataFiles;
using replicated_log::LogRead;
using replicated_log::RecordRead;
using replicated_log::SegmentRead;
using replicated_log::TailKind;
using replicated_log::Verdict;

class Inspector {
 public:
  explicit Inspector(const Loaded& loaded) : files_(loaded.files), log_(loaded.log) {
    result_.findings = log_.findings;
  }

  Inspection run() && {
    look_at_names();
    look_at_metadata();
    look_at_segments();
    look_at_snapshots();
    look_at_records();
    std::sort(result_.findings.begin(), result_.findings.end(),
              [](const Finding& a, const Finding& b) {
                return std::tie(a.file, a.offset, a.verdict, a.what) <
                       std::tie(b.file, b.offset, b.verdict, b.what);
              });
    return std::move(result_);
  }

 private:
  // The judgement of the whole directory comes first, and is not said twice.
  void add(Verdict verdict, const std::string& file, std::uint64_t offset, std::string what,
           paxos::Position position = {}) {
    const bool known = std::any_of(
        result_.findings.begin(), result_.findings.end(),
        [&](const Finding& f) { return f.file == file && (f.offset == offset || offset == 0); });
    if (!known) result_.findings.push_back({verdict, file, offset, position, std::move(what)});
  }

  void look_at_names() {
    for (const auto& [name, bytes] : files_) {
      result_.bytes += bytes.size();
      if (replicated_log::kind_of(name) == FileKind::Passing)
        add(Verdict::Leftover, name, 0, "it is a file that was being made");
    }
  }

  void look_at_metadata() {
    for (std::size_t i = 0; i < replicated_log::kMetadataFileCount; ++i) {
      const std::string name(kMetadataFiles[i]);
      auto found = files_.find(name);
      if (found == files_.end()) continue;
      const replicated_log::MetadataFile file =
          replicated_log::read_metadata_file(found->second, i);
      for (std::size_t s = 0; s < file.slots.size(); ++s)
        if (file.slots[s].state == replicated_log::SlotState::Garbage)
          add(log_.metadata ? Verdict::Repaired : Verdict::Damaged, name, s * kBlockBytes,
              "this slot is not valid");
    }
  }

  void look_at_segments() {
    for (const SegmentRead& segment : log_.segments) {
      ++result_.segments;
      result_.batches += segment.batches;
      const bool counts = !log_.metadata || segment.file >= segment_file(log_.metadata->oldest);
      if (!counts) continue;
      if (segment.tail.kind == TailKind::Damaged)
        add(Verdict::Damaged, segment.file, segment.tail.offset, segment.tail.why);
      if (segment.tail.kind == TailKind::Ambiguous)
        add(Verdict::Ambiguous, segment.file, segment.tail.offset, segment.tail.why);
      if (segment.tail.kind == TailKind::Torn)
        add(Verdict::Torn, segment.file, segment.tail.offset, segment.tail.why);
    }
  }

  void look_at_snapshots() {
    for (const auto& [name, bytes] : files_) {
      const std::optional<paxos::Position> position = replicated_log::parse_snapshot_file(name);
      if (!position) continue;
      const replicated_log::SnapshotScan scan = replicated_log::scan_snapshot(*position, bytes);
      const bool named = !log_.metadata || log_.metadata->snapshot == *position;
      if (named && !scan.whole()) add(Verdict::Damaged, name, scan.bad_offset, scan.why, *position);
    }
  }

  void look_at_records() {
    ChainCheck check(log_.snapshot);
    std::optional<Finding> misfit;
    for (const RecordRead& read : log_.records) {
      ++result_.records;
      std::optional<std::string> what = check.take(read.record);
      if (!what || misfit) continue;
      // What follows a misfit is judged on what does not fit: only the first one says anything.
      misfit = Finding{.verdict = Verdict::Damaged,
                       .file = segment_file(read.segment),
                       .offset = read.offset,
                       .position = read.position(),
                       .what = *what};
    }
    // A damaged snapshot leaves nothing to begin from.
    const bool begins = log_.snapshot || !log_.metadata || log_.metadata->snapshot.value == 0;
    if (misfit && begins) result_.findings.push_back(*misfit);
    if (check.end() >= check.begin()) {
      result_.first = check.begin();
      result_.last = check.end();
    }
    result_.learned = check.learned();
    result_.chain = check.learned_chain();
  }

  const Files& files_;
  const LogRead& log_;
  Inspection result_;
};

}  // namespace

int Inspection::exit() const {
  int worst = 0;
  for (const Finding& finding : findings) {
    if (ends_identity(finding.verdict)) return code(Exit::LogCorrupt);
    if (refuses(finding.verdict)) worst = code(Exit::Configuration);
  }
  return worst;
}

Inspection inspect(const Loaded& loaded) { return Inspector(loaded).run(); }

}  // namespace quorate::tools
