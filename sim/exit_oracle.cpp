#include "sim/exit_oracle.h"

#include <algorithm>

namespace quorate::sim {
namespace {

using faults::FaultKind;

constexpr FaultKind kDamage[] = {
    FaultKind::LostWrite,   FaultKind::MisdirectedWrite, FaultKind::BitRot,  FaultKind::TornWrite,
    FaultKind::FailedSync,  FaultKind::RestoreCopy,      FaultKind::Wipe,    FaultKind::FailedRead,
    FaultKind::FailedWrite, FaultKind::LoseFile,         FaultKind::CutFile, FaultKind::CloneDisk};
constexpr FaultKind kRefusal[] = {
    FaultKind::FailedSync, FaultKind::DiskFull, FaultKind::FailedRead, FaultKind::FailedWrite,
    FaultKind::HungDisk,   FaultKind::LoseFile, FaultKind::CutFile};
constexpr FaultKind kStops[] = {FaultKind::Stop, FaultKind::Restart, FaultKind::StartWith};
// The power goes with these, or the program is ended by them.
constexpr FaultKind kEnds[] = {FaultKind::Kill,      FaultKind::PowerLoss,   FaultKind::TornWrite,
                               FaultKind::Wipe,      FaultKind::RestoreCopy, FaultKind::Restart,
                               FaultKind::CloneDisk, FaultKind::StartWith,   FaultKind::LoseFile,
                               FaultKind::CutFile};

}  // namespace

bool is_damage(FaultKind kind) {
  return std::find(std::begin(kDamage), std::end(kDamage), kind) != std::end(kDamage);
}

void ExitOracle::befell(FaultKind kind, const std::set<std::string>& hosts) {
  befallen_[kind].insert(hosts.begin(), hosts.end());
  bool harmless =
      kind == FaultKind::Start || kind == FaultKind::Heal || kind == FaultKind::SaveCopy;
  anything_ = anything_ || !harmless;
}

bool ExitOracle::befallen(const std::string& host, FaultKind kind) const {
  auto found = befallen_.find(kind);
  return found != befallen_.end() && (host.empty() || found->second.contains(host));
}

bool ExitOracle::explained(const std::string& host, int code) const {
  auto any = [&](const auto& kinds, const std::string& where) {
    return std::any_of(std::begin(kinds), std::end(kinds),
                       [&](FaultKind kind) { return befallen(where, kind); });
  };
  switch (code) {
    case 0: return any(kStops, host);
    case 64: return world_.wrong;
    case 65: return any(kDamage, "");
    case 69:
    case 75: return anything_ || world_.slow;
    case 74: return any(kRefusal, host);
    case 77: return world_.wrong || any(kDamage, "");
    case 78:
      return world_.wrong || any(kDamage, "") || befallen("", FaultKind::LoseNames) ||
             befallen("", FaultKind::LoseAccess);
    case 137: return any(kEnds, host);
    default: return false;
  }
}

std::optional<std::string> ExitOracle::ended(const std::string& host, int code,
                                             const std::string& why) {
  ++judged_;
  if (explained(host, code)) return std::nullopt;
  constexpr int kCodes[] = {0, 64, 65, 69, 74, 75, 77, 78, 137};
  bool known = std::find(std::begin(kCodes), std::end(kCodes), code) != std::end(kCodes);
  return host + " ended with " + std::to_string(code) + " ('" + why + "'), " +
         (known ? "and nothing happened that explains it" : "which is no code of a master");
}

}  // namespace quorate::sim
