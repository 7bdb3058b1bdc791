#include "master/replicated_log/finding.h"

#include <fmt/format.h>

namespace quorate::replicated_log {
namespace {

constexpr std::string_view kReplace =
    "Keep this directory as evidence (`quorate-log verify` reads it). While a quorum of the other "
    "replicas is healthy, start this master with --log_repair=peers, or move the directory away "
    "and start on an empty one: it learns the log from them under a new identity";
constexpr std::string_view kAsk =
    "Keep this directory as evidence (`quorate-log verify` reads it). While a quorum of the other "
    "replicas is healthy, start this master with --log_repair=peers: it learns the log from them "
    "under a new identity. If it is the only member, `quorate-log accept-loss DIR` says what would "
    "be lost, and cuts it off when told to";

}  // namespace

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::Torn: return "torn";
    case Verdict::Repaired: return "repaired";
    case Verdict::LostWrite: return "lost write";
    case Verdict::Leftover: return "leftover";
    case Verdict::Ambiguous: return "ambiguous";
    case Verdict::Damaged: return "damaged";
    case Verdict::Missing: return "missing";
    case Verdict::Misplaced: return "misplaced";
    case Verdict::Regressed: return "regressed";
    case Verdict::Lost: return "lost";
    case Verdict::Newer: return "newer";
    case Verdict::Foreign: return "foreign";
  }
  return "unknown";
}

bool ends_identity(Verdict verdict) {
  switch (verdict) {
    case Verdict::Ambiguous:
    case Verdict::Damaged:
    case Verdict::Missing:
    case Verdict::Misplaced:
    case Verdict::Regressed:
    case Verdict::Lost: return true;
    default: return false;
  }
}

bool refuses(Verdict verdict) {
  return ends_identity(verdict) || verdict == Verdict::Newer || verdict == Verdict::Foreign;
}

std::string to_text(const Finding& finding) {
  return fmt::format("{} at byte {}, after position {}: {}", finding.file, finding.offset,
                     paxos::to_text(finding.position), finding.what);
}

std::string_view advice(Verdict verdict) {
  switch (verdict) {
    case Verdict::Torn: return "Nothing need be done: the next start cuts it";
    case Verdict::Repaired: return "Nothing need be done: the next start writes both copies";
    case Verdict::LostWrite: return "Check this disk: it lost a write that it had acknowledged";
    case Verdict::Leftover: return "Nothing need be done: the next start removes it";
    case Verdict::Ambiguous: return kAsk;
    case Verdict::Damaged:
    case Verdict::Missing:
    case Verdict::Misplaced:
    case Verdict::Regressed:
    case Verdict::Lost: return kReplace;
    case Verdict::Newer: return "It was written by a newer release: start that release";
    case Verdict::Foreign:
      return "Give this master a --work_dir of its own, or move the other program's files away";
  }
  return "";
}

Refusal refusal_of(const Finding& finding) {
  const bool ours = ends_identity(finding.verdict);
  return {ours ? Exit::LogCorrupt : Exit::Configuration,
          fmt::format("replicated log: {} ({}). Nothing was changed. {}.", to_text(finding),
                      to_text(finding.verdict), advice(finding.verdict))};
}

Finding foreign_file(const std::string& name) {
  const bool leveldb = name == "CURRENT" || name.starts_with("MANIFEST-");
  return {.verdict = Verdict::Foreign,
          .file = name,
          .offset = 0,
          .position = {},
          .what = fmt::format("it is not a file of this program{}",
                              leveldb ? " (it looks like the LevelDB log of an Apache Mesos "
                                        "master, which Quorate does not read)"
                                      : "")};
}

}  // namespace quorate::replicated_log
