#include "master/ensemble/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "master/base/check.h"

namespace quorate::ensemble {
namespace {

constexpr std::string_view kCloneWayOut =
    "One of the two runs on a copy of the other's --work_dir (a cloned machine, a copied or shared "
    "directory, a unit started twice). Move the copy away; an empty --work_dir gets an id of its "
    "own";

IdentityVerdict against_peer(Judgement judgement, ExitCode exit, std::string message) {
  return {judgement, Refusal{exit, message}, {}, std::move(message)};
}

// A replica with our own id that is not this process.
IdentityVerdict double_of_self(const Identity& peer, const IdentityView& view) {
  IdentityVerdict verdict{Judgement::Clone, {}, {}, {}};
  verdict.message = fmt::format("two processes are replica {}: {} and this one, {}. ",
                                quorate::to_text(peer.replica), to_text(peer), to_text(view.self));
  if (!view.acknowledged) {
    verdict.message += "No quorum has said yet which one it knows: none of them votes. ";
  } else {
    const bool self_stays = view.acknowledged->incarnation == view.self.incarnation;
    const bool peer_stays = view.acknowledged->incarnation == peer.incarnation;
    verdict.message += fmt::format("A quorum last acknowledged {}. ", to_text(*view.acknowledged));
    if (!self_stays) verdict.self_ends = Refusal{ExitCode::NotMember, {}};
    if (!peer_stays) verdict.peer_ends = Refusal{ExitCode::NotMember, {}};
  }
  verdict.message += kCloneWayOut;
  if (verdict.self_ends) verdict.self_ends->text = verdict.message;
  if (verdict.peer_ends) verdict.peer_ends->text = verdict.message;
  return verdict;
}

IdentityVerdict against_acknowledged(const Identity& peer, const Identity& known,
                                     const Identity& self) {
  const auto views = [&](std::string_view what) {
    return fmt::format("{}: {}; known here, at {}: {}", what, to_text(peer), self.address,
                       to_text(known));
  };
  if (peer.incarnation == known.incarnation) return {};
  if (peer.incarnation.start > known.incarnation.start)
    return {Judgement::Restarted, {}, {}, views("a replica started again")};
  if (peer.incarnation.start < known.incarnation.start)
    return {Judgement::Outdated,
            {},
            {},
            views("an earlier run of a replica, which is over; if it is a running process, its "
                  "--work_dir is an old copy and its votes do not count")};
  return against_peer(Judgement::Clone, ExitCode::NotMember,
                      fmt::format("{}. {}", views("two processes are one replica"), kCloneWayOut));
}

}  // namespace

std::string_view to_text(Mode mode) { return mode == Mode::Recorded ? "recorded" : "discovered"; }

std::string to_text(const Identity& identity) {
  return fmt::format("{} (ensemble {}, replica {}, start {}, {})",
                     identity.address.empty() ? "unknown address" : identity.address,
                     identity.ensemble.known() ? quorate::to_text(identity.ensemble) : "none yet",
                     quorate::to_text(identity.replica), quorate::to_text(identity.incarnation),
                     to_text(identity.mode));
}

std::string_view to_text(Judgement judgement) {
  switch (judgement) {
    case Judgement::Same: return "same";
    case Judgement::Restarted: return "restarted";
    case Judgement::Outdated: return "outdated";
    case Judgement::Clone: return "clone";
    case Judgement::Foreign: return "foreign";
    case Judgement::Retired: return "retired";
    case Judgement::WrongMode: return "wrong mode";
  }
  CHECK(false);
  return {};
}

IdentityVerdict judge_identity(const Identity& peer, const IdentityView& view) {
  const Identity& self = view.self;
  if (peer.mode != self.mode)
    return against_peer(
        Judgement::WrongMode, ExitCode::Configuration,
        fmt::format("a master of another mode does not count: {}; here: {}. Give all masters the "
                    "same --ensemble",
                    to_text(peer), to_text(self)));
  if (peer.ensemble.known() && self.ensemble.known() && peer.ensemble != self.ensemble)
    return against_peer(
        Judgement::Foreign, ExitCode::NotMember,
        fmt::format("a master of another ensemble: {}; here: {}. Correct --zk of one of them, or, "
                    "if its disk is a leftover, move its --work_dir away",
                    to_text(peer), to_text(self)));
  if (std::find(view.retired.begin(), view.retired.end(), peer.replica) != view.retired.end())
    return against_peer(
        Judgement::Retired, ExitCode::NotMember,
        fmt::format("a replica that was removed from the ensemble: {}; here: {}. To let its host "
                    "take part again, move its --work_dir away: it asks for admission as a new one",
                    to_text(peer), to_text(self)));
  if (peer.replica == self.replica)
    return peer.incarnation == self.incarnation ? IdentityVerdict{} : double_of_self(peer, view);
  if (!view.acknowledged) return {};
  CHECK(view.acknowledged->replica == peer.replica);
  return against_acknowledged(peer, *view.acknowledged, self);
}

}  // namespace quorate::ensemble
