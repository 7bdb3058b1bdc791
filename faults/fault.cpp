#include "faults/fault.h"

namespace quorate::faults {
namespace {

constexpr std::array<FaultDescription, kFaultKinds> kKinds = {{
    {FaultKind::Start, "start", "start NAME...",
     "Starts programs that are down, ZooKeeper servers too."},
    {FaultKind::Stop, "stop", "stop NAME...", "Asks programs to end (SIGTERM)."},
    {FaultKind::Kill, "kill", "kill NAME...",
     "Kills programs (SIGKILL). They stay down until they are started."},
    {FaultKind::PowerLoss, "power-loss", "power-loss NAME...",
     "Kills programs, and what their disks had not synced is partly lost."},
    {FaultKind::Pause, "pause", "pause NAME...", "Halts programs (SIGSTOP)."},
    {FaultKind::Resume, "resume", "resume NAME...", "Lets halted programs go on (SIGCONT)."},
    {FaultKind::Cut, "cut", "cut {NAME...} | {NAME...} or cut {NAME...} -> {NAME...}",
     "Nothing passes between the sides; with -> nothing passes from the first to the second."},
    {FaultKind::Heal, "heal", "heal or heal {NAME...} | {NAME...}",
     "What was cut is joined again: all of it, or what is named."},
}};

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ' ';
    out += name;
  }
  return out;
}

}  // namespace

const std::array<FaultDescription, kFaultKinds>& fault_kinds() { return kKinds; }

std::string to_text(const Fault& fault) {
  std::string out(kKinds[static_cast<std::size_t>(fault.kind)].verb);
  if (!fault.targets.empty()) out += " " + joined(fault.targets);
  for (std::size_t i = 0; i < fault.sides.size(); ++i) {
    if (i > 0) out += fault.one_way ? " ->" : " |";
    out += " {" + joined(fault.sides[i]) + "}";
  }
  return out;
}

}  // namespace quorate::faults
