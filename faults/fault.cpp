#include "faults/fault.h"

#include <algorithm>

namespace quorate::faults {
namespace {

constexpr bool kScenario = true;
constexpr std::array<FaultDescription, kFaultKinds> kKinds = {{
    {FaultKind::Start, "start", "start NAME...",
     "Starts programs that are down, ZooKeeper servers too.", Cost::Nothing, kScenario},
    {FaultKind::Stop, "stop", "stop NAME...", "Asks programs to end (SIGTERM).", Cost::Nothing,
     kScenario},
    {FaultKind::Kill, "kill", "kill NAME... [after N]",
     "Kills programs (SIGKILL), at once or before a later operation of the disk. They stay down "
     "until they are started.",
     Cost::Nothing, kScenario},
    {FaultKind::PowerLoss, "power-loss", "power-loss NAME... [after N]",
     "Kills programs, at once or before a later operation of the disk, and what their disks had "
     "not synced is partly lost.",
     Cost::Nothing, kScenario},
    {FaultKind::Pause, "pause", "pause NAME...", "Halts programs (SIGSTOP).", Cost::Nothing,
     kScenario},
    {FaultKind::Resume, "resume", "resume NAME...", "Lets halted programs go on (SIGCONT).",
     Cost::Nothing, kScenario},
    {FaultKind::Cut, "cut", "cut {NAME...} | {NAME...} or cut {NAME...} -> {NAME...}",
     "Nothing passes between the sides; with -> nothing passes from the first to the second.",
     Cost::Nothing, kScenario},
    {FaultKind::Heal, "heal", "heal or heal {NAME...} | {NAME...}",
     "What was cut is joined again: all of it, or what is named.", Cost::Nothing, kScenario},
    {FaultKind::TornWrite, "torn-write", "torn-write NAME... [in CLASS] [after N]",
     "The power goes during a write: each sector of it is new or old, and one is half written.",
     Cost::Replica},
    {FaultKind::LostWrite, "lost-write", "lost-write NAME... [in CLASS] [after N]",
     "A write never reaches the disk, though its sync is answered without an error.",
     Cost::OldReplica},
    {FaultKind::MisdirectedWrite, "misdirected-write",
     "misdirected-write NAME... [in CLASS] [after N]",
     "A write lands at another 4 KiB block of the same or of another file.", Cost::OldReplica},
    {FaultKind::BitRot, "bit-rot", "bit-rot NAME... [in CLASS]",
     "One bit of a file changes, in the page cache and on the disk.", Cost::Replica},
    {FaultKind::FailedSync, "failed-sync", "failed-sync NAME... [in CLASS] [after N]",
     "A sync is answered EIO. What it should have made durable stays in the page cache, counts as "
     "clean, and is gone when the power goes.",
     Cost::Nothing},
    {FaultKind::SlowSync, "slow-sync", "slow-sync NAME... [in CLASS] [after N] by TIME",
     "A sync takes so much longer.", Cost::Nothing},
    {FaultKind::DiskFull, "disk-full", "disk-full NAME...",
     "No file is made and none grows (ENOSPC), until the disk is freed.", Cost::Nothing},
    {FaultKind::DiskFreed, "disk-freed", "disk-freed NAME...", "A full disk has room again.",
     Cost::Nothing},
    {FaultKind::SaveCopy, "save-copy", "save-copy NAME...",
     "What is on the disk now is kept aside, as a backup or an image of the machine.",
     Cost::Nothing},
    {FaultKind::RestoreCopy, "restore-copy", "restore-copy NAME...",
     "The power goes, and the copy that was kept takes the place of the directory.",
     Cost::OldReplica},
    {FaultKind::Wipe, "wipe", "wipe NAME...", "The power goes, and the directory is empty.",
     Cost::Replica},
    {FaultKind::LoseMessages, "lose-messages", "lose-messages PPM",
     "So many of a million messages are lost, from now on.", Cost::Nothing},
    {FaultKind::DuplicateMessages, "duplicate-messages", "duplicate-messages PPM",
     "So many of a million messages come twice, at different times.", Cost::Nothing},
    {FaultKind::DelayMessages, "delay-messages", "delay-messages PPM by TIME",
     "So many of a million messages come up to so much later, behind younger ones.", Cost::Nothing},
    {FaultKind::MutateMessages, "mutate-messages", "mutate-messages PPM",
     "So many of a million messages come with changed bytes first, as if a link had no checksum, "
     "from a sender that is nobody's; the right one follows.",
     Cost::Nothing},
    {FaultKind::TwoLeaders, "two-leaders", "two-leaders NAME",
     "This one is told that it leads, while the leader goes on without hearing of it.",
     Cost::Nothing},
}};

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ' ';
    out += name;
  }
  return out;
}

std::string_view to_text(FileClass file) {
  switch (file) {
    case FileClass::Metadata: return "metadata";
    case FileClass::Segment: return "segment";
    case FileClass::Snapshot: return "snapshot";
    case FileClass::Any: break;
  }
  return "any";
}

}  // namespace

const std::array<FaultDescription, kFaultKinds>& fault_kinds() { return kKinds; }

const FaultDescription& description_of(FaultKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::optional<FaultKind> parse_fault_kind(std::string_view verb) {
  const auto* found = std::find_if(kKinds.begin(), kKinds.end(),
                                   [verb](const FaultDescription& d) { return d.verb == verb; });
  if (found == kKinds.end()) return std::nullopt;
  return found->kind;
}

bool in_class(std::string_view file, FileClass wanted) {
  switch (wanted) {
    case FileClass::Any: return true;
    case FileClass::Metadata: return file.starts_with("metadata-");
    case FileClass::Segment: return file.starts_with("segment-");
    case FileClass::Snapshot: return file.starts_with("snapshot-");
  }
  return false;
}

std::string to_text(const Fault& fault) {
  std::string out(description_of(fault.kind).verb);
  if (!fault.targets.empty()) out += " " + joined(fault.targets);
  for (std::size_t i = 0; i < fault.sides.size(); ++i) {
    if (i > 0) out += fault.one_way ? " ->" : " |";
    out += " {" + joined(fault.sides[i]) + "}";
  }
  if (fault.file != FileClass::Any) out += " in " + std::string(to_text(fault.file));
  if (fault.after) out += " after " + std::to_string(*fault.after);
  const bool of_messages =
      fault.kind >= FaultKind::LoseMessages && fault.kind <= FaultKind::MutateMessages;
  if (of_messages) out += " " + std::to_string(fault.ppm);
  if (fault.by.ns != 0) out += " by " + std::to_string(fault.by.whole_milliseconds()) + "ms";
  return out;
}

}  // namespace quorate::faults
